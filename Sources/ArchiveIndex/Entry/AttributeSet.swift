// The attributes of one level as an instance was sent with them: one buffer of bytes, compared and hashed as a whole.

import DICOM

/// Held attributes of one level, ascending by tag, in canonical bytes: equal sets have equal bytes.
///
///     offset  size  field of each attribute, little-endian
///          0     4  tag        group in the high 16 bits
///          4     2  VR         its two characters, the first in the high byte
///          6     4  length     bytes of value
///         10     n  value      text without trailing padding; numbers little-endian; sequences as Explicit VR LE items
package struct AttributeSet: Hashable, Sendable {
    package static let headBytes = 10
    /// A longer value isn't held: it is no key anybody asks for.
    package static let valueMaximumBytes = 1 << 16

    /// The canonical bytes.
    package private(set) var bytes: [UInt8]

    package static let empty = AttributeSet(canonical: [])

    /// From bytes that this type made or that were checked.
    init(canonical bytes: [UInt8]) { self.bytes = bytes }

    /// One attribute: where it stands in `bytes`.
    package struct Attribute: Equatable, Sendable {
        package let tag: Tag
        package let vr: VR
        /// Where its value stands in `bytes`.
        package let value: Range<Int>
    }

    /// The attribute whose head is at `offset`; nil at the end.
    func attribute(at offset: Int) -> Attribute? {
        guard offset >= 0, bytes.count - offset >= Self.headBytes else { return nil }
        let tag = Tag(rawValue: word(at: offset))
        let code = UInt16(bytes[offset + 4]) | UInt16(bytes[offset + 5]) << 8
        let length = Int(word(at: offset + 6))
        let start = offset + Self.headBytes
        guard let vr = VR(rawValue: code), length <= bytes.count - start else { return nil }
        return Attribute(tag: tag, vr: vr, value: start..<(start + length))
    }

    private func word(at offset: Int) -> UInt32 {
        UInt32(bytes[offset]) | UInt32(bytes[offset + 1]) << 8 | UInt32(bytes[offset + 2]) << 16
            | UInt32(bytes[offset + 3]) << 24
    }

    /// The value of `tag`; nil when the instance didn't have the attribute. O(n), allocates nothing.
    package func value(_ tag: Tag) -> (vr: VR, bytes: ArraySlice<UInt8>)? {
        var offset = 0
        while let attribute = attribute(at: offset), attribute.tag <= tag {
            if attribute.tag == tag { return (attribute.vr, bytes[attribute.value]) }
            offset = attribute.value.upperBound
        }
        return nil
    }

    /// The stored value of Specific Character Set (0008,0005) that governs this set; nil when there is none.
    package var characterSet: ArraySlice<UInt8>? { value(.specificCharacterSet)?.bytes }

    /// Appends an attribute behind all others.
    mutating func append(_ tag: Tag, _ vr: VR, _ value: some Collection<UInt8>) {
        appendHead(tag, vr, length: value.count)
        bytes.append(contentsOf: value)
    }

    /// The same with a value that `write` appends to the bytes.
    mutating func append<Fault: Error>(
        _ tag: Tag, _ vr: VR, _ write: (inout [UInt8]) throws(Fault) -> Void
    ) throws(Fault) {
        appendHead(tag, vr, length: 0)
        let start = bytes.count
        try write(&bytes)
        let length = bytes.count - start
        for index in 0..<4 { bytes[start - 4 + index] = UInt8(truncatingIfNeeded: length >> (8 * index)) }
    }

    private mutating func appendHead(_ tag: Tag, _ vr: VR, length: Int) {
        bytes.appendLittleEndian(tag.rawValue)
        bytes.appendLittleEndian(vr.rawValue)
        bytes.appendLittleEndian(UInt32(length))
    }

    package static func < (left: AttributeSet, right: AttributeSet) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }
}
