// What takes the place of what is known: files are said anew, and what was said of them is taken back.

/// What has to be added and taken back so that files are known as they are now.
enum Replacement {
    /// Of several things said of one file the last counts: instances before foreign files before vanished ones.
    static func sum(of batch: ImportBatch, over snapshot: Snapshot) throws(IndexFault) -> EntryCoding.Batch {
        var newest: [RootedPath: Int] = [:]
        for (index, entry) in batch.entries.enumerated() {
            newest[RootedPath(root: entry.place.root, path: entry.place.path)] = index
        }
        var foreignNewest: [RootedPath: Int] = [:]
        for (index, file) in batch.foreign.enumerated() {
            foreignNewest[RootedPath(root: file.root, path: file.path)] = index
        }
        var marks: [RootedPath: ForeignFile] = [:]
        for file in batch.takenOut { marks[RootedPath(root: file.root, path: file.path)] = file }
        let unmarked = Set(batch.unmarked)
        var sum = EntryCoding.Batch()
        let paths = Set(newest.keys).union(foreignNewest.keys).union(batch.vanished).union(marks.keys).union(unmarked)
            .sorted()
        var readers: [Int: EntryReader] = [:]
        var cursor: KnownFileCursor?
        var cursorRoot = -1
        var head: [SourcedRow]?
        var steps = 0
        for path in paths {
            if cursorRoot != path.root || cursor == nil || steps > 64 {
                cursor = try snapshot.files(root: path.root, from: path.path)
                cursorRoot = path.root
                head = try cursor?.nextRows()
            }
            // Files that nothing new is said of are stepped over; where they are many, the next one is looked up.
            steps = 0
            while let rows = head, rows[0].row.texts[Column.Files.path].lexicographicallyPrecedes(path.path) {
                head = try cursor?.nextRows()
                steps += 1
                if steps > 64 {
                    cursor = try snapshot.files(root: path.root, from: path.path)
                    head = try cursor?.nextRows()
                }
            }
            var held: (entries: [SignedEntry], foreign: [ForeignFile]) = ([], [])
            if let rows = head, rows[0].row.texts[Column.Files.path] == path.path {
                held = try snapshot.holdings(rows, &readers)
                head = try cursor?.nextRows()
            }
            let entry = newest[path].map { SignedEntry(entry: batch.entries[$0]) }
            var file = entry == nil ? foreignNewest[path].map { batch.foreign[$0] } : nil
            if let mark = marks[path] {
                guard held.entries.contains(where: { mark.isState(of: $0.entry.place) }) else { continue }
                file = mark
            } else if unmarked.contains(path), !held.foreign.contains(where: { $0.reason == ForeignFile.takenOut }) {
                continue
            }
            // What stays as it is needs no row.
            if let entry, held.foreign.isEmpty, held.entries == [entry] { continue }
            if let file, held.entries.isEmpty, held.foreign == [file] { continue }
            for old in held.entries { sum.entries.append(SignedEntry(entry: old.entry, isRemoval: true)) }
            for old in held.foreign { sum.foreign.append(SignedForeignFile(file: old, isRemoval: true)) }
            if let entry { sum.entries.append(entry) }
            if let file { sum.foreign.append(SignedForeignFile(file: file)) }
        }
        return sum
    }
}

extension ForeignFile {
    /// Whether the file was the same when it was read: length, time and inode.
    func isState(of place: Place) -> Bool {
        sizeBytes == place.sizeBytes && modificationNs == place.modificationNs && inode == place.inode
    }
}
