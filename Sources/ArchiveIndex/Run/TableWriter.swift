// One table of a run being written: rows into pages, pages into the sink, a directory of the pages in memory.

/// Rows of one table, ascending.
struct TableWriter {
    let table: Table
    private var rows: [Row] = []
    private var rowBytes = 0
    private(set) var rowCount = 0
    private var directory: [UInt8] = []
    private var pageCount = 0

    init(_ table: Table) { self.table = table }

    /// - Returns: the row's number.
    @discardableResult
    mutating func append(_ row: Row, to sink: inout RunSink) throws(IndexFault) -> Int {
        if rows.count == RunLayout.pageRows || rowBytes >= RunLayout.pageTargetBytes { try closePage(&sink) }
        rows.append(row)
        rowBytes += row.byteCount
        rowCount += 1
        return rowCount - 1
    }

    private mutating func closePage(_ sink: inout RunSink) throws(IndexFault) {
        guard !rows.isEmpty else { return }
        let page = PageColumns.encode(rows, table)
        guard page.count <= RunLayout.pageMaximumBytes else {
            throw .refused(
                what: "a page of the table \(table) would have \(page.count) bytes, and readers take "
                    + "\(RunLayout.pageMaximumBytes): one of its rows is too long")
        }
        directory.appendLittleEndian(UInt64(sink.byteCount))
        directory.appendLittleEndian(UInt32(page.count))
        directory.appendLittleEndian(UInt32(rows.count))
        directory.appendLittleEndian(UInt64(rowCount - rows.count))
        pageCount += 1
        try sink.append(page)
        rows.removeAll(keepingCapacity: true)
        rowBytes = 0
    }

    /// Writes the last page; to be called once for each table before any directory is written.
    mutating func close(_ sink: inout RunSink) throws(IndexFault) { try closePage(&sink) }

    /// Writes the directory.
    func finish(_ sink: inout RunSink) throws(IndexFault) -> TableEntry {
        let entry = TableEntry(
            table: table, columns: ColumnCounts(table), rows: rowCount, pages: pageCount,
            directoryOffset: sink.byteCount)
        try sink.append(directory)
        return entry
    }
}
