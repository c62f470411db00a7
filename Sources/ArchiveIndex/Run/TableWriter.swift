// One table of a run being written: rows into pages, pages into the sink, a directory of the pages in memory.

/// Rows of one table, ascending.
struct TableWriter {
    let table: Table
    private var encoder: RowEncoder
    private var page: [UInt8] = []
    private var pageRows = 0
    private(set) var rowCount = 0
    private var directory: [UInt8] = []
    private var pageCount = 0

    init(_ table: Table) {
        self.table = table
        encoder = RowEncoder(table)
    }

    /// - Returns: the row's number.
    @discardableResult
    mutating func append(_ row: Row, to sink: inout RunSink) throws(IndexFault) -> Int {
        if pageRows == RunLayout.pageRows || page.count >= RunLayout.pageTargetBytes { try closePage(&sink) }
        if pageRows == 0 { encoder.startPage() }
        encoder.append(row, to: &page)
        pageRows += 1
        rowCount += 1
        return rowCount - 1
    }

    private mutating func closePage(_ sink: inout RunSink) throws(IndexFault) {
        guard pageRows > 0 else { return }
        directory.appendLittleEndian(UInt64(sink.byteCount))
        directory.appendLittleEndian(UInt32(page.count))
        directory.appendLittleEndian(UInt32(pageRows))
        directory.appendLittleEndian(UInt64(rowCount - pageRows))
        pageCount += 1
        try sink.append(page)
        page.removeAll(keepingCapacity: true)
        pageRows = 0
    }

    /// Writes the last page; to be called once for each table before any directory is written.
    mutating func close(_ sink: inout RunSink) throws(IndexFault) { try closePage(&sink) }

    /// Writes the directory.
    func finish(_ sink: inout RunSink) throws(IndexFault) -> TableEntry {
        let entry = TableEntry(table: table, rows: rowCount, pages: pageCount, directoryOffset: sink.byteCount)
        try sink.append(directory)
        return entry
    }
}
