// Keys as bytes whose order is that of what they stand for: what records are sorted by.

/// Makes a record, field by field.
struct SortKeyWriter {
    private(set) var bytes: [UInt8] = []

    /// A text before others: 00 becomes 00 01, and 00 00 ends it.
    mutating func append(_ text: [UInt8]) {
        for byte in text {
            bytes.append(byte)
            if byte == 0 { bytes.append(1) }
        }
        bytes += [0, 0]
    }

    /// An unsigned number, big-endian.
    mutating func append(_ number: UInt64) {
        for shift in stride(from: 56, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: number >> UInt64(shift)))
        }
    }

    mutating func append(_ number: Int) { append(UInt64(bitPattern: Int64(number))) }
}

/// Takes a record apart that `SortKeyWriter` made.
struct SortKeyReader {
    private let bytes: [UInt8]
    private(set) var offset = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func text() -> [UInt8] {
        var text: [UInt8] = []
        while bytes[offset] != 0 || bytes[offset + 1] != 0 {
            text.append(bytes[offset])
            offset += bytes[offset] == 0 ? 2 : 1
        }
        offset += 2
        return text
    }

    mutating func number() -> UInt64 {
        defer { offset += 8 }
        return bytes[offset..<(offset + 8)].reduce(0) { $0 << 8 | UInt64($1) }
    }

    mutating func int() -> Int { Int(Int64(bitPattern: number())) }
}
