// Reads fields one behind the other from bytes of the index: nothing is trusted, and a fault says where.

/// A position in bytes that were read from a file.
struct ByteReader {
    let bytes: [UInt8]
    private(set) var offset: Int
    let end: Int
    /// The file, and where `bytes` begin in it.
    let file: String
    let base: Int

    init(_ bytes: [UInt8], from start: Int = 0, to end: Int? = nil, file: String, base: Int = 0) {
        self.bytes = bytes
        offset = start
        self.end = min(end ?? bytes.count, bytes.count)
        self.file = file
        self.base = base
    }

    var isAtEnd: Bool { offset >= end }
    var remainingBytes: Int { max(0, end - offset) }

    func fault(_ what: String, at position: Int? = nil) -> IndexFault {
        .damaged(file: file, byte: base + (position ?? offset), what: what)
    }

    @inline(__always)
    mutating func byte() throws(IndexFault) -> UInt8 {
        guard offset < end else { throw fault("it ends too early") }
        let byte = bytes[offset]
        offset += 1
        return byte
    }

    /// The next `count` bytes as a range of `bytes`.
    @inline(__always)
    mutating func range(_ count: Int) throws(IndexFault) -> Range<Int> {
        guard count >= 0, count <= end - offset else { throw fault("it ends too early") }
        defer { offset += count }
        return offset..<(offset + count)
    }

    mutating func array(_ count: Int) throws(IndexFault) -> [UInt8] { Array(bytes[try range(count)]) }

    /// An unsigned number, 7 bits a byte, the lowest first; the last byte has its high bit clear.
    @inline(__always)
    mutating func varint() throws(IndexFault) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let next = try byte()
            if shift == 63, next > 1 { throw fault("a number is too large", at: offset - 1) }
            value |= UInt64(next & 0x7F) << shift
            if next < 0x80 { return value }
            shift += 7
            if shift > 63 { throw fault("a number is too long", at: offset - 1) }
        }
    }

    /// A varint that counts bytes or rows, at most `maximum`.
    mutating func count(maximum: Int) throws(IndexFault) -> Int {
        let start = offset
        let value = try varint()
        guard value <= UInt64(maximum) else { throw fault("\(value) is more than there can be", at: start) }
        return Int(value)
    }

    /// A varint and as many bytes, as a range of `bytes`.
    mutating func prefixedRange() throws(IndexFault) -> Range<Int> {
        let length = try count(maximum: remainingBytes)
        return try range(length)
    }

    /// A varint and as many bytes.
    mutating func prefixedArray() throws(IndexFault) -> [UInt8] {
        let length = try count(maximum: remainingBytes)
        return try array(length)
    }

    mutating func littleEndian<T: FixedWidthInteger & UnsignedInteger>(_ type: T.Type) throws(IndexFault) -> T {
        let range = try range(T.bitWidth / 8)
        var value: T = 0
        for index in range.reversed() { value = value << 8 | T(bytes[index]) }
        return value
    }
}

extension [UInt8] {
    @inline(__always)
    mutating func appendVarint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        append(UInt8(truncatingIfNeeded: rest))
    }

    mutating func appendPrefixed(_ bytes: some Collection<UInt8>) {
        appendVarint(UInt64(bytes.count))
        append(contentsOf: bytes)
    }

    mutating func appendLittleEndian<T: FixedWidthInteger & UnsignedInteger>(_ value: T) {
        for shift in stride(from: 0, to: T.bitWidth, by: 8) { append(UInt8(truncatingIfNeeded: value >> T(shift))) }
    }
}

/// A signed number as an unsigned one that is small when it is near 0.
@inline(__always)
func zigzag(_ value: Int64) -> UInt64 { UInt64(bitPattern: (value << 1) ^ (value >> 63)) }

@inline(__always)
func unzigzag(_ value: UInt64) -> Int64 { Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1) }
