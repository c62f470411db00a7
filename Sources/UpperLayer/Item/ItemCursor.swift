// The items inside A-ASSOCIATE PDUs (PS3.8 §9.3.2): each a type, a length and a body; unknown ones are skipped.

import DICOM

/// Walks the items of one level. Each body is a span of its own, so that nothing inside reads past its item.
///
///     offset  size  field
///          0     1  item type
///          1     1  reserved, not tested
///          2     2  length of the body, big-endian
///          4     n  body
struct ItemCursor: ~Escapable {
    static let headerBytes = 4
    private let items: RawSpan
    private var offset: Int

    @_lifetime(copy items)
    init(_ items: RawSpan, from offset: Int = 0) {
        self.items = items
        self.offset = offset
    }

    /// The type of the next item and where its body is; nil at the end.
    mutating func next() throws(DecodingFault) -> (type: UInt8, body: Range<Int>)? {
        guard offset < items.byteCount else { return nil }
        let type = try items.bigEndian(UInt8.self, at: offset)
        let length = Int(try items.bigEndian(UInt16.self, at: offset + 2))
        let start = offset + Self.headerBytes
        guard length <= items.byteCount - start else {
            throw .truncated(offset: start, neededBytes: length, availableBytes: items.byteCount - start)
        }
        offset = start + length
        return (type, start..<offset)
    }
}

extension UID {
    /// A UID field of a PDU: unpadded by the standard, NUL- or space-padded by some peers, which is tolerated.
    init(decoding body: RawSpan, subject: String) throws(DecodingFault) {
        guard let uid = UID(stored: [UInt8](copying: body)) else {
            throw .invalid(subject, value: UInt64(body.byteCount), offset: 0)
        }
        self = uid
    }
}

extension [UInt8] {
    /// Appends a number big-endian, as all numbers of PDUs are (PS3.8 §9.3.1).
    mutating func append(bigEndian value: UInt16) {
        append(UInt8(value >> 8))
        append(UInt8(truncatingIfNeeded: value))
    }

    /// Appends a number big-endian.
    mutating func append(bigEndian value: UInt32) {
        append(bigEndian: UInt16(value >> 16))
        append(bigEndian: UInt16(truncatingIfNeeded: value))
    }

    /// Appends an item with the body that `body` appends. A body over 65,535 bytes is our own mistake and traps.
    mutating func appendItem(_ type: UInt8, _ body: (inout [UInt8]) -> Void) {
        append(type)
        append(0)
        let lengthOffset = count
        append(bigEndian: UInt16(0))
        body(&self)
        let length = count - lengthOffset - 2
        precondition(length <= Int(UInt16.max), "item longer than its length field can say")
        self[lengthOffset] = UInt8(length >> 8)
        self[lengthOffset + 1] = UInt8(truncatingIfNeeded: length)
    }

    /// Appends a 2-byte length and the bytes: how sub-fields of user items are coded.
    mutating func append(counted bytes: [UInt8]) {
        append(bigEndian: UInt16(bytes.count))
        self += bytes
    }
}
