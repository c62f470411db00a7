// Dates (PS3.5 §6.2, DA): compared by the day they mean, whichever form they were written in.

/// A value of VR DA, as a day of the proleptic Gregorian calendar.
package struct DateValue: Hashable, Comparable, Sendable {
    /// Days since 1 January 1970.
    package let day: Int64

    /// From `yyyymmdd` or, as before 1993, `yyyy.mm.dd`; outer spaces and trailing NULs don't count. Nil when it isn't
    /// a date of the calendar.
    package init?(stored bytes: some Sequence<UInt8>) {
        var digits = DigitReader(bytes.trimmingPadding())
        guard let year = digits.number(4) else { return nil }
        let isDotted = digits.skip(0x2E)
        guard let month = digits.number(2), !isDotted || digits.skip(0x2E), let dayOfMonth = digits.number(2),
            digits.isAtEnd, (1...12).contains(month), (1...Self.days(inMonth: month, year: year)).contains(dayOfMonth)
        else { return nil }
        day = Self.day(year: year, month: month, day: dayOfMonth)
    }

    /// From text, as a stored value would be.
    package init?(_ text: String) { self.init(stored: text.utf8) }

    /// The first and the last day it may mean.
    package var interval: ClosedRange<Int64> { day...day }

    package static func < (left: DateValue, right: DateValue) -> Bool { left.day < right.day }

    /// Days of `month` (1–12) of `year`.
    static func days(inMonth month: Int, year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Days from 1 January 1970 to a date of the proleptic Gregorian calendar, years 0–9999.
    static func day(year: Int, month: Int, day: Int) -> Int64 {
        // Years begin in March here, so that the leap day is the last day of one.
        let marchYear = month > 2 ? year : year - 1
        let marchMonth = (month + 9) % 12
        let leapDays = (marchYear + 400) / 4 - (marchYear + 400) / 100 + (marchYear + 400) / 400 - 97
        return Int64(365 * marchYear + leapDays + (153 * marchMonth + 2) / 5 + day - 1 - 719_468)
    }
}
