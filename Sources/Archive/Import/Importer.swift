// An import: one thread walks the tree beside what the index knows, others read the files that are new or changed.

import ArchiveIndex
import DICOM
import Platform

/// What an import is told.
package struct ImportOptions: Sendable {
    /// Threads that read files: one for each core, but some also where there are few: a disk has something to do meanwhile.
    package var jobs = max(16, Program.coreCount)
    /// Follows symbolic links, but not out of the root.
    package var followsLinks = false
    /// Takes files that are gone out of the index.
    package var prunes = false

    package init() {}
}

/// What an import takes into account for one who goes on watching the tree.
package struct WatchedVisit {
    /// Is asked which folder was at a path before, and told which is.
    package let memory: any FolderMemory
    /// For how long a file must have stayed as it is before it is read: 0 where it is known to be whole.
    package let settleSeconds: ([UInt8]) -> Double
    /// Which of the files that have vanished are taken out.
    package let pruning: Pruning

    package enum Pruning: Sendable {
        case all
        /// Those of a part some of whose known files are there: one without any may be another disk.
        case besideKnown
        case nothing
    }

    package init(
        memory: any FolderMemory, pruning: Pruning, settleSeconds: @escaping ([UInt8]) -> Double
    ) {
        self.memory = memory
        self.pruning = pruning
        self.settleSeconds = settleSeconds
    }
}

