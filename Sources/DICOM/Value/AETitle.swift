// Application Entity titles (PS3.5 §6.2, AE): checked once, at the edge.

/// An Application Entity title: 1–16 bytes of ISO 646, outer spaces not significant, case significant (PS3.5 §6.2, AE).
package struct AETitle: Hashable, Comparable, Sendable {
    package static let maximumBytes = 16
    /// Without padding.
    package let text: String

    /// Nil when nothing but spaces is given, when more than 16 bytes remain, or when one is a control character,
    /// a backslash or outside ISO 646.
    package init?(_ text: some StringProtocol) { self.init(stored: Array(text.utf8)) }

    /// From the 16 bytes of a PDU field or a stored AE value.
    package init?(stored bytes: some Sequence<UInt8>) {
        let trimmed = bytes.trimmingPadding()
        guard !trimmed.isEmpty, trimmed.count <= Self.maximumBytes,
            trimmed.allSatisfy({ (0x20...0x7E).contains($0) && $0 != 0x5C })
        else { return nil }
        text = String(decoding: trimmed, as: UTF8.self)
    }

    /// The field of an A-ASSOCIATE PDU: 16 bytes, space-padded (PS3.8 §9.3.2).
    package var padded: [UInt8] {
        Array(text.utf8) + [UInt8](repeating: 0x20, count: Self.maximumBytes - text.utf8.count)
    }

    package static func < (left: AETitle, right: AETitle) -> Bool {
        left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
    }
}

extension AETitle: CustomStringConvertible {
    package var description: String { text }
}
