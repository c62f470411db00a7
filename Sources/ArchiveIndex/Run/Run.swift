// A run opened: its tables, and entries put together again from their rows.

import DICOM
import Platform

/// A run, or a piece of the delta, which is a run in memory.
final class Run: Sendable {
    let bytes: RunBytes
    private let readers: [TableReader]
    /// The pages that were opened last, some of each table: look-ups come back to them.
    private let lastPages: Guarded<[Page?]>
    /// Which of them are of each table.
    private let keptPages: [Range<Int>]
    /// Of pages that a search by key has looked at, by table, then page.
    private let pageHeads: Guarded<[[PageHead?]]>
    /// Made at first use; nil in it where none is kept.
    let keyedRows: Guarded<KeyedRows??> = Guarded(nil)
    /// Of so many studies and patients at most.
    let keyedRowsMaximum: Int

    /// The first row of a page.
    struct PageHead: Sendable {
        let row: Int
        let key: [KeyValue]

        var byteCount: Int {
            key.reduce(0) { bytes, value in if case .text(let text) = value { bytes + text.count } else { bytes } }
        }
    }

    private static let keptHeadBytes = 256
    private static let keptHeads = 1 << 16
    /// An open page has a kilobyte or a few, besides its bytes, which are in the mapped file: a worker that has looked into every
    /// corner of a large run keeps some 20 MiB of them.
    private static let keptPagesMaximum = 1_024
    /// Of a run in memory, hashes of all paths of files in it: most look-ups ask in vain.
    private let fileHashes: Set<Int>?
    /// UIDs by number; a few, read at first use.
    private let sopClasses: Guarded<[UID]?> = Guarded(nil)
    private let transferSyntaxes: Guarded<[UID]?> = Guarded(nil)

    init(
        _ source: RunBytes.Source, byteCount: Int, file: String, keyedRowsMaximum: Int = KeyedRows.rowsMaximum,
        fileHashes: Set<Int>? = nil
    ) throws(IndexFault) {
        self.fileHashes = fileHashes
        self.keyedRowsMaximum = keyedRowsMaximum
        let bytes = try RunBytes(source, byteCount: byteCount, file: file)
        self.bytes = bytes
        readers = bytes.tables.map { TableReader($0, bytes) }
        // A page of a run that isn't in memory is a copy.
        let maximum = if case .file = source { 1 } else { Self.keptPagesMaximum }
        var kept: [Range<Int>] = []
        for table in bytes.tables {
            let start = kept.last?.upperBound ?? 0
            kept.append(start..<(start + min(maximum, max(1, table.pages))))
        }
        keptPages = kept
        lastPages = Guarded(Array(repeating: nil, count: kept.last?.upperBound ?? 0))
        pageHeads = Guarded(Array(repeating: [], count: bytes.tables.count))
    }

    /// A run in memory with these entries.
    convenience init(
        _ entries: [SignedEntry], _ foreign: [SignedForeignFile] = [], file: String,
        keyedRowsMaximum: Int = KeyedRows.rowsMaximum
    ) throws(IndexFault) {
        var writer = try RunWriter(to: nil)
        for entry in OrderedEntry.sorted(entries) { try writer.add(entry) }
        for file in foreign { try writer.add(file) }
        let written = try writer.finish()
        var hashes = Set<Int>(minimumCapacity: entries.count + foreign.count)
        for signed in entries { hashes.insert(RootedPath(signed.entry.place).hashValue) }
        for signed in foreign { hashes.insert(RootedPath(signed.file.place).hashValue) }
        try self.init(
            .memory(Mapping(copying: written.bytes)), byteCount: written.byteCount, file: file,
            keyedRowsMaximum: keyedRowsMaximum, fileHashes: hashes)
    }

    /// Whether a file may be in it: false only where it is not.
    func mayHold(_ path: RootedPath) -> Bool { fileHashes?.contains(path.hashValue) ?? true }

    var file: String { bytes.file }

    func table(_ table: Table) -> TableReader { readers[Int(table.rawValue) - 1] }

