// The head of one data element: tag, VR and length, in any encoding (PS3.5 §7.1).

/// Where an element stands and what it is. Offsets count from the start of the span it was read from.
package struct ElementHeader: Equatable, Sendable {
    package let tag: Tag
    /// As written; in Implicit VR the dictionary's.
    package let vr: VR
    /// Where the tag begins, and where the Value Field does.
    package let headerOffset: Int
    package let valueOffset: Int
    /// Bytes of the Value Field; nil when the length is undefined (FFFFFFFFH).
    package let length: Int?

    /// Items and delimiters have no VR and the same form in all encodings (PS3.5 §7.5).
    package var isItem: Bool { tag == .item }
    package var isDelimiter: Bool { tag == .itemDelimitationItem || tag == .sequenceDelimitationItem }
}

extension ElementHeader {
    /// Reads the header at `offset`. O(1), O(log n) for the dictionary in Implicit VR; allocates nothing.
    ///
    /// Files in Explicit VR hold mistakes that are read as they were meant: two bytes that are no letters are the low half
    /// of an Implicit VR length; unknown letters are a VR of the future, with a 32-bit length (PS3.5 §7.1.2).
    ///
    /// - Throws: `.truncated` when the header would pass the end. The value may pass it: that is the caller's to check.
    @inline(__always)
    package init(in set: RawSpan, at offset: Int, as encoding: Encoding) throws(DecodingFault) {
        let isBig = encoding.byteOrder == .big
        let group = isBig ? try set.bigEndian(UInt16.self, at: offset) : try set.littleEndian(UInt16.self, at: offset)
        let element =
            isBig ? try set.bigEndian(UInt16.self, at: offset + 2) : try set.littleEndian(UInt16.self, at: offset + 2)
        let tag = Tag(group, element)
        var vr = VR.UN
        var valueOffset = offset + 8
        let raw: UInt32
        if encoding.isExplicitVR, group != 0xFFFE {
            let first = try set.littleEndian(UInt8.self, at: offset + 4)
            let second = try set.littleEndian(UInt8.self, at: offset + 5)
            if let known = VR(first, second) {
                vr = known
                if known.hasLongLength {
                    raw = try Self.long(in: set, at: offset + 8, isBig)
                    valueOffset = offset + 12
                } else {
                    raw = UInt32(
                        isBig
                            ? try set.bigEndian(UInt16.self, at: offset + 6)
                            : try set.littleEndian(UInt16.self, at: offset + 6))
                }
            } else if Self.isCapital(first), Self.isCapital(second) {
                raw = try Self.long(in: set, at: offset + 8, isBig)
                valueOffset = offset + 12
            } else {
                vr = DataDictionary.vr(of: tag)
                raw = try Self.long(in: set, at: offset + 4, isBig)
            }
        } else {
            if group != 0xFFFE { vr = DataDictionary.vr(of: tag) }
            raw = try Self.long(in: set, at: offset + 4, isBig)
        }
        self.tag = tag
        self.vr = vr
        headerOffset = offset
        self.valueOffset = valueOffset
        length = raw == .max ? nil : Int(raw)
    }

    private static func long(in set: RawSpan, at offset: Int, _ isBig: Bool) throws(DecodingFault) -> UInt32 {
        isBig ? try set.bigEndian(UInt32.self, at: offset) : try set.littleEndian(UInt32.self, at: offset)
    }

    private static func isCapital(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte) }
}
