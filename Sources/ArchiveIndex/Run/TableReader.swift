// One table of a run: rows by number, and the first row that is not less than a key, in a logarithmic number of pages.

/// A table to read. Rows are decoded page by page, through `TableCursor`.
struct TableReader: Sendable {
    let table: Table
    let rowCount: Int
    private let pageCount: Int
    private let directoryOffset: Int
    let bytes: RunBytes

    init(_ entry: TableEntry, _ bytes: RunBytes) {
        table = entry.table
        rowCount = entry.rows
        pageCount = entry.pages
        directoryOffset = entry.directoryOffset
        self.bytes = bytes
    }

    struct Page: Sendable {
        let offset: Int
        let byteCount: Int
        let rows: Range<Int>
    }

    var pageIndices: Range<Int> { 0..<pageCount }

    func page(_ index: Int) throws(IndexFault) -> Page {
        let at = directoryOffset + index * RunLayout.directoryEntryBytes
        var reader = ByteReader(
            try bytes.bytes(at: at, count: RunLayout.directoryEntryBytes), file: bytes.file, base: at)
        let offset = try reader.littleEndian(UInt64.self)
        let length = try reader.littleEndian(UInt32.self)
        let rows = try reader.littleEndian(UInt32.self)
        let first = try reader.littleEndian(UInt64.self)
        guard offset <= UInt64(directoryOffset), length <= UInt32(RunLayout.pageMaximumBytes), rows > 0,
            rows <= UInt32(RunLayout.pageRows), first <= UInt64(rowCount), Int(rows) <= rowCount - Int(first)
        else { throw reader.fault("a page of \(table.name) can't be where it is said to be", at: 0) }
        return Page(offset: Int(offset), byteCount: Int(length), rows: Int(first)..<(Int(first) + Int(rows)))
    }

    func reader(of page: Page) throws(IndexFault) -> ByteReader {
        ByteReader(
            try bytes.bytes(at: page.offset, count: page.byteCount), file: bytes.file, base: page.offset)
    }

    /// The page that holds row `number`, which is there.
    func pageIndex(ofRow number: Int) throws(IndexFault) -> Int {
        var low = 0
        var high = pageCount
        while high - low > 1 {
            let middle = (low + high) / 2
            if try page(middle).rows.lowerBound <= number { low = middle } else { high = middle }
        }
        return low
    }

    /// The first row of a page, without decoding the others.
    private func firstRow(ofPage index: Int) throws(IndexFault) -> Row {
        let page = try page(index)
        // The first row seldom needs more than this; where it does, the whole page is read.
        let prefix = min(page.byteCount, 512)
        var decoder = RowDecoder(table)
        var reader = ByteReader(
            try bytes.bytes(at: page.offset, count: prefix), file: bytes.file, base: page.offset)
        do throws(IndexFault) {
            try decoder.next(from: &reader)
        } catch {
            guard prefix < page.byteCount else { throw error }
            decoder = RowDecoder(table)
            reader = try self.reader(of: page)
            try decoder.next(from: &reader)
        }
        return decoder.row
    }

    /// A cursor at the first row that is not less than `key` (values for the first parts of the sort key).
    func cursor(from key: [KeyValue]) throws(IndexFault) -> TableCursor {
        var cursor = TableCursor(self)
        guard pageCount > 0 else { return cursor }
        var low = 0
        var high = pageCount
        // The last page whose first row is less than the key holds the place, or the next one begins with it.
        while high - low > 1 {
            let middle = (low + high) / 2
            if try firstRow(ofPage: middle).compare(table, to: key) < 0 { low = middle } else { high = middle }
        }
        try cursor.load(page: low)
        while try cursor.advance() {
            if cursor.row.compare(table, to: key) >= 0 {
                cursor.hold()
                break
            }
        }
        return cursor
    }

    /// A cursor whose next row is `number`.
    func cursor(at number: Int) throws(IndexFault) -> TableCursor {
        var cursor = TableCursor(self)
        try cursor.seek(number)
        return cursor
    }

    /// Row `number`.
    ///
    /// - Throws: `.damaged` where there is no such row: numbers come from other rows.
    func row(_ number: Int) throws(IndexFault) -> Row {
        var cursor = TableCursor(self)
        return try cursor.row(number)
    }
}

/// Goes through rows of a table in order, or jumps.
struct TableCursor: Sendable {
    let reader: TableReader
    private var decoder: RowDecoder
    private var bytes: ByteReader?
    private var pageRows = 0..<0
    private var pageIndex = -1
    /// The number of the row that `advance` gives next.
    private(set) var next = 0
    private var isHeld = false

    init(_ reader: TableReader) {
        self.reader = reader
        decoder = RowDecoder(reader.table)
    }

    /// The row that `advance` gave.
    var row: Row { decoder.row }
    var number: Int { next - 1 }

    /// To be given again by the next `advance`.
    mutating func hold() { isHeld = true }

    /// Goes to the next row; false at the end.
    mutating func advance() throws(IndexFault) -> Bool {
        if isHeld {
            isHeld = false
            return true
        }
        if next >= pageRows.upperBound {
            guard next < reader.rowCount else { return false }
            try load(page: pageIndex + 1)
        }
        guard bytes != nil else { return false }
        try decoder.next(from: &bytes!)
        next += 1
        if next == pageRows.upperBound, bytes?.isAtEnd == false {
            throw bytes!.fault("a page of \(reader.table.name) is longer than its rows")
        }
        return true
    }

    mutating func load(page index: Int) throws(IndexFault) {
        guard reader.pageIndices.contains(index) else {
            throw .damaged(
                file: reader.bytes.file, byte: 0, what: "\(reader.table.name) has fewer pages than rows need")
        }
        let page = try reader.page(index)
        if index == pageIndex + 1, page.rows.lowerBound != pageRows.upperBound, pageIndex >= 0 {
            throw .damaged(
                file: reader.bytes.file, byte: page.offset,
                what: "pages of \(reader.table.name) don't follow each other")
        }
        bytes = try reader.reader(of: page)
        decoder = RowDecoder(reader.table)
        pageRows = page.rows
        pageIndex = index
        next = page.rows.lowerBound
        isHeld = false
    }

    /// Makes `number` the row that `advance` gives next; nothing follows when it is the count of rows.
    mutating func seek(_ number: Int) throws(IndexFault) {
        guard number >= 0, number <= reader.rowCount else {
            throw .damaged(
                file: reader.bytes.file, byte: 0,
                what: "row \(number) of \(reader.table.name) is referred to, and isn't there")
        }
        isHeld = false
        if number == reader.rowCount {
            next = number
            pageRows = number..<number
            return
        }
        if !(pageRows.contains(number) && number >= next) {
            try load(page: try reader.pageIndex(ofRow: number))
            guard pageRows.contains(number) else {
                throw .damaged(
                    file: reader.bytes.file, byte: 0, what: "row \(number) of \(reader.table.name) is in no page")
            }
        }
        while next < number { _ = try advance() }
    }

    /// Row `number`, wherever the cursor stands. Near rows are cheap.
    mutating func row(_ number: Int) throws(IndexFault) -> Row {
        if number == next - 1, pageRows.contains(number) { return decoder.row }
        guard number >= 0, number < reader.rowCount else {
            throw .damaged(
                file: reader.bytes.file, byte: 0,
                what: "row \(number) of \(reader.table.name) is referred to, and isn't there")
        }
        try seek(number)
        _ = try advance()
        return decoder.row
    }
}