/// Imports folders into one index. Originals are only ever opened for reading.
package final class Importer: Sendable {
    private static let waitingJobsMaximum = 256
    /// What was found so long ago is published: an import that is stopped goes on from there.
    private static let publishSeconds = 30.0
    /// Files between looks at `stop`.
    private static let filesBetweenLooks = 64
    /// Unchanged files that are counted at once: each count wakes all readers.
    private static let filesCountedAtOnce = 2_048

    private let options: ImportOptions
    private let stop: WakeDescriptor?
    private let shared: Monitor<Shared>
    /// Used by the thread that walks.
    private let found = Guarded(FoundContents())

    private struct Shared {
        var jobs: [ReadJob] = []
        var isWalkOver = false
        var results: [(job: ReadJob, results: [ReadResult])] = []
        var readersRunning = 0
        var nextPublish = Deadline(afterSeconds: Importer.publishSeconds)
        var report = ImportReport()
    }

    /// - Parameter stop: ends the import early; what was read so far is published.
    package init(options: ImportOptions, stop: WakeDescriptor? = nil) {
        self.options = options
        self.stop = stop
        shared = Monitor(Shared())
    }

    /// The numbers so far, for a progress line from another thread.
    package var progress: ImportReport { shared.withLock { $0.report } }

    /// Imports one root, or parts of it, into `session`; `snapshot` is what the index knows before. Call `session.finish`
    /// afterwards.
    ///
    /// - Parameters:
    ///   - parts: the folders and files to be visited, relative to the root, none within another; an empty one is all of it.
    ///   - excluded: folders that aren't entered.
    ///   - removals: what was taken out of the index on purpose. The index keeps it out by itself; the report is to say so too.
    ///   - session: nil writes nothing.
    /// - Throws: a fault of the index. Files that can't be read are in the report.
    package func run(
        root: Int, folder: Path, parts: [[UInt8]] = [[]], excluding excluded: Set<Path>,
        removals: Removals = Removals(),
        snapshot: Snapshot, session: ImportSession?, watched: WatchedVisit? = nil
    ) throws(IndexFault) {
        let started = MonotonicInstant.now()
        let startedNs = WallClock.now().nanosecondsSince1970
        var visit = Visit(
            job: ReadJob(root: root, rootPath: folder, folder: [], removals: removals), startedNs: startedNs,
            watched: watched)
        shared.withLock { $0.isWalkOver = false }
        for _ in 0..<max(1, options.jobs) { startReader(startedNs) }
        var fault: IndexFault?
        do throws(IndexFault) {
            for part in parts where !progress.isStopped {
                try walk(part, excluded, snapshot, session, &visit)
            }
            try give(visit.job, startedNs, to: session)
        } catch { fault = error }
        shared.withLock {
            $0.isWalkOver = true
            if fault != nil { $0.jobs = [] }
        }
        do throws(IndexFault) {
            while try take(session, waiting: true) {}
            // A folder that can't be read deletes nothing.
            if fault == nil, !progress.isStopped, visit.notes.unreadable.isEmpty {
                for gone in visit.gone { try takeOut(gone, root: root, of: snapshot, session) }
            }
            // A mark is a hint: that it stands on is no reason for an import to fail.
            if let session, fault == nil, !snapshot.unavailable.isEmpty {
                try? session.note(
                    FoundAgain(snapshot: snapshot, root: root, folder: folder, parts: parts).marks())
            }
        } catch { fault = fault ?? error }
        shared.withLock {
            $0.report.vanished += visit.vanished
            $0.report.links += visit.notes.links
            $0.report.loops += visit.notes.loops
            $0.report.others += visit.notes.others
            $0.report.unreadable += visit.notes.unreadable
            $0.report.seconds += MonotonicInstant.now().seconds(since: started)
        }
        if let fault { throw fault }
    }

    /// What the walks over the parts of a root have in common.
    private struct Visit {
        /// Files of one folder that wait for being given to the readers.
        var job: ReadJob
        let startedNs: Int64
        let watched: WatchedVisit?
        var notes = WalkNotes()
        var vanished = 0
        /// Of each part; and whether it is sure that its disk is there.
        var gone: [(files: VanishedFiles, isSure: Bool)] = []
    }

    /// Takes out files that were moved, whose instances were found at other places; and, where that is asked for and it is sure,
    /// all that have vanished.
    private func takeOut(
        _ gone: (files: VanishedFiles, isSure: Bool), root: Int, of snapshot: Snapshot, _ session: ImportSession?
    ) throws(IndexFault) {
        let contents = found.withLock { $0 }
        let isPruned = options.prunes && gone.isSure
        guard isPruned || !contents.isEmpty else { return }
        var moved = 0
        var pruned = 0
        try gone.files.forEach(in: snapshot, root: root) { (file) throws(IndexFault) in
            var isMoved = false
            if file.kind == .instance, !contents.isEmpty {
                isMoved = try snapshot.entries(of: file.place).contains(where: contents.has)
            }
            guard isMoved || isPruned else { return }
            if isMoved { moved += 1 } else { pruned += 1 }
            try session?.remove(file.place)
        }
        shared.withLock { [moved, pruned] in
            $0.report.moved += moved
            $0.report.pruned += pruned
        }
    }

    private func walk(
        _ part: [UInt8], _ excluded: Set<Path>, _ snapshot: Snapshot, _ session: ImportSession?, _ visit: inout Visit
    ) throws(IndexFault) {
        let folder = visit.job.rootPath
        let root = visit.job.root
        var walk: TreeWalk
        do throws(FileFault) {
            walk = try TreeWalk(
                root: folder, part: part, followsLinks: options.followsLinks, excluding: excluded,
                memory: visit.watched?.memory)
        } catch {
            return visit.notes.unreadable.append(error)
        }
        var rescan = try Rescan(snapshot, root: root, part: part)
        var walked = 0
        var unchanged: [KnownFile?] = []
        defer { count(&unchanged, below: folder) }
        while var file = walk.next() {
            if walked % Self.filesBetweenLooks == 0, stop?.isAwake ?? false {
                shared.withLock { $0.report.isStopped = true }
                break
            }
            walked += 1
            rescan.unreadFolders = walk.unreadFolders
            rescan.doubtfulFolders = walk.doubtfulFolders
            if try rescan.isUnchanged(file, below: folder) {
                unchanged.append(rescan.found)
                if unchanged.count >= Self.filesCountedAtOnce { count(&unchanged, below: folder) }
                continue
            }
            if file.folder != visit.job.folder || visit.job.files.count >= ReadJob.filesMaximum {
                try give(visit.job, visit.startedNs, to: session)
                visit.job = visit.job.next(in: file.folder)
            }
            file.novelty = rescan.novelty
            if let watched = visit.watched { file.settleNs = Int64(watched.settleSeconds(file.path) * 1e9) }
            visit.job.files.append(file)
        }
        rescan.unreadFolders = walk.unreadFolders
        rescan.doubtfulFolders = walk.doubtfulFolders
        if !progress.isStopped { try rescan.finish() }
        visit.notes.add(walk.notes)
        visit.vanished += rescan.vanished
        // A root without any of its instances may be a disk that isn't mounted; who watches it knows more.
        let isSure =
            switch visit.watched?.pruning {
            case nil, .besideKnown?: rescan.metInstances > 0
            case .all?: true
            case .nothing?: false
            }
        if rescan.vanishedFiles.count > 0 { visit.gone.append((rescan.vanishedFiles, isSure)) }
    }

    private func count(_ unchanged: inout [KnownFile?], below folder: Path) {
        let counted = unchanged
        unchanged.removeAll(keepingCapacity: true)
        shared.withLock { shared in
            for known in counted { shared.report.count(known: known, below: folder) }
        }
    }

    /// Puts a job into the queue; takes results meanwhile, so that neither grows without bound.
    private func give(_ job: ReadJob, _ startedNs: Int64, to session: ImportSession?) throws(IndexFault) {
        guard !job.files.isEmpty else { return }
        // Without a single thread beside this one, this one reads.
        if shared.withLock({ $0.readersRunning == 0 }) {
            var reader = HeaderReader()
            deliver(reader.read(job, startedNs: startedNs), of: job)
            _ = try take(session, waiting: false)
            return
        }
        while shared.withLock({ $0.jobs.count }) >= Self.waitingJobsMaximum { _ = try take(session, waiting: true) }
        shared.withLock { $0.jobs.append(job) }
        _ = try take(session, waiting: false)
    }

    /// Adds what readers have found; false when there is nothing and nothing will come.
    private func take(_ session: ImportSession?, waiting: Bool) throws(IndexFault) -> Bool {
        let done = shared.withLock(
            when: { !waiting || !$0.results.isEmpty || $0.isWalkOver && $0.jobs.isEmpty && $0.readersRunning == 0 }
        ) { shared -> [(job: ReadJob, results: [ReadResult])] in
            defer { shared.results = [] }
            return shared.results
        }
        guard let done, !done.isEmpty else { return false }
        for read in done {
            var entries: [InstanceEntry] = []
            for (file, result) in zip(read.job.files, read.results) {
                switch result {
                case .instance(let entry, _):
                    if file.novelty == .new { found.withLock { $0.note(entry) } }
                    entries.append(entry)
                case .foreign(let file, _): try session?.add(file)
                case .unreadable, .unsettled: break
                }
            }
            try session?.add(entries)
        }
        let isDue = shared.withLock { shared in
            guard shared.nextPublish.hasPassed else { return false }
            shared.nextPublish = Deadline(afterSeconds: Self.publishSeconds)
            return true
        }
        if isDue { try session?.publishSoon() }
        return true
    }

    private func startReader(_ startedNs: Int64) {
        shared.withLock { $0.readersRunning += 1 }
        let importer = self
        do throws(Errno) {
            _ = try Thread(named: "header reader") { importer.readUntilOver(startedNs) }
        } catch {
            shared.withLock { $0.readersRunning -= 1 }
        }
    }

    private func readUntilOver(_ startedNs: Int64) {
        var reader = HeaderReader()
        while true {
            let job = shared.withLock(when: { !$0.jobs.isEmpty || $0.isWalkOver }) { shared -> ReadJob? in
                shared.jobs.isEmpty ? nil : shared.jobs.removeFirst()
            }
            guard let job = job.flatMap({ $0 }) else { break }
            deliver(reader.read(job, startedNs: startedNs), of: job)
        }
        shared.withLock { $0.readersRunning -= 1 }
    }

    private func deliver(_ results: [ReadResult], of job: ReadJob) {
        shared.withLock { shared in
            shared.results.append((job, results))
            shared.report.count(results, of: job)
        }
    }
}

