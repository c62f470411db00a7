// A page that is open: any value of any of its rows, where it stands.

import DICOM
import Platform

/// Some rows of a table. Immutable, to be shared by cursors and threads.
final class Page: Sendable {
    let table: Table
    /// Their numbers in the table.
    let rows: Range<Int>
    private let part: RunPart
    private let columns: PageColumns

    init(_ table: Table, rows: Range<Int>, _ counts: ColumnCounts, _ part: RunPart) throws(IndexFault) {
        self.table = table
        self.rows = rows
        self.part = part
        let count = rows.count
        columns = try Self.reading(part, table) { bytes throws(PageFault) in
            try PageColumns(table, rows: count, counts, in: bytes)
        }
    }

    /// Gives a page's faults as faults of its file.
    private static func reading<Result>(
        _ part: RunPart, _ table: Table, _ body: (RawSpan) throws(PageFault) -> Result
    ) throws(IndexFault) -> Result {
        do throws(PageFault) { return try part.withBytes(body) } catch {
            throw .damaged(file: part.file, byte: part.offset + error.offset, what: "\(table.name): \(error.what)")
        }
    }

    /// Where it begins in its run.
    var offset: Int { part.offset }

    // Rows are counted from the begin of the page here.

    func number(_ column: Int, _ row: Int) -> UInt64 {
        let numbers = columns.numbers[column]
        return part.withBytes { bytes in numbers.number(row, in: bytes) }
    }

    func text(_ column: Int, _ row: Int) throws(IndexFault) -> [UInt8] {
        let texts = columns.texts[column]
        return try Self.reading(part, table) { bytes throws(PageFault) in try texts.text(row, in: bytes) }
    }

    func read(_ column: Int, _ row: Int, into held: inout HeldText) throws(IndexFault) {
        let texts = columns.texts[column]
        try Self.reading(part, table) { bytes throws(PageFault) in try texts.read(row, into: &held, in: bytes) }
    }

    func attributes(_ row: Int) throws(IndexFault) -> AttributeSet {
        let columns = columns
        return try Self.reading(part, table) { bytes throws(PageFault) in try columns.attributes.set(row, in: bytes) }
    }

    func value(_ tag: Tag, _ row: Int) throws(IndexFault) -> (vr: VR, bytes: [UInt8])? {
        let columns = columns
        return try Self.reading(part, table) { bytes throws(PageFault) in
            try columns.attributes.value(tag, row, in: bytes)
        }
    }
}
