// Texts of a page that differ little from their neighbours: of each there is only what differs.

import DICOM

/// The text of a column that was read last.
struct HeldText: Sendable {
    var bytes: [UInt8] = []
    /// Whose text it is; none yet.
    var row = -1
    /// Behind its middle.
    fileprivate var end: UInt64 = 0
}

/// Front-coded texts:
///
///     four number columns   prefix p, suffix s and middle length m of each row; where in the middles that of each 16th row begins
///     middles               one behind the other
///
/// A text is the first p bytes of another, its middle, the last s bytes of the other: the row before it; of each 16th row the
/// page's first one; of the first row the empty text.
struct FrontTexts: Sendable {
    private let prefixes: NumberColumn
    private let suffixes: NumberColumn
    private let lengths: NumberColumn
    private let starts: NumberColumn
    private let middles: Range<Int>
    private let rows: Int
    /// Rows that can be read without those between them and the first.
    static let groupRows = 16

    /// The texts take all that `reader` has left.
    init(rows: Int, from reader: inout SpanReader) throws(PageFault) {
        self.rows = rows
        prefixes = try NumberColumn(rows: rows, from: &reader)
        suffixes = try NumberColumn(rows: rows, from: &reader)
        lengths = try NumberColumn(rows: rows, from: &reader)
        starts = try NumberColumn(rows: (rows + Self.groupRows - 1) / Self.groupRows, from: &reader)
        middles = reader.rest()
    }

    /// Reads the text of a row over what was read last of these texts. At most 17 steps; one to the next row.
    func read(_ row: Int, into held: inout HeldText, in page: RawSpan) throws(PageFault) {
        let head = row - row % Self.groupRows
        if held.row < head || held.row > row {
            held.bytes.removeAll(keepingCapacity: true)
            try step(&held, 0, in: page)
            if head > 0 { try step(&held, head, in: page) }
        }
        while held.row < row { try step(&held, held.row + 1, in: page) }
    }

    /// Makes the text of `row` of the one that it builds on.
    private func step(_ held: inout HeldText, _ row: Int, in page: RawSpan) throws(PageFault) {
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
        guard row < rows - 1 || held.end == all else {
            throw PageFault(offset: middles.upperBound, what: "a column is longer than its rows")
        }
        held.row = row
    }
}

extension [UInt8] {
    mutating func append(_ page: RawSpan, _ range: Range<Int>) {
        append(copying: page.extracting(range))
    }

    mutating func replace(with page: RawSpan, _ range: Range<Int>) {
        removeAll(keepingCapacity: true)
        append(page, range)
    }

    /// Puts bytes of the page in the place of some of ours.
    mutating func replace(_ old: Range<Int>, with page: RawSpan, _ range: Range<Int>) {
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
