// Single values and ranges of dates and times in keys (PS3.4 §C.2.2.2.1, §C.2.2.2.5): integers in the end.

/// What a key of VR DA, TM or DT asks for: days, microseconds of a day, or microseconds since 1970 UTC.
package struct ValueRange: Hashable, Sendable {
    /// Nil: from the beginning.
    package let earliest: Int64?
    /// Nil: to the end.
    package let latest: Int64?
    /// The key had a `-` that separates values.
    package let isRange: Bool

    /// A range of given ends.
    package init(earliest: Int64?, latest: Int64?, isRange: Bool) {
        self.earliest = earliest
        self.latest = latest
        self.isRange = isRange
    }

    /// Ends in the wrong order, such as a range of times over midnight: nothing matches.
    package var isEmpty: Bool {
        guard let earliest, let latest else { return false }
        return earliest > latest
    }

    /// A stored value that may mean any instant of `stored` may lie in the range.
    package func matches(_ stored: ClosedRange<Int64>) -> Bool {
        !isEmpty && stored.upperBound >= earliest ?? .min && stored.lowerBound <= latest ?? .max
    }

    /// A DA key: `d`, `d-d`, `d-`, `-d`. Nil when it is none of these (nor is the universal key, which is the
    /// caller's).
    package static func dates(_ key: some Sequence<UInt8>) -> ValueRange? {
        separated(key) { DateValue(stored: $0)?.interval }
    }

    /// A TM key: `t`, `t-t`, `t-`, `-t`; `1000-1800` ends at 18:00:59.999999. Nil when it is none of these.
    package static func times(_ key: some Sequence<UInt8>) -> ValueRange? {
        separated(key) { TimeValue(stored: $0)?.interval }
    }

    /// A DT key: `t`, `t-t`, `t-`, `-t`, where each `t` may end in an offset. Nil when it is none of these.
    ///
    /// A `-` may separate or belong to an offset. The first reading as a range whose ends are valid and ordered holds;
    /// then that as one value; then a range that matches nothing.
    package static func dateTimes(_ key: some Sequence<UInt8>, assuming offset: UTCOffset) -> ValueRange? {
        let text = key.trimmingPadding()
        func interval(_ part: ArraySlice<UInt8>) -> ClosedRange<Int64>? {
            DateTimeValue(stored: part)?.interval(assuming: offset)
        }
        var disordered: ValueRange?
        // A valid key has at most three: two offsets and the separator.
        for separator in text.indices.filter({ text[$0] == 0x2D }).prefix(4) {
            guard let range = split(text, at: separator, interval) else { continue }
            guard range.isEmpty else { return range }
            disordered = disordered ?? range
        }
        guard let single = interval(text) else { return disordered }
        return ValueRange(earliest: single.lowerBound, latest: single.upperBound, isRange: false)
    }

    private static func separated(
        _ key: some Sequence<UInt8>, _ interval: (ArraySlice<UInt8>) -> ClosedRange<Int64>?
    ) -> ValueRange? {
        let text = key.trimmingPadding()
        if let separator = text.firstIndex(of: 0x2D) { return split(text, at: separator, interval) }
        return interval(text).map { ValueRange(earliest: $0.lowerBound, latest: $0.upperBound, isRange: false) }
    }

    /// Nil when an end is not valid, or both are empty.
    private static func split(
        _ text: ArraySlice<UInt8>, at separator: Int, _ interval: (ArraySlice<UInt8>) -> ClosedRange<Int64>?
    ) -> ValueRange? {
        let before = text[..<separator].trimmingPadding()
        let after = text[(separator + 1)...].trimmingPadding()
        guard !before.isEmpty || !after.isEmpty else { return nil }
        let first = interval(before)
        let last = interval(after)
        guard before.isEmpty || first != nil, after.isEmpty || last != nil else { return nil }
        return ValueRange(earliest: first?.lowerBound, latest: last?.upperBound, isRange: true)
    }
}
