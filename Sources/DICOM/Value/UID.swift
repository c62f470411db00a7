// Unique identifiers (PS3.5 §9): compared by their bytes without padding, as they stand in files, faults included.

/// A UID without padding (PS3.5 §9.1): 1–64 characters. Order is byte order.
///
/// Files hold UIDs that break the rules (leading zeros, letters): `init(stored:)` keeps them, `isValid` judges.
package struct UID: Hashable, Comparable, Sendable {
    package static let maximumBytes = 64
    /// The characters, without padding.
    package let text: String

    /// From a stored value: trailing NULs and outer spaces removed. Nil when nothing is left, when it is longer than
    /// 64 bytes, or when a byte is no printable character of ISO 646 or a backslash.
    package init?(stored bytes: some Sequence<UInt8>) {
        let trimmed = bytes.trimmingPadding()
        guard !trimmed.isEmpty, trimmed.count <= Self.maximumBytes,
            trimmed.allSatisfy({ (0x21...0x7E).contains($0) && $0 != 0x5C })
        else { return nil }
        text = String(decoding: trimmed, as: UTF8.self)
    }

    /// From text, as a stored value would be.
    package init?(_ text: some StringProtocol) { self.init(stored: Array(text.utf8)) }

    /// From a literal in our own source; traps when it is no UID.
    package init(literal text: StaticString) {
        guard let uid = UID(text.description) else { preconditionFailure("not a UID: \(text)") }
        self = uid
    }

    /// The characters as bytes, without padding.
    package var bytes: [UInt8] { Array(text.utf8) }

    /// Digits and single dots, no leading zero in a component (PS3.5 §9.1).
    package var isValid: Bool {
        text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { component in
            !component.isEmpty && component.utf8.allSatisfy { (0x30...0x39).contains($0) }
                && (component.utf8.count == 1 || component.utf8.first != 0x30)
        }
    }

    package static func < (left: UID, right: UID) -> Bool {
        left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
    }
}

extension UID: CustomStringConvertible {
    package var description: String { text }
}
