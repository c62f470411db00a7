// What takes the place of what is known: files are said anew, and what was said of them is taken back.

/// One thing that is said of a file.
private struct Said {
    enum Matter: Int { case vanished, forgotten, foreign, instance, unmarked, takenOut }

    let path: RootedPath
    let matter: Matter
    /// In its part of the batch.
    let index: Int

    init(_ path: RootedPath, _ matter: Matter, _ index: Int) {
        self.path = path
        self.matter = matter
        self.index = index
    }

    /// By path; of one path that which counts is the last.
    func precedes(_ other: Said) -> Bool {
        if path != other.path { return path < other.path }
        if matter != other.matter { return matter.rawValue < other.matter.rawValue }
        return index < other.index
    }
}

/// What has to be added and taken back so that files are known as they are now.
enum Replacement {
    /// So few files are looked up each by itself; of more, most lie near each other.
    private static let lookedUpMaximum = 16

    /// Of several things said of one file one counts, by its matter, the last of those: see `Said.Matter`, ascending.
    static func sum(of batch: ImportBatch, over snapshot: Snapshot) throws(IndexFault) -> EntryCoding.Batch {
        var said: [Said] = []
        said.reserveCapacity(batch.count)
        for (index, entry) in batch.entries.enumerated() {
            said.append(Said(RootedPath(entry.place), .instance, index))
        }
        for (index, file) in batch.foreign.enumerated() {
            said.append(Said(RootedPath(file.place), .foreign, index))
        }
        for (index, place) in batch.vanished.enumerated() { said.append(Said(RootedPath(place), .vanished, index)) }
        for (index, path) in batch.forgotten.enumerated() { said.append(Said(path, .forgotten, index)) }
        for (index, path) in batch.unmarked.enumerated() { said.append(Said(path, .unmarked, index)) }
        for (index, file) in batch.takenOut.enumerated() {
            said.append(Said(RootedPath(file.place), .takenOut, index))
        }
        said.sort { $0.precedes($1) }
        var sum = EntryCoding.Batch()
        var readers: [Int: EntryReader] = [:]
        var cursor: KnownFileCursor?
        var cursorRoot = -1
        var head: [SourcedRow]?
        var steps = 0
        for (index, one) in said.enumerated() {
            let path = one.path
            if index + 1 < said.count, said[index + 1].path == path { continue }
            var held: (entries: [SignedEntry], foreign: [ForeignFile]) = ([], [])
            if said.count <= lookedUpMaximum {
                held = try snapshot.holdings(snapshot.rows(of: path), &readers)
            } else {
                if cursorRoot != path.root || cursor == nil || steps > 64 {
                    cursor = try snapshot.files(root: path.root, from: path.path)
                    cursorRoot = path.root
                    head = try cursor?.nextRows()
                }
                // Files that nothing new is said of are stepped over; where they are many, the next one is looked up.
                steps = 0
                while head != nil, let known = cursor?.path, known.lexicographicallyPrecedes(path.path) {
                    head = try cursor?.nextRows()
                    steps += 1
                    if steps > 64 {
                        cursor = try snapshot.files(root: path.root, from: path.path)
                        head = try cursor?.nextRows()
                    }
                }
                if let rows = head, cursor?.path == path.path {
                    held = try snapshot.holdings(rows, &readers)
                    head = try cursor?.nextRows()
                }
            }
            let entry = one.matter == .instance ? SignedEntry(entry: batch.entries[one.index]) : nil
            var file = one.matter == .foreign ? batch.foreign[one.index] : nil
            switch one.matter {
            case .takenOut:
                let mark = batch.takenOut[one.index]
                guard held.entries.contains(where: { mark.place.isState(of: $0.entry.place) }) else { continue }
                file = mark
            case .unmarked: if !held.foreign.contains(where: { $0.reason == ForeignFile.takenOut }) { continue }
            case .vanished:
                let gone = batch.vanished[one.index]
                let places = held.entries.map(\.entry.place) + held.foreign.map(\.place)
                if !places.allSatisfy(gone.isState) { continue }
            case .forgotten, .foreign, .instance: break
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
