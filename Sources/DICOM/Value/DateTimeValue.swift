// Date-times (PS3.5 §6.2, DT): of any precision from the year on, with or without an offset from UTC.

/// A value of VR DT.
package struct DateTimeValue: Hashable, Sendable {
    /// The first and the last microsecond it may mean, by its own clock, since 1970-01-01 00:00:00 of that clock.
    package let localInterval: ClosedRange<Int64>
    package let precision: TemporalPrecision
    /// Its `&ZZXX`; nil when it has none.
    package let offset: UTCOffset?

    /// From `yyyy[mm[dd[hh[mm[ss[.ffffff]]]]]][&ZZXX]`; outer spaces and trailing NULs don't count. Nil when it isn't a
    /// date-time.
    package init?(stored bytes: some Sequence<UInt8>) {
        let text = bytes.trimmingPadding()
        // A sign can only stand before the four digits of an offset.
        let suffix = text.suffix(5)
        let hasOffset = suffix.first == 0x2B || suffix.first == 0x2D
        if hasOffset {
            guard let offset = UTCOffset(stored: suffix) else { return nil }
            self.offset = offset
        } else {
            offset = nil
        }
        var digits = DigitReader(hasOffset ? text.dropLast(5) : text)
        guard let (interval, precision) = Self.clock(&digits), digits.isAtEnd else { return nil }
        localInterval = interval
        self.precision = precision
    }

    /// From text, as a stored value would be.
    package init?(_ text: String) { self.init(stored: text.utf8) }

    /// The first and the last microsecond since 1970-01-01 00:00:00 UTC that it may mean; without an offset of its own
    /// it is read with `assumed`: the data set's Timezone Offset From UTC (0008,0201), or the local one.
    package func interval(assuming assumed: UTCOffset) -> ClosedRange<Int64> {
        let shift = Int64((offset ?? assumed).minutes) * 60_000_000
        return (localInterval.lowerBound - shift)...(localInterval.upperBound - shift)
    }

    private static func clock(_ digits: inout DigitReader) -> (ClosedRange<Int64>, TemporalPrecision)? {
        guard let year = digits.number(4) else { return nil }
        guard digits.isAtDigit else {
            return (days(year, 1, 1, to: year, 12, 31), .year)
        }
        guard let month = digits.number(2), (1...12).contains(month) else { return nil }
        let lastDay = DateValue.days(inMonth: month, year: year)
        guard digits.isAtDigit else {
            return (days(year, month, 1, to: year, month, lastDay), .month)
        }
        guard let day = digits.number(2), (1...lastDay).contains(day) else { return nil }
        let whole = days(year, month, day, to: year, month, day)
        guard digits.isAtDigit else { return (whole, .day) }
        guard let time = TimeValue(&digits, allowsColons: false) else { return nil }
        let midnight = whole.lowerBound
        return ((midnight + time.interval.lowerBound)...(midnight + time.interval.upperBound), time.precision)
    }

    private static func days(
        _ year: Int, _ month: Int, _ day: Int, to lastYear: Int, _ lastMonth: Int, _ lastDay: Int
    ) -> ClosedRange<Int64> {
        let first = DateValue.day(year: year, month: month, day: day)
        let last = DateValue.day(year: lastYear, month: lastMonth, day: lastDay)
        return (first * TimeValue.microsecondsPerDay)...((last + 1) * TimeValue.microsecondsPerDay - 1)
    }
}
