// One table of a run: pages by row number, and the first row that is not less than a key, in a logarithmic number of pages.

/// A table to read.
struct TableReader: Sendable {
    let table: Table
    let rowCount: Int
    private let entry: TableEntry
    private let bytes: RunBytes

    init(_ entry: TableEntry, _ bytes: RunBytes) {
        self.entry = entry
        table = entry.table
        rowCount = entry.rows
        self.bytes = bytes
    }

    /// Where a page lies, as the directory says.
    struct Place: Sendable {
        let offset: Int
        let byteCount: Int
        let rows: Range<Int>
    }

    var pageIndices: Range<Int> { 0..<entry.pages }
    var directoryOffset: Int { entry.directoryOffset }

    func place(ofPage index: Int) throws(IndexFault) -> Place {
        let at = entry.directoryOffset + index * RunLayout.directoryEntryBytes
        var reader = ByteReader(
            try bytes.bytes(at: at, count: RunLayout.directoryEntryBytes), file: bytes.file, base: at)
        let offset = try reader.littleEndian(UInt64.self)
        let length = try reader.littleEndian(UInt32.self)
        let rows = try reader.littleEndian(UInt32.self)
        let first = try reader.littleEndian(UInt64.self)
        guard offset <= UInt64(entry.directoryOffset), length <= UInt32(RunLayout.pageMaximumBytes), rows > 0,
            rows <= UInt32(RunLayout.pageRows), first <= UInt64(rowCount), Int(rows) <= rowCount - Int(first)
        else { throw reader.fault("a page of \(table.name) can't be where it is said to be", at: 0) }
        return Place(offset: Int(offset), byteCount: Int(length), rows: Int(first)..<(Int(first) + Int(rows)))
    }

    func openPage(_ index: Int) throws(IndexFault) -> Page {
        try open(try place(ofPage: index))
    }

    private func open(_ place: Place) throws(IndexFault) -> Page {
        try Page(table, rows: place.rows, entry.columns, try bytes.part(at: place.offset, count: place.byteCount))
    }

    /// What each column of a page costs, in the order of the table; what its attributes cost, by tag.
    func sizes(ofPage index: Int) throws(IndexFault) -> PageSizes {
        let place = try place(ofPage: index)
        return try PageSizes(table, entry.columns, try bytes.part(at: place.offset, count: place.byteCount))
    }

    /// The page that holds row `number`, which is there.
    func openPage(ofRow number: Int) throws(IndexFault) -> Page {
        let page = try place(ofPage: try pageIndex(ofRow: number))
        guard page.rows.contains(number) else {
            throw .damaged(file: bytes.file, byte: page.offset, what: "row \(number) of \(table.name) is in no page")
        }
        return try open(page)
    }

    /// The page that holds row `number`, which is there: most pages are full.
    func pageIndex(ofRow number: Int) throws(IndexFault) -> Int {
        let guess = number / RunLayout.pageRows
        if guess < entry.pages, try place(ofPage: guess).rows.contains(number) { return guess }
        var low = 0
        var high = entry.pages
        while high - low > 1 {
            let middle = (low + high) / 2
            if try place(ofPage: middle).rows.lowerBound <= number { low = middle } else { high = middle }
        }
        return low
    }
}
