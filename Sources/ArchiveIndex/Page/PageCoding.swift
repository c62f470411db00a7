// A page: some rows of a table, taken apart into columns, so that any value of any row is found without its neighbours.

import DICOM

/// A page, as it lies in a run:
///
///     varints  length of each column: numbers, then texts, then attributes, in the order of `Table.shape`
///     columns  one behind the other; see `NumberColumn`, `TextColumn`, `AttributeColumn`. One of length 0 has only zeros, empty
///              texts or empty sets.
///
/// A later minor version may have more columns of each kind, behind those that this one knows.
struct PageColumns: Sendable {
    private(set) var numbers: [NumberColumn] = []
    private(set) var texts: [TextColumn] = []
    private(set) var attributes = AttributeColumn.empty

    /// - Parameters:
    ///   - rows: how many there are.
    ///   - counts: how many columns of each kind the run says that the table has.
    init(_ table: Table, rows: Int, _ counts: ColumnCounts, in page: RawSpan) throws(PageFault) {
        let shape = table.shape
        numbers.reserveCapacity(shape.numbers.count)
        texts.reserveCapacity(shape.texts.count)
        let firstText = counts.numbers
        var column = 0
        for part in try Self.parts(counts, in: page) {
            var reader = SpanReader(page, from: part.lowerBound, to: part.upperBound)
            let isEmpty = part.isEmpty
            var isKnown = true
            if column < shape.numbers.count {
                numbers.append(isEmpty ? .zero : try NumberColumn(rows: rows, from: &reader))
            } else if (firstText..<(firstText + shape.texts.count)).contains(column) {
                texts.append(isEmpty ? .empty : try TextColumn(rows: rows, from: &reader))
            } else if shape.hasAttributes, column == firstText + counts.texts {
                if !isEmpty { attributes = try AttributeColumn(rows: rows, from: &reader) }
            } else {
                isKnown = false
            }
            guard !isKnown || reader.isAtEnd else { throw reader.fault("a column is longer than its rows") }
            column += 1
        }
    }

    /// Where each column of the page lies.
    static func parts(_ counts: ColumnCounts, in page: RawSpan) throws(PageFault) -> [Range<Int>] {
        var reader = SpanReader(page, to: page.byteCount)
        var lengths: [Int] = []
        lengths.reserveCapacity(counts.all)
        for _ in 0..<counts.all { lengths.append(try reader.count(maximum: page.byteCount)) }
        var parts: [Range<Int>] = []
        parts.reserveCapacity(counts.all)
        for length in lengths { parts.append(try reader.range(length)) }
        guard reader.offset == page.byteCount else { throw reader.fault("it is longer than its columns") }
        return parts
    }

    /// The page of `rows`, of which there is at least one.
    static func encode(_ rows: [Row], _ table: Table) -> [UInt8] {
        let shape = table.shape
        var lengths: [UInt8] = []
        var columns: [UInt8] = []
        var last = 0
        func close() {
            lengths.appendVarint(UInt64(columns.count - last))
            last = columns.count
        }
        for index in shape.numbers.indices {
            let values = rows.map { $0.numbers[index] }
            if values.contains(where: { $0 != 0 }) { NumberColumn.append(values, to: &columns) }
            close()
        }
        for index in shape.texts.indices {
            TextColumn.append(rows.map { $0.texts[index] }, mayRecur: false, to: &columns)
            close()
        }
        if shape.hasAttributes {
            AttributeColumn.append(rows.map(\.attributes), to: &columns)
            close()
        }
        return lengths + columns
    }
}

/// How many columns of each kind a table has.
struct ColumnCounts: Equatable, Sendable {
    var numbers: Int
    var texts: Int
    var attributes: Int

    var all: Int { numbers + texts + attributes }

    init(numbers: Int, texts: Int, attributes: Int) {
        self.numbers = numbers
        self.texts = texts
        self.attributes = attributes
    }

    init(_ table: Table) {
        self.init(
            numbers: table.shape.numbers.count, texts: table.shape.texts.count,
            attributes: table.shape.hasAttributes ? 1 : 0)
    }
}
