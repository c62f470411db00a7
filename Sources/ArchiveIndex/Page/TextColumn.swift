// Texts of a page: one for all rows, or numbers between a begin and an end, or each as what differs from its neighbour.

import DICOM

/// The text of a column that was read last.
struct HeldText: Sendable {
    fileprivate(set) var bytes: [UInt8] = []
    /// Whose text it is; none yet.
    fileprivate(set) var row = -1
    /// Behind its middle.
    fileprivate var end: UInt64 = 0
}

/// The texts of a column in one page. The first byte says which form it has; a column without bytes has only empty texts.
///
///     0 same     the text of all rows
///     1 front    number columns: prefix p, suffix s, middle length m of each row; where the middle of each 16th row begins in
///                what follows; then the middles. A text is the first p bytes of another, its middle, the last s bytes of the
///                other: the row before it; of each 16th row the page's first one; of the first row the empty text.
///     2 decimal  prefixed begin, prefixed end, 1 byte digits d, number column. A text is begin, the number in decimal, with
///                leading zeros to d digits, end.
///     3 list     varint n, number column: which of n different texts a row has, counted from 0; then a text column of these
struct TextColumn: Sendable {
    private enum Form: Sendable {
        case same(Range<Int>)
        case front(
            prefixes: NumberColumn, suffixes: NumberColumn, lengths: NumberColumn, starts: NumberColumn,
            middles: Range<Int>)
        case decimal(begin: Range<Int>, end: Range<Int>, digits: Int, numbers: NumberColumn)
        indirect case list(count: Int, numbers: NumberColumn, texts: TextColumn)
    }

    private let form: Form
    /// Rows that can be read without those between them and the first.
    static let groupRows = 16
    static let digitsMaximum = 18

    static let empty = TextColumn()

    private init() { form = .same(0..<0) }

    /// The column takes all that `reader` has left.
    ///
    /// - Parameter isListed: it has the texts of a list, and no list of its own.
    init(rows: Int, from reader: inout SpanReader, isListed: Bool = false) throws(PageFault) {
        switch try reader.byte() {
        case 0: form = .same(reader.rest())
        case 1:
            let prefixes = try NumberColumn(rows: rows, from: &reader)
            let suffixes = try NumberColumn(rows: rows, from: &reader)
            let lengths = try NumberColumn(rows: rows, from: &reader)
            let groups = (rows + Self.groupRows - 1) / Self.groupRows
            let starts = try NumberColumn(rows: groups, from: &reader)
            form = .front(
                prefixes: prefixes, suffixes: suffixes, lengths: lengths, starts: starts, middles: reader.rest())
        case 2:
            let begin = try reader.prefixedRange()
            let end = try reader.prefixedRange()
            let digits = Int(try reader.byte())
            guard digits <= Self.digitsMaximum else { throw reader.fault("a text has no \(digits) digits") }
            form = .decimal(
                begin: begin, end: end, digits: digits, numbers: try NumberColumn(rows: rows, from: &reader))
        case 3 where !isListed:
            let count = try reader.count(maximum: rows)
            let numbers = try NumberColumn(rows: rows, from: &reader)
            form = .list(
                count: count, numbers: numbers, texts: try TextColumn(rows: count, from: &reader, isListed: true))
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
            held.bytes = try texts.text(Int(number), in: page)
            held.row = row
        case .front:
            let head = row - row % Self.groupRows
            if held.row < head || held.row > row {
                held.bytes.removeAll(keepingCapacity: true)
                try step(&held, 0, in: page)
                if head > 0 { try step(&held, head, in: page) }
            }
            while held.row < row { try step(&held, held.row + 1, in: page) }
        }
    }

    /// Makes the text of `row` of the one that it builds on.
    private func step(_ held: inout HeldText, _ row: Int, in page: RawSpan) throws(PageFault) {
        guard case .front(let prefixes, let suffixes, let lengths, let starts, let middles) = form else { return }
        let prefix = prefixes.number(row, in: page)
        let suffix = suffixes.number(row, in: page)
        let length = lengths.number(row, in: page)
        let start = row % Self.groupRows == 0 ? starts.number(row / Self.groupRows, in: page) : held.end
        let known = UInt64(held.bytes.count)
        let all = UInt64(middles.count)
        guard prefix <= known, suffix <= known - prefix, start <= all, length <= all - start else {
            throw PageFault(offset: middles.lowerBound, what: "a text is longer than what it is made of")
        }
        let from = middles.lowerBound + Int(start)
        held.bytes.replace(
            Int(prefix)..<(held.bytes.count - Int(suffix)), with: page, from..<(from + Int(length)))
        held.end = start + length
        held.row = row
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

extension [UInt8] {
    fileprivate mutating func append(_ page: RawSpan, _ range: Range<Int>) {
        append(copying: page.extracting(range))
    }

    fileprivate mutating func replace(with page: RawSpan, _ range: Range<Int>) {
        removeAll(keepingCapacity: true)
        append(page, range)
    }

    /// Puts bytes of the page in the place of some of ours.
    fileprivate mutating func replace(_ old: Range<Int>, with page: RawSpan, _ range: Range<Int>) {
        if old.upperBound == count {
            removeLast(count - old.lowerBound)
            append(page, range)
        } else if old.count == range.count {
            for index in 0..<range.count { self[old.lowerBound + index] = page.byte(at: range.lowerBound + index) }
        } else {
            replaceSubrange(old, with: [UInt8](copying: page.extracting(range)))
        }
    }
}