    func cursor(_ table: Table) -> TableCursor { TableCursor(self, table) }

    /// Row `number`.
    ///
    /// - Throws: `.damaged` where there is no such row: numbers come from other rows.
    func row(_ number: Int, of table: Table) throws(IndexFault) -> StoredRow {
        guard number >= 0, number < self.table(table).rowCount else {
            throw fault(table, number, "referred to, and isn't there")
        }
        return StoredRow(run: self, page: try page(ofRow: number, of: table), ordinal: number)
    }

    /// The first row of a page, kept once it was read.
    func head(ofPage index: Int, of table: Table) throws(IndexFault) -> PageHead {
        let slot = Int(table.rawValue) - 1
        let known = pageHeads.withLock { index < $0[slot].count ? $0[slot][index] : nil }
        if let known { return known }
        let page = try self.table(table).openPage(index)
        let row = StoredRow(run: self, page: page, ordinal: page.rows.lowerBound)
        let head = PageHead(row: row.ordinal, key: try row.key(table.shape.key))
        // Keys are senders' texts: long ones, and more than a large table has, are read again.
        if head.byteCount <= Self.keptHeadBytes, index < Self.keptHeads {
            let count = min(Self.keptHeads, self.table(table).pageIndices.count)
            pageHeads.withLock { heads in
                if heads[slot].isEmpty { heads[slot] = Array(repeating: nil, count: count) }
                heads[slot][index] = head
            }
        }
        return head
    }

    /// The page that holds a row, which is there.
    func page(ofRow number: Int, of table: Table) throws(IndexFault) -> Page {
        let kept = keptPages[Int(table.rawValue) - 1]
        let slot = kept.lowerBound + number / RunLayout.pageRows % kept.count
        if let last = lastPages.withLock({ $0[slot] }), last.rows.contains(number) { return last }
        let page = try self.table(table).openPage(ofRow: number)
        lastPages.withLock { $0[slot] = page }
        return page
    }

    func fault(_ table: Table, _ row: Int, _ what: String) -> IndexFault {
        .damaged(file: file, byte: byte(ofRow: row, of: table), what: "row \(row) of \(table.name): \(what)")
    }

    /// Where the page begins that holds a row; 0 where there is no such row, or nobody can tell.
    func byte(ofRow number: Int, of table: Table) -> Int {
        let reader = self.table(table)
        guard number >= 0, number < reader.rowCount, let index = try? reader.pageIndex(ofRow: number),
            let place = try? reader.place(ofPage: index), place.rows.contains(number)
        else { return 0 }
        return place.offset
    }

    func sopClass(_ number: Int) throws(IndexFault) -> UID { try uid(number, .sopClasses, sopClasses) }
    func transferSyntax(_ number: Int) throws(IndexFault) -> UID {
        try uid(number, .transferSyntaxes, transferSyntaxes)
    }

    private func uid(_ number: Int, _ table: Table, _ kept: Guarded<[UID]?>) throws(IndexFault) -> UID {
        var uids = kept.withLock { $0 }
        if uids == nil {
            var read: [UID] = []
            var cursor = cursor(table)
            while try cursor.advance() { read.append(try uid(cursor.row.text(0), table, cursor.number)) }
            let filled = read
            kept.withLock { $0 = filled }
            uids = filled
        }
        guard let uids, uids.indices.contains(number) else {
            throw fault(table, number, "referred to, and isn't there")
        }
        return uids[number]
    }

    func uid(_ packed: [UInt8], _ table: Table, _ row: Int) throws(IndexFault) -> UID {
        guard let uid = UID(packed: packed) else { throw fault(table, row, "a UID isn't one") }
        return uid
    }

    /// `count` numbers from `first` on as row numbers of `table`, all of which are there.
    func rows(_ first: Int, _ count: Int, of table: Table) throws(IndexFault) -> Range<Int> {
        let all = self.table(table).rowCount
        guard first >= 0, count >= 0, first <= all, count <= all - first else {
            throw fault(table, first, "\(count) rows from there are referred to, and aren't there")
        }
        return first..<(first + count)
    }
}
