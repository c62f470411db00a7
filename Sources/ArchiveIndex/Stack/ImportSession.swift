// An import's hold on the index: entries in memory, published as a run each so many. What was published, a stopped import
// goes on from.

import DICOM

/// Collects what an import finds. From one thread at a time.
package final class ImportSession {
    /// A run is published when so many files wait.
    package static let runEntries = 100_000
    /// Of so many files, what is said goes into the journal: some of those make what a fold makes a run of.
    package static let appendedMaximum = 1_024

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
        // Neighbours are most often of one series.
        let last = entries.last
        shared.patient = last?.patient == entry.patient ? last!.patient : sets.insert(entry.patient).memberAfterInsert
        shared.study = last?.study == entry.study ? last!.study : sets.insert(entry.study).memberAfterInsert
        shared.series = last?.series == entry.series ? last!.series : sets.insert(entry.series).memberAfterInsert
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
        try folder.publish(batch)
        clear()
        try folder.mergeTier()
    }

    /// Puts what waits into the journal where it is little, which costs one sync and reopens nothing in a daemon; else
    /// publishes it. After this it survives any crash.
    package func append() throws(IndexFault) {
        guard waitingCount > 0 else { return }
        var isAppended = false
        if waitingCount <= Self.appendedMaximum { isAppended = try folder.append(batch) }
        if isAppended { clear() } else { try publish() }
    }

    private var batch: ImportBatch { ImportBatch(entries: entries, foreign: foreign, vanished: vanished) }

    private func clear() {
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
