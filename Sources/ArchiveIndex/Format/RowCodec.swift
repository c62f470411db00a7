// Rows as bytes: each row is what differs from the row before. One codec serves every table of a run.

/// Codes rows of one table, one page after the other.
///
/// A row: flags, a bit for each column in the order numbers, texts, attributes, the lowest bit of the first byte first,
/// set where the column differs from the row before (before a page's first row: zero and empty); then of each set column:
///
///     number      zigzag varint of the difference, modulo 2^64
///     text        varint prefix kept, varint suffix kept, varint middle length, middle
///     attributes  operations, see `AttributeCoding`
struct RowEncoder {
    private let flagBytes: Int
    private var previous: Row
    private let empty: Row

    init(_ table: Table) {
        empty = Row(table)
        previous = empty
        flagBytes = RowCoding.flagBytes(table)
    }

    mutating func startPage() { previous = empty }

    mutating func append(_ row: Row, to bytes: inout [UInt8]) {
        let flagsAt = bytes.count
        for _ in 0..<flagBytes { bytes.append(0) }
        var column = 0
        for index in row.numbers.indices {
            if row.numbers[index] != previous.numbers[index] {
                bytes[flagsAt + column >> 3] |= 1 << UInt8(column & 7)
                bytes.appendVarint(zigzag(Int64(bitPattern: row.numbers[index] &- previous.numbers[index])))
            }
            column += 1
        }
        for index in row.texts.indices {
            if row.texts[index] != previous.texts[index] {
                bytes[flagsAt + column >> 3] |= 1 << UInt8(column & 7)
                RowCoding.append(row.texts[index], after: previous.texts[index], to: &bytes)
            }
            column += 1
        }
        if row.attributes != previous.attributes {
            bytes[flagsAt + column >> 3] |= 1 << UInt8(column & 7)
            AttributeCoding.append(row.attributes, after: previous.attributes, to: &bytes)
        }
        previous = row
    }
}

/// Decodes what `RowEncoder` made. `row` is the last row decoded.
struct RowDecoder {
    private let flagBytes: Int
    private let columns: Int
    private let hasAttributes: Bool
    private(set) var row: Row
    /// The set of the row before: its memory takes the next one.
    private var spare = AttributeSet.empty

    init(_ table: Table) {
        row = Row(table)
        flagBytes = RowCoding.flagBytes(table)
        hasAttributes = table.shape.hasAttributes
        columns = row.numbers.count + row.texts.count + (hasAttributes ? 1 : 0)
    }

    mutating func next(from reader: inout ByteReader) throws(IndexFault) {
        var flags: UInt32 = 0
        for index in 0..<flagBytes { flags |= UInt32(try reader.byte()) << UInt32(8 * index) }
        guard flags >> UInt32(columns) == 0 else { throw reader.fault("a row has flags of columns that aren't there") }
        for index in row.numbers.indices {
            if flags & 1 == 1 {
                let difference = unzigzag(try reader.varint())
                row.numbers[index] = row.numbers[index] &+ UInt64(bitPattern: difference)
            }
            flags >>= 1
        }
        for index in row.texts.indices {
            if flags & 1 == 1 { try RowCoding.read(&row.texts[index], from: &reader) }
            flags >>= 1
        }
        if flags & 1 == 1 {
            try AttributeCoding.read(into: &spare, after: row.attributes, from: &reader)
            swap(&spare, &row.attributes)
        }
    }
}

enum RowCoding {
    static func flagBytes(_ table: Table) -> Int {
        let shape = table.shape
        return (shape.numbers.count + shape.texts.count + (shape.hasAttributes ? 1 : 0) + 7) / 8
    }

    /// What `new` shares with `old` at its begin and end.
    static func shared(
        _ new: some RandomAccessCollection<UInt8>, _ old: some RandomAccessCollection<UInt8>
    ) -> (prefix: Int, suffix: Int) {
        let limit = min(new.count, old.count)
        var prefix = 0
        var left = new.startIndex
        var right = old.startIndex
        while prefix < limit, new[left] == old[right] {
            prefix += 1
            new.formIndex(after: &left)
            old.formIndex(after: &right)
        }
        var suffix = 0
        left = new.endIndex
        right = old.endIndex
        while suffix < limit - prefix {
            new.formIndex(before: &left)
            old.formIndex(before: &right)
            if new[left] != old[right] { break }
            suffix += 1
        }
        return (prefix, suffix)
    }

    static func append(_ new: [UInt8], after old: [UInt8], to bytes: inout [UInt8]) {
        let (prefix, suffix) = shared(new, old)
        bytes.appendVarint(UInt64(prefix))
        bytes.appendVarint(UInt64(suffix))
        bytes.appendPrefixed(new[prefix..<(new.count - suffix)])
    }

    static func read(_ text: inout [UInt8], from reader: inout ByteReader) throws(IndexFault) {
        let prefix = try reader.count(maximum: text.count)
        let suffix = try reader.count(maximum: text.count - prefix)
        let length = try reader.count(maximum: reader.remainingBytes)
        let middle = try reader.range(length)
        text.replaceSubrange(prefix..<(text.count - suffix), with: reader.bytes[middle])
    }
}
