// Times of day (PS3.5 §6.2, TM): an instant of less than full precision is the interval it may mean.

/// A value of VR TM: microseconds from midnight, no zone.
package struct TimeValue: Hashable, Sendable {
    package static let microsecondsPerDay: Int64 = 86_400_000_000

    /// The first and the last microsecond of the day that it may mean: `1800` is 18:00:00.000000 to 18:00:59.999999.
    package let interval: ClosedRange<Int64>
    package let precision: TemporalPrecision

    /// From `hh[mm[ss[.ffffff]]]` or, as before 1993, `hh:mm[:ss[.frac]]`; outer spaces and trailing NULs don't count.
    /// Second 60 counts as the last microsecond of its minute. Nil when it isn't a time of day.
    package init?(stored bytes: some Sequence<UInt8>) {
        var digits = DigitReader(bytes.trimmingPadding())
        self.init(&digits, allowsColons: true)
        guard digits.isAtEnd else { return nil }
    }

    /// From text, as a stored value would be.
    package init?(_ text: String) { self.init(stored: text.utf8) }

    /// Takes the time at the front of `digits`; nil when there is none.
    init?(_ digits: inout DigitReader, allowsColons: Bool) {
        guard let hour = digits.number(2), hour < 24 else { return nil }
        let hasColons = allowsColons && digits.skip(0x3A)
        var start = Int64(hour) * 3_600_000_000
        guard hasColons || digits.isAtDigit else {
            self.init(start, 3_600_000_000, .hour)
            return
        }
        guard let minute = digits.number(2), minute < 60 else { return nil }
        start += Int64(minute) * 60_000_000
        guard hasColons ? digits.skip(0x3A) : digits.isAtDigit else {
            self.init(start, 60_000_000, .minute)
            return
        }
        guard let second = digits.number(2), second <= 60 else { return nil }
        start += Int64(second) * 1_000_000
        var unit: Int64 = 1_000_000
        var hasFraction = false
        if digits.skip(0x2E) {
            while let digit = digits.number(1) {
                hasFraction = true
                unit /= 10
                // Digits past the microsecond are there in files and say nothing more.
                start += Int64(digit) * unit
            }
        }
        if second == 60 {
            self.init(Int64(hour * 60 + minute + 1) * 60_000_000 - 1, 1, .second)
        } else {
            self.init(start, max(unit, 1), hasFraction ? .fraction : .second)
        }
    }

    private init(_ start: Int64, _ unit: Int64, _ precision: TemporalPrecision) {
        interval = start...(start + unit - 1)
        self.precision = precision
    }
}
