// An import's hold on the index: entries in memory, published as a run each so many. What was published, a stopped import
// goes on from.

import DICOM

/// Collects what an import finds. From one thread at a time.
package final class ImportSession {
    /// A run is published when so many files wait.
    package static let runEntries = 100_000

    private let folder: IndexFolder
    private var entries: [InstanceEntry] = []
    private var foreign: [ForeignFile] = []
    private var vanished: [RootedPath] = []
    /// Sets and UIDs that recur are kept once.
    private var sets: Set<AttributeSet> = []
    private var uids: Set<UID> = []

    init(_ folder: IndexFolder) { self.folder = folder }

    /// What waits to be published.
    package var waitingCount: Int { entries.count + foreign.count + vanished.count }

    /// Adds an instance; it takes the place of all that is known of its file. Publishes where enough waits.
    package func add(_ entry: InstanceEntry) throws(IndexFault) {
        var shared = entry
        shared.patient = sets.insert(entry.patient).memberAfterInsert
        shared.study = sets.insert(entry.study).memberAfterInsert
        shared.series = sets.insert(entry.series).memberAfterInsert
        shared.studyInstanceUID = uids.insert(entry.studyInstanceUID).memberAfterInsert
        shared.seriesInstanceUID = uids.insert(entry.seriesInstanceUID).memberAfterInsert
        shared.sopClassUID = uids.insert(entry.sopClassUID).memberAfterInsert
        shared.transferSyntaxUID = uids.insert(entry.transferSyntaxUID).memberAfterInsert
        entries.append(shared)
        try publishWhereFull()
    }

    /// Adds instances, in order; see `add(_:)` of one.
    package func add(_ entries: [InstanceEntry]) throws(IndexFault) {
        for entry in entries { try add(entry) }
    }

    /// Adds a file that is no instance; it takes the place of all that is known of the file.
    package func add(_ file: ForeignFile) throws(IndexFault) {
        foreign.append(file)
        try publishWhereFull()
    }

    /// Takes out what is known of a file that is gone.
    package func remove(root: Int, path: [UInt8]) throws(IndexFault) {
        vanished.append(RootedPath(root: root, path: path))
        try publishWhereFull()
    }

    private func publishWhereFull() throws(IndexFault) {
        if waitingCount >= Self.runEntries { try publish() }
    }

    /// Writes what waits as a run, and makes it count. After this it survives any crash.
    package func publish() throws(IndexFault) {
        guard waitingCount > 0 else { return }
        try folder.publish(ImportBatch(entries: entries, foreign: foreign, vanished: vanished))
        entries = []
        foreign = []
        vanished = []
        sets = []
        uids = []
    }

    /// Publishes what waits, and brings the stack into shape.
    package func finish() throws(IndexFault) {
        try publish()
        try folder.mergeWhereDue()
    }
}

/// A file's name below a root.
struct RootedPath: Hashable, Comparable, Sendable {
    let root: Int
    let path: [UInt8]

    static func < (left: RootedPath, right: RootedPath) -> Bool {
        left.root == right.root ? left.path.lexicographicallyPrecedes(right.path) : left.root < right.root
    }
}

/// What an import publishes at once.
struct ImportBatch {
    var entries: [InstanceEntry]
    var foreign: [ForeignFile]
    var vanished: [RootedPath]
}

extension IndexFolder {
    /// A new import. Several may go on at once; of what they say of one file the last published counts.
    package func importSession() -> ImportSession { ImportSession(self) }

    /// Writes a run that adds the batch and takes back what was known of its files.
    func publish(_ batch: ImportBatch) throws(IndexFault) {
        let lock = try lock(.publish)
        defer { withExtendedLifetime(lock) {} }
        var stack = try stack()
        var written = try write(batch, over: stack)
        // Appenders wait only for this: nothing must have changed since the files were looked up.
        let append = try self.lock(.append)
        defer { withExtendedLifetime(append) {} }
        let now = try self.stack()
        if now.delta.sequence != stack.delta.sequence || now.journals.count != stack.journals.count {
            stack = now
            written = try write(batch, over: now)
        }
        // What is taken back must not come back, and what is known already must not go.
        try settle(stack)
        guard let written else { return }
        var current = stack.current
        current.generation += 1
        current.nextRun = written.number + 1
        current.runs.append(written)
        try commit(current)
    }

    /// The run of a batch over what is known; nil where there is nothing to say.
    private func write(_ batch: ImportBatch, over stack: OpenStack) throws(IndexFault) -> Current.RunEntry? {
        let sum = try Replacement.sum(of: batch, over: stack.snapshot)
        guard sum.count > 0 else { return nil }
        let ordered = OrderedEntry.sorted(sum.entries)
        return try writeRun(stack.current.nextRun) { (writer: inout RunWriter) throws(IndexFault) in
            for entry in ordered { try writer.add(entry) }
            for file in sum.foreign { writer.add(file) }
        }
    }
}

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
        var sum = EntryCoding.Batch()
        let paths = Set(newest.keys).union(foreignNewest.keys).union(batch.vanished).sorted()
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
            let file = entry == nil ? foreignNewest[path].map { batch.foreign[$0] } : nil
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
