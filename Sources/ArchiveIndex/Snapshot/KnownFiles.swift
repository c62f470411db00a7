// What the index knows of files, in path order: what a rescan compares the tree with.

import DICOM

/// A file that the index knows.
package struct KnownFile: Hashable, Sendable {
    /// What it was found to be.
    package enum Kind: Hashable, Sendable {
        case instance
        /// No instance, with the importer's reason.
        case foreign(reason: UInt8)
    }

    package let kind: Kind
    package let place: Place
}

extension Snapshot {
    /// All files of a root, ascending by path, from `path` on.
    package func files(root: Int, from path: [UInt8] = []) throws(IndexFault) -> KnownFileCursor {
        try KnownFileCursor(self, root: root, from: path)
    }

    /// What is known of one file.
    package func file(root: Int, path: [UInt8]) throws(IndexFault) -> KnownFile? {
        var cursor = try KnownFileCursor(self, root: root, from: path, onlyThat: true)
        guard let file = try cursor.next(), file.place.path == path else { return nil }
        return file
    }

    /// All rows of one file, as `KnownFileCursor` gives them.
    func rows(of path: RootedPath) throws(IndexFault) -> [SourcedRow] {
        var cursor = try KnownFileCursor(self, root: path.root, from: path.path, onlyThat: true)
        guard let rows = try cursor.nextRows(), cursor.path == path.path else { return [] }
        return rows
    }

    /// Whether a file of a root, or of a folder of it, is an instance's.
    func hasInstances(root: Int, below folder: [UInt8] = []) throws(IndexFault) -> Bool {
        let prefix = folder.isEmpty ? [] : folder + [0x2F]
        var files = try files(root: root, from: prefix)
        while let file = try files.next(), file.place.path.starts(with: prefix) {
            if file.kind == .instance { return true }
        }
        return false
    }

    /// All that the index holds of one file, to be taken back: one entry or foreign file, more only after a mistake.
    func holdings(
        _ rows: [SourcedRow], _ readers: inout [Int: EntryReader]
    ) throws(IndexFault) -> (entries: [SignedEntry], foreign: [ForeignFile]) {
        var entries: [SignedEntry: Int] = [:]
        var foreign: [ForeignFile: Int] = [:]
        for row in rows {
            let run = sources[row.source]
            let isRemoval = row.row.number(Column.Files.removal) != 0
            if let file = try row.row.foreign() {
                foreign[file.file, default: 0] += isRemoval ? -1 : 1
                continue
            }
            var reader = readers[row.source] ?? EntryReader(run)
            let entry = try reader.entry(
                instance: row.row.int(Column.Files.instance), place: try row.row.place(),
                isRemoval: false)
            readers[row.source] = reader
            entries[entry.signed, default: 0] += isRemoval ? -1 : 1
        }
        return (entries.filter { $0.value > 0 }.map(\.key), foreign.filter { $0.value > 0 }.map(\.key))
    }
}

/// Files of a root, one after the other.
package struct KnownFileCursor: Sendable {
    private let snapshot: Snapshot
    private let root: Int
    private var merger = RowMerger(key: Table.files.shape.key)

    /// - Parameter onlyThat: nothing is asked of files behind `path`: sources that can't hold it are left out.
    init(_ snapshot: Snapshot, root: Int, from path: [UInt8], onlyThat: Bool = false) throws(IndexFault) {
        self.snapshot = snapshot
        self.root = root
        guard root >= 0 else { return }
        let only = onlyThat ? RootedPath(root: root, path: path) : nil
        for (source, run) in snapshot.sources.enumerated() {
            if let only, !run.mayHold(only) { continue }
            let cursor = try run.cursor(.files, from: [.number(UInt64(root)), .text(path)])
            try merger.add(cursor, source: source, end: run.table(.files).rowCount)
        }
    }

    /// All rows of the next path, whether anything of them is left or not.
    mutating func nextRows() throws(IndexFault) -> [SourcedRow]? {
        guard let rows = try merger.next(), merger.key[0] == .number(UInt64(root)) else { return nil }
        return rows
    }

    /// The path of the rows that were given last.
    var path: [UInt8] {
        guard merger.key.count > 1, case .text(let path) = merger.key[1] else { return [] }
        return path
    }

    /// The next file; nil at the end. An instance goes before a foreign file, should both be known of one path.
    package mutating func next() throws(IndexFault) -> KnownFile? {
        while let rows = try nextRows() {
            if rows.count == 1 {
                if rows[0].row.number(Column.Files.removal) != 0 { continue }
                return KnownFile(kind: Self.kind(rows[0]), place: try rows[0].row.place(path: path))
            }
            var counts: [KnownFile: Int] = [:]
            var last: [KnownFile: Int] = [:]
            for (order, row) in rows.enumerated() {
                let isRemoval = row.row.number(Column.Files.removal) != 0
                let file = KnownFile(kind: Self.kind(row), place: try row.row.place(path: path))
                counts[file, default: 0] += isRemoval ? -1 : 1
                last[file] = order
            }
            let left = counts.filter { $0.value > 0 }.map(\.key)
            let best = left.max { first, second in
                if (first.kind == .instance) != (second.kind == .instance) { return second.kind == .instance }
                return last[first, default: 0] < last[second, default: 0]
            }
            if let best { return best }
        }
        return nil
    }

    private static func kind(_ row: SourcedRow) -> KnownFile.Kind {
        let kind = row.row.number(Column.Files.kind)
        return kind == 0 ? .instance : .foreign(reason: UInt8(truncatingIfNeeded: kind))
    }
}
