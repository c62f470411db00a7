// Offsets from UTC (PS3.5 §6.2, DT; PS3.3 §C.12.1.1.8).

/// An offset from UTC: the `&ZZXX` of DT, and Timezone Offset From UTC (0008,0201).
package struct UTCOffset: Hashable, Sendable {
    package static let utc = UTCOffset(minutes: 0)
    /// East of Greenwich is positive.
    package let minutes: Int

    package init(minutes: Int) { self.minutes = minutes }

    /// A sign and four digits; UTC is `+0000`.
    package var text: String {
        func digits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return (minutes < 0 ? "-" : "+") + digits(abs(minutes) / 60) + digits(abs(minutes) % 60)
    }

    /// From a sign and exactly four digits, hours up to 14, minutes up to 59. Nil when it isn't that.
    package init?(stored bytes: some Sequence<UInt8>) {
        var digits = DigitReader(bytes.trimmingPadding())
        let isWest = digits.skip(0x2D)
        guard isWest || digits.skip(0x2B), let hours = digits.number(2), let minutes = digits.number(2), digits.isAtEnd,
            hours <= 14, minutes <= 59
        else { return nil }
        self.minutes = (hours * 60 + minutes) * (isWest ? -1 : 1)
    }
}
