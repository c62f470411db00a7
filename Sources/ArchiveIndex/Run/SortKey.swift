// Keys as bytes whose order is that of what they stand for: what records are sorted by.

/// Makes a record, field by field.
struct SortKeyWriter {
    private(set) var bytes: [UInt8] = []

    /// - Parameter capacity: about how many bytes come.
    init(capacity: Int = 64) { bytes.reserveCapacity(capacity) }

    /// A text before others: 00 becomes 00 01, and 00 00 ends it.
    mutating func append(_ text: [UInt8]) {
        if text.contains(0) {
            for byte in text {
                bytes.append(byte)
                if byte == 0 { bytes.append(1) }
            }
        } else {
            bytes += text
        }
        bytes.append(0)
        bytes.append(0)
    }

    /// An unsigned number, big-endian.
    mutating func append(_ number: UInt64) { bytes.appendLittleEndian(number.byteSwapped) }

    mutating func append(_ number: Int) { append(UInt64(bitPattern: Int64(number))) }
}

/// Takes a record apart that `SortKeyWriter` made.
struct SortKeyReader {
    private let bytes: [UInt8]
    private(set) var offset = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func text() -> [UInt8] {
        var text: [UInt8] = []
        while true {
            var end = offset
            while bytes[end] != 0 { end += 1 }
            text += bytes[offset..<end]
            offset = end + 2
            if bytes[end + 1] == 0 { return text }
            text.append(0)
        }
    }

    mutating func number() -> UInt64 {
        var number: UInt64 = 0
        for index in offset..<(offset + 8) { number = number << 8 | UInt64(bytes[index]) }
        offset += 8
        return number
    }

    mutating func int() -> Int { Int(Int64(bitPattern: number())) }
}
