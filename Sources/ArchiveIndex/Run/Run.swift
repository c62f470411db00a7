// A run opened: its tables, and entries put together again from their rows.

import DICOM
import Platform

/// A run, or a piece of the delta, which is a run in memory.
final class Run: Sendable {
    let bytes: RunBytes
    private let readers: [TableReader]
    /// UIDs by number; a few, read at first use.
    private let sopClasses: Guarded<[UID]?> = Guarded(nil)
    private let transferSyntaxes: Guarded<[UID]?> = Guarded(nil)

    init(_ source: RunBytes.Source, byteCount: Int, file: String) throws(IndexFault) {
        let bytes = try RunBytes(source, byteCount: byteCount, file: file)
        self.bytes = bytes
        readers = bytes.tables.map { TableReader($0, bytes) }
    }

    /// A run in memory with these entries.
    convenience init(
        _ entries: [SignedEntry], _ foreign: [SignedForeignFile] = [], file: String
    ) throws(IndexFault) {
        var writer = try RunWriter(to: nil)
        for entry in OrderedEntry.sorted(entries) { try writer.add(entry) }
        for file in foreign { writer.add(file) }
        let written = try writer.finish()
        try self.init(.memory(written.bytes), byteCount: written.byteCount, file: file)
    }

    var file: String { bytes.file }

    func table(_ table: Table) -> TableReader { readers[Int(table.rawValue) - 1] }

    func cursor(_ table: Table) -> TableCursor { TableCursor(self.table(table)) }

    func fault(_ table: Table, _ row: Int, _ what: String) -> IndexFault {
        .damaged(file: file, byte: 0, what: "row \(row) of \(table.name): \(what)")
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
            while try cursor.advance() { read.append(try uid(cursor.row.texts[0], table, cursor.number)) }
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

/// Columns by name, so that a number is written once.
enum Column {
    enum Patients { static let added = 0, removed = 1; static let id = 0, issuer = 1, studyUID = 2, sets = 3 }
    enum PatientSets { static let patient = 0, weight = 1 }
    enum Studies {
        static let firstSet = 0, sets = 1, firstSeries = 2, series = 3, instances = 4, added = 5, removed = 6
        static let uid = 0
    }
    enum StudySets { static let study = 0, patientSet = 1, weight = 2 }
    enum Series {
        static let study = 0, firstSet = 1, sets = 2, firstInstance = 3, rows = 4, instances = 5, added = 6
        static let removed = 7
        static let uid = 0, sopClasses = 1
    }
    enum SeriesSets { static let series = 0, weight = 1 }
    enum Instances {
        static let series = 0, fingerprint = 1, dataSetBytes = 2, sopClass = 3, transferSyntax = 4, studySet = 5
        static let seriesSet = 6
        static let uid = 0
    }
    enum Files {
        static let root = 0, kind = 1, removal = 2, bytes = 3, modified = 4, inode = 5, trusted = 6, offset = 7
        static let instance = 8
        static let path = 0, digest = 1
    }
}

extension Row {
    /// A count that may be negative.
    func signed(_ index: Int) -> Int { Int(Int64(bitPattern: numbers[index])) }

    /// The place of a row of `files`.
    func place(_ run: Run, _ number: Int) throws(IndexFault) -> Place {
        let root = numbers[Column.Files.root]
        let size = numbers[Column.Files.bytes]
        let offset = numbers[Column.Files.offset]
        guard root <= UInt64(UInt32.max), size < 1 << 62, offset < 1 << 62 else {
            throw run.fault(.files, number, "a number is too large")
        }
        return Place(
            root: Int(root), path: texts[Column.Files.path], sizeBytes: Int(size),
            modificationNs: Int64(bitPattern: numbers[Column.Files.modified]), inode: numbers[Column.Files.inode],
            isTrusted: numbers[Column.Files.trusted] != 0, dataSetOffset: Int(offset),
            digest: texts[Column.Files.digest])
    }
}
