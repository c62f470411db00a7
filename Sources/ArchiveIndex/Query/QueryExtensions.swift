// What a requester and we agree on beyond baseline queries: the bytes of SOP Class Extended Negotiation (PS3.4 §C.5.1.1).

/// Extensions of C-FIND, each a byte of the negotiation in the order of their raw values. Those that are agreed on hold for all
/// queries of the association in that SOP class.
package struct QueryExtensions: OptionSet, Hashable, Sendable {
    package let rawValue: Int
    package init(rawValue: Int) { self.rawValue = rawValue }

    /// Any combination of keys at any level.
    package static let relationalQueries = QueryExtensions(rawValue: 1 << 0)
    /// A range of dates and one of times are one range from the first date and time to the last.
    package static let combinedDateTime = QueryExtensions(rawValue: 1 << 1)
    /// Names are compared word by word, in any order, without accents.
    package static let fuzzyNames = QueryExtensions(rawValue: 1 << 2)
    /// Timezone Offset From UTC (0008,0201) adjusts dates and times.
    package static let timezoneAdjustment = QueryExtensions(rawValue: 1 << 3)
    /// Query/Retrieve View (0008,0053): classic images for enhanced ones and the other way round.
    package static let enhancedMultiFrameConversion = QueryExtensions(rawValue: 1 << 4)
    /// A key of two quotation marks matches what is absent or empty (PS3.4 §C.2.2.2.7).
    package static let emptyValue = QueryExtensions(rawValue: 1 << 5)
    /// Of a key with several values all must be there (PS3.4 §C.2.2.2.8).
    package static let multipleValues = QueryExtensions(rawValue: 1 << 6)

    package static let byteCount = 7

    /// As many as there are; a byte that isn't there is 0, and more than there are mean nothing.
    package init(bytes: some Sequence<UInt8>) {
        var value = 0
        for (index, byte) in bytes.prefix(Self.byteCount).enumerated() where byte == 1 { value |= 1 << index }
        self.init(rawValue: value)
    }

    /// The first `count` bytes.
    package func bytes(count: Int) -> [UInt8] {
        (0..<min(count, Self.byteCount)).map { rawValue & (1 << $0) != 0 ? 1 : 0 }
    }
}
