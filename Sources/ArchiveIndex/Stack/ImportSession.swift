// An import's hold on the index: entries in memory, published as a run each so many. What was published, a stopped import
// goes on from.

import DICOM
import Platform

/// Collects what an import finds. From one thread at a time; runs are written on a thread of their own, while more is found.
package final class ImportSession {
    /// Of so many files, what is said goes into the journal: some of those make what a fold makes a run of.
    package static let appendedMaximum = 1_024

    private let folder: IndexFolder
    /// A run is published when so many files wait.
    private let runEntries: Int
    private var batch = ImportBatch()
    private var publication: Publication?
    /// Sets and UIDs that recur are kept once.
    private var sets: Set<AttributeSet> = []
    private var uids: Set<UID> = []

    init(_ folder: IndexFolder, runEntries: Int = 100_000) {
        self.folder = folder
        self.runEntries = runEntries
    }

    deinit { try? publication?.wait() }

    /// Says of instances whether they are available; at once, whatever is published when.
    package func note(_ marks: [AvailabilityMark]) throws(IndexFault) { try folder.note(marks) }

    /// What waits to be published.
    package var waitingCount: Int { batch.count }

    /// Adds an instance; it takes the place of all that is known of its file. Publishes where enough waits.
    ///
    /// - Throws: also what went wrong with a run that was begun before. Its entries are lost then: a session that threw is of no
    ///   use any more.
    package func add(_ entry: InstanceEntry) throws(IndexFault) {
        if let last = batch.entries.last, last.isNeighbour(of: entry) {
            batch.entries.append(entry.sharing(with: last))
        } else {
            batch.entries.append(sharingKnown(entry))
        }
        try publishWhereFull()
    }

    private func sharingKnown(_ entry: InstanceEntry) -> InstanceEntry {
        var fields = entry.fields
        fields.patient = sets.insert(fields.patient).memberAfterInsert
        fields.study = sets.insert(fields.study).memberAfterInsert
        fields.series = sets.insert(fields.series).memberAfterInsert
        fields.studyInstanceUID = uids.insert(fields.studyInstanceUID).memberAfterInsert
        fields.seriesInstanceUID = uids.insert(fields.seriesInstanceUID).memberAfterInsert
        fields.sopClassUID = uids.insert(fields.sopClassUID).memberAfterInsert
        fields.transferSyntaxUID = uids.insert(fields.transferSyntaxUID).memberAfterInsert
        var shared = entry
        shared.fields = fields
        return shared
    }

    /// Adds instances, in order; see `add(_:)` of one. Where they are neighbours, they have what recurs in them once already.
    package func add(_ entries: [InstanceEntry]) throws(IndexFault) {
        var before: InstanceEntry?
        for entry in entries {
            if let before, before.isNeighbour(of: entry) {
                batch.entries.append(entry)
                try publishWhereFull()
            } else {
                try add(entry)
            }
            before = entry
        }
    }

    /// Adds a file that is no instance; it takes the place of all that is known of the file.
    package func add(_ file: ForeignFile) throws(IndexFault) {
        batch.foreign.append(file)
        try publishWhereFull()
    }

    /// Takes out a file that is gone, if it is still known as it was: else it came back meanwhile, and somebody indexed it.
    package func remove(_ known: Place) throws(IndexFault) {
        batch.vanished.append(known)
        try publishWhereFull()
    }

    /// Takes out what is known of a file, in whatever state.
    package func forget(root: Int, path: [UInt8]) throws(IndexFault) {
        batch.forgotten.append(RootedPath(root: root, path: path))
        try publishWhereFull()
    }

    private func publishWhereFull() throws(IndexFault) {
        if waitingCount >= runEntries { try publishSoon() }
    }

    /// Begins to publish what waits, and doesn't wait for the end of it, but for the one before it.
    ///
    /// - Throws: what went wrong with the one before.
    package func publishSoon() throws(IndexFault) {
        try settle()
        guard waitingCount > 0 else { return }
        do throws(Errno) {
            publication = try Publication(of: batch, in: folder)
            clear()
        } catch {
            // Without a single thread beside this one, this one writes.
            try publish()
        }
    }

    /// Writes what waits as a run, and makes it count. After this it survives any crash.
    package func publish() throws(IndexFault) {
        try settle()
        guard waitingCount > 0 else { return }
        try folder.publishTier(batch)
        clear()
    }

    /// Puts what waits into the journal where it is little, which costs one sync and reopens nothing in a daemon; else
    /// publishes it. After this it survives any crash.
    package func append() throws(IndexFault) {
        try settle()
        guard waitingCount > 0 else { return }
        var isAppended = false
        if waitingCount <= Self.appendedMaximum { isAppended = try folder.append(batch) }
        if isAppended { clear() } else { try publish() }
    }

    /// Waits for what was begun.
    private func settle() throws(IndexFault) {
        guard let begun = publication else { return }
        publication = nil
        try begun.wait()
    }

    private func clear() {
        batch = ImportBatch()
        sets = []
        uids = []
    }

    /// Publishes what waits, and brings the stack into shape.
    package func finish() throws(IndexFault) {
        try publish()
        try folder.mergeWhereDue()
    }
}

/// A batch that is published on a thread of its own.
private final class Publication: Sendable {
    private enum State {
        case running, done
        case failed(IndexFault)
    }

    private let state = Monitor(State.running)

    init(of batch: ImportBatch, in folder: IndexFolder) throws(Errno) {
        _ = try Thread(named: "run writer", stackBytes: 8 << 20) { [state] in
            var end = State.done
            do throws(IndexFault) { try folder.publishTier(batch) } catch { end = .failed(error) }
            state.withLock { [end] in $0 = end }
        }
    }

    /// - Throws: what publishing it threw.
    func wait() throws(IndexFault) {
        let end = state.withLock(when: { if case .running = $0 { false } else { true } }) { $0 }
        if case .failed(let fault)? = end { throw fault }
    }
}

extension IndexFolder {
    /// Publishes a batch of an import, and keeps the runs of imports few.
    fileprivate func publishTier(_ batch: ImportBatch) throws(IndexFault) {
        try publish(batch)
        try mergeTier()
    }
}
