// Texts of a page: one for all rows, or numbers between a begin and an end, or each as what differs from its neighbour.

import DICOM

/// The texts of a column in one page. The first byte says which form it has; a column without bytes has only empty texts.
///
///     0 same     the text of all rows
///     1 front    each text as what differs from its neighbour: see `FrontTexts`
///     2 decimal  prefixed begin, prefixed end, 1 byte digits d, number column. A text is begin, the number in decimal, with
///                leading zeros to d digits, end.
///     3 list     varint n, number column: which of n different texts a row has, counted from 0; then these
///                as `FrontTexts`
struct TextColumn: Sendable {
    private enum Form: Sendable {
        case same(Range<Int>)
        case front(FrontTexts)
        case decimal(begin: Range<Int>, end: Range<Int>, digits: Int, numbers: NumberColumn)
        case list(count: Int, numbers: NumberColumn, texts: FrontTexts)
    }

    private let form: Form
    static let digitsMaximum = 18

    static let empty = TextColumn()

    private init() { form = .same(0..<0) }

    /// The column takes all that `reader` has left.
    init(rows: Int, from reader: inout SpanReader) throws(PageFault) {
        switch try reader.byte() {
        case 0: form = .same(reader.rest())
        case 1: form = .front(try FrontTexts(rows: rows, from: &reader))
        case 2:
            let begin = try reader.prefixedRange()
            let end = try reader.prefixedRange()
            let digits = Int(try reader.byte())
            guard digits <= Self.digitsMaximum else { throw reader.fault("a text has no \(digits) digits") }
            form = .decimal(
                begin: begin, end: end, digits: digits, numbers: try NumberColumn(rows: rows, from: &reader))
        case 3:
            let count = try reader.count(maximum: rows)
            let numbers = try NumberColumn(rows: rows, from: &reader)
            form = .list(count: count, numbers: numbers, texts: try FrontTexts(rows: count, from: &reader))
        case let other: throw reader.fault("a text column has no form \(other)")
        }
    }

    /// The text of a row of the page, which the caller has checked to be there. At most 17 steps.
    func text(_ row: Int, in page: RawSpan) throws(PageFault) -> [UInt8] {
        var held = HeldText()
        try read(row, into: &held, in: page)
        return held.bytes
    }

    /// Appends the text of a row to other bytes.
    func append(_ row: Int, to bytes: inout [UInt8], in page: RawSpan) throws(PageFault) {
        switch form {
        case .same(let range): bytes.append(page, range)
        case .decimal(let begin, let end, let digits, let numbers):
            bytes.append(page, begin)
            try Self.append(numbers.number(row, in: page), digits, begin.lowerBound, to: &bytes)
            bytes.append(page, end)
        case .list, .front: bytes += try text(row, in: page)
        }
    }

    /// Reads the text of a row over what was read last of this column and page: going on to the next row is one step.
    func read(_ row: Int, into held: inout HeldText, in page: RawSpan) throws(PageFault) {
        switch form {
        case .same(let range):
            if held.row < 0 { held.bytes.replace(with: page, range) }
            held.row = row
        case .decimal:
            held.bytes.removeAll(keepingCapacity: true)
            try append(row, to: &held.bytes, in: page)
            held.row = row
        case .list(let count, let numbers, let texts):
            let number = numbers.number(row, in: page)
            guard number < UInt64(count) else {
                throw PageFault(offset: 0, what: "a text is none of its column's list")
            }
            var listed = HeldText()
            try texts.read(Int(number), into: &listed, in: page)
            held.bytes = listed.bytes
            held.row = row
        case .front(let texts): try texts.read(row, into: &held, in: page)
        }
    }

    private static func append(
        _ number: UInt64, _ digits: Int, _ offset: Int, to text: inout [UInt8]
    ) throws(PageFault) {
        guard number < 1_000_000_000_000_000_000 else {
            throw PageFault(offset: offset, what: "a number of a text has too many digits")
        }
        let start = text.count
        var rest = number
        repeat {
            text.append(0x30 + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        } while rest > 0
        while text.count - start < digits { text.append(0x30) }
        text[start...].reverse()
    }
}
