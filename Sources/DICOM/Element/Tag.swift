// A data element's tag: group and element number (PS3.5 §7.1.1). Named tags are generated: Dictionary/Generated.

/// A data element tag (PS3.5 §7.1.1): group in the high 16 bits, element in the low, so that order is the standard's order.
@usableFromInline
package struct Tag: Hashable, Comparable, Sendable, BitwiseCopyable {
    @inlinable package var rawValue: UInt32 { bits }
    @usableFromInline let bits: UInt32

    @inlinable
    package init(rawValue: UInt32) { bits = rawValue }

    @inlinable
    package init(_ group: UInt16, _ element: UInt16) { bits = UInt32(group) << 16 | UInt32(element) }

    @inlinable package var group: UInt16 { UInt16(truncatingIfNeeded: rawValue >> 16) }
    @inlinable package var element: UInt16 { UInt16(truncatingIfNeeded: rawValue) }

    /// Odd groups belong to implementers (PS3.5 §7.8).
    @inlinable package var isPrivate: Bool { group & 1 == 1 }
    /// Element 0000 of a group: the retired length of the group, or of the command set or file meta.
    @inlinable package var isGroupLength: Bool { element == 0 }

    @inlinable
    package static func < (left: Tag, right: Tag) -> Bool { left.rawValue < right.rawValue }
}

extension Tag: CustomStringConvertible {
    /// As the standard writes it: (gggg,eeee).
    @usableFromInline
    package var description: String {
        let group = hexadecimal(self.group).dropLast()
        let element = hexadecimal(self.element).dropLast()
        return "(\(group),\(element))"
    }
}
