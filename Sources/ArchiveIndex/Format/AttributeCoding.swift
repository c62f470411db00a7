// Attribute sets in a journal: each is written out, or is that of the entry before it.

import DICOM

/// A set among the sets of one level in a batch:
///
///     varint   0: the same as that of the instance before it in the batch, the empty one for the first; else the number of
///              attributes and one
///     each attribute, ascending by tag: varint tag; VR, 2 bytes, little-endian; varint length; value
enum AttributeCoding {
    static func append(_ set: AttributeSet, after last: AttributeSet, to bytes: inout [UInt8]) {
        guard set != last else { return bytes.appendVarint(0) }
        var count: UInt64 = 0
        var coded: [UInt8] = []
        var offset = 0
        while let attribute = set.attribute(at: offset) {
            coded.appendVarint(UInt64(attribute.tag.rawValue))
            coded.appendLittleEndian(attribute.vr.rawValue)
            coded.appendPrefixed(set.bytes[attribute.value])
            offset = attribute.value.upperBound
            count += 1
        }
        bytes.appendVarint(count + 1)
        bytes += coded
    }

    /// Decodes a set; checks that tags ascend and that each VR is one.
    static func read(after last: AttributeSet, from reader: inout ByteReader) throws(IndexFault) -> AttributeSet {
        let count = try reader.count(maximum: reader.remainingBytes)
        guard count > 0 else { return last }
        var set = AttributeSet.empty
        var before: Tag?
        for _ in 0..<(count - 1) {
            let start = reader.offset
            guard let number = UInt32(exactly: try reader.varint()) else { throw reader.fault("no tag", at: start) }
            guard let vr = VR(rawValue: try reader.littleEndian(UInt16.self)) else {
                throw reader.fault("no VR", at: start)
            }
            let tag = Tag(rawValue: number)
            if let before, tag <= before { throw reader.fault("attributes are not in order", at: start) }
            before = tag
            set.append(tag, vr, reader.bytes[try reader.prefixedRange()])
        }
        return set
    }

    /// Goes behind a set without decoding it.
    static func passOver(in reader: inout ByteReader) throws(IndexFault) {
        let count = try reader.count(maximum: reader.remainingBytes)
        guard count > 1 else { return }
        for _ in 0..<(count - 1) {
            _ = try reader.varint()
            _ = try reader.range(2)
            _ = try reader.prefixedRange()
        }
    }
}