extension ImportReport {
    /// Counts what was read.
    fileprivate mutating func count(_ results: [ReadResult], of job: ReadJob) {
        for (file, result) in zip(job.files, results) {
            switch result {
            case .instance(let entry, let remark):
                seen += 1
                indexed += 1
                if file.novelty == .new { new += 1 }
                if file.novelty == .changed { changed += 1 }
                if let remark, remarks.count < Self.listedMaximum {
                    remarks.append(
                        ReportedFile(path: job.rootPath.appending(Path(bytes: entry.place.path)), reason: remark))
                }
            case .foreign(let file, let refusal):
                seen += 1
                if refusal == .takenOut {
                    takenOut += 1
                } else if refusal.isForeign {
                    notDICOM += 1
                } else {
                    refuse(job.rootPath.appending(Path(bytes: file.place.path)), refusal.description)
                }
            case .unreadable(let fault):
                // It went between the walk and the reading.
                if fault.cause == .noEntry { continue }
                seen += 1
                unreadableFiles += 1
                refuse(fault.path, "cannot \(fault.operation): \(fault.cause)")
            case .unsettled(let path):
                seen += 1
                unsettled.append(path)
            }
        }
    }

    /// Counts a file that is as the index knows it.
    fileprivate mutating func count(known: KnownFile?, below folder: Path) {
        seen += 1
        guard let known else { return }
        switch known.kind {
        case .instance: unchanged += 1
        case .foreign(let reason):
            if reason == ForeignFile.takenOut {
                takenOut += 1
            } else if Refusal.isForeign(code: reason) {
                notDICOM += 1
            } else {
                refuse(folder.appending(Path(bytes: known.place.path)), Refusal.words(code: reason))
            }
        }
    }

    private mutating func refuse(_ path: Path, _ reason: String) {
        failed += 1
        if refused.count < Self.listedMaximum { refused.append(ReportedFile(path: path, reason: reason)) }
    }
}
