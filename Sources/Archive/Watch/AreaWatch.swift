// Keeps an index current: what the kernel tells of folders becomes visits to the files that changed, and where it can't tell,
// or has lost count, everything is visited.

import ArchiveIndex
import Platform

/// Watches the roots of an area. From one thread.
package final class AreaWatch {
    let index: IndexFolder
    let options: WatchOptions
    private let stop: WakeDescriptor?
    let tell: (WatchNews) -> Void
    let watches: FolderWatches
    let roots: [RootWatch]
    /// Events were lost; all is visited when no more come.
    var isLost = false
    var lostSince: MonotonicInstant?
    var lastEvent: MonotonicInstant?
    /// When what is there, and what is back, is looked for.
    var nextLook = Deadline(MonotonicInstant(nanoseconds: 0))
    /// Roots that were removed from the index, as it said last.
    private var gone: Set<Int> = []

    /// - Parameters:
    ///   - stop: ends it early; what was read by then counts.
    ///   - tell: called from the thread that calls this value.
    /// - Throws: EMFILE when this user has as many watching processes as the system allows.
    package init(
        _ roots: [WatchedRoot], index: IndexFolder, options: WatchOptions, stop: WakeDescriptor?,
        tell: @escaping (WatchNews) -> Void
    ) throws(Errno) {
        let watches = try FolderWatches()
        self.index = index
        self.options = options
        self.stop = stop
        self.tell = tell
        self.watches = watches
        self.roots = roots.map { RootWatch($0, followsLinks: options.importing.followsLinks, watches: watches) }
    }

    /// Visits all roots, then keeps them current until `stop`.
    package func run() throws(IndexFault) {
        try start(at: .now())
        while !isStopped {
            let due = try step(at: .now())
            var poller = Poller()
            poller.add(watches.queue.descriptor)
            if let stop { poller.add(stop.descriptor) }
            do throws(Errno) { _ = try poller.wait(until: due) } catch {
                throw .file(FileFault(.watch, index.path, error))
            }
        }
    }

    private var isStopped: Bool { stop?.isAwake ?? false }

    /// The first visit to each root, which also has a watch made for each folder.
    package func start(at now: MonotonicInstant) throws(IndexFault) {
        for root in roots where !isStopped {
            if root.isPresent {
                tell(.visiting(root.folder))
                try visit(root, .start, at: now)
            } else {
                root.goAway()
                tell(.away(root.folder))
            }
            if root.isOnNetwork { tell(.network(root.folder, minutes: options.unwatchedMinutes)) }
        }
        if !isStopped { tell(.watching(folders: watches.count)) }
    }

    /// Does what is due.
    ///
    /// - Returns: when something is due next, though no event comes.
    package func step(at now: MonotonicInstant) throws(IndexFault) -> Deadline {
        try readEvents(at: now)
        if nextLook.hasPassed(at: now) {
            nextLook = Deadline(afterSeconds: WatchOptions.lookSeconds, from: now)
            do throws(IndexFault) { gone = try index.goneRoots() } catch {
                // The next visit meets that too, and says so.
                guard error.maySucceedLater else { throw error }
            }
            for root in roots where !isStopped { try look(at: root, at: now) }
        }
        if isLost, lostIsDue(now).hasPassed(at: now) {
            isLost = false
            tell(.lost)
            for root in roots where !root.isAway { root.nextVisit = Deadline(now) }
            for root in roots where !isStopped && !root.isAway { try visit(root, .lost, at: now) }
        }
        var due = nextLook
        if isLost { due = min(due, lostIsDue(now)) }
        for root in roots where !root.isAway && !isStopped {
            if let paused = root.pausedUntil {
                guard paused.hasPassed(at: now) else {
                    due = min(due, paused)
                    continue
                }
                root.pausedUntil = nil
            }
            try keepCurrent(root, at: now)
            for next in [root.changes.due, root.nextVisit, root.nextUnwatchedVisit] {
                if let next, !root.isAway { due = min(due, root.pausedUntil ?? next) }
            }
        }
        return due
    }

    /// When all is visited because events were lost: when it is quiet, or has been long enough not.
    private func lostIsDue(_ now: MonotonicInstant) -> Deadline {
        min(
            Deadline(afterSeconds: ChangedPaths.quietSeconds, from: lastEvent ?? now),
            Deadline(afterSeconds: ChangedPaths.longestSeconds, from: lostSince ?? now))
    }

    private func keepCurrent(_ root: RootWatch, at now: MonotonicInstant) throws(IndexFault) {
        if let batch = root.changes.take(at: now) { try visit(root, .change, batch, at: now) }
        if !root.returned.isEmpty {
            let parts = root.returned
            root.returned = []
            try visit(root, .back, ChangedPaths.Batch(parts: parts), at: now)
        }
        if let next = root.nextVisit, next.hasPassed(at: now) {
            try visit(root, .rescan, at: now)
        } else if let next = root.nextUnwatchedVisit, next.hasPassed(at: now) {
            let parts = root.isOnNetwork ? [root.root.part] : root.tree.unwatched()
            try visit(root, .rescan, ChangedPaths.Batch(parts: parts), at: now)
        }
    }

    // MARK: What is there

    private func look(at root: RootWatch, at now: MonotonicInstant) throws(IndexFault) {
        let isGone = gone.contains(root.root.number)
        if !root.isAway {
            if isGone { return leave(root) }
            if root.isPresent {
                for path in root.tree.returned() {
                    tell(.back(root.tree.whole(path)))
                    root.returned.append(path)
                }
                return
            }
            root.goAway()
            tell(.away(root.folder))
        }
        guard !isGone, root.comeBack() else { return }
        tell(.back(root.folder))
        try visit(root, .back, at: now)
    }

    /// A root that was removed from the index is left alone until it is one again.
    private func leave(_ root: RootWatch) {
        root.goAway()
        tell(.removed(root.folder))
    }

    // MARK: Visits

    private func visit(
        _ root: RootWatch, _ cause: WatchBatch.Cause, at now: MonotonicInstant
    ) throws(IndexFault) {
        try visit(root, cause, ChangedPaths.Batch(parts: [root.root.part]), at: now)
    }

    /// Brings the index up to date with what is at `batch.parts` now.
    private func visit(
        _ root: RootWatch, _ cause: WatchBatch.Cause, _ batch: ChangedPaths.Batch, at now: MonotonicInstant
    ) throws(IndexFault) {
        guard root.isPresent else {
            root.goAway()
            return tell(.away(root.folder))
        }
        let isWhole = batch.parts == [root.root.part]
        // What is there then may be another disk than the one that is known, or none.
        let isDoubtful = cause == .start || cause == .back
        if isWhole { root.tree.beginWalk() }
        let absentBefore = Set(root.tree.absentFolders)
        var importing = options.importing
        importing.prunes = true
        let importer = Importer(options: importing, stop: stop)
        let settled = batch.settleSeconds
        do throws(IndexFault) {
            gone = try index.goneRoots()
            if gone.contains(root.root.number) { return leave(root) }
            let session = index.importSession()
            try importer.run(
                root: root.root.number, folder: root.root.folder, parts: batch.parts, excluding: root.root.excluded,
                removals: index.removals(), snapshot: index.snapshot(), session: session,
                watched: WatchedVisit(
                    memory: root.tree, pruning: root.pruning(isDoubtful: isDoubtful, isWhole: isWhole),
                    settleSeconds: { settled[$0] ?? WatchOptions.settleSeconds }))
            // It may have gone while it was walked.
            if root.isPresent { try session.append() }
            try index.foldAndMergeWhereDue()
        } catch {
            guard error.maySucceedLater else { throw error }
            if isDoubtful, !isWhole {
                root.returned += batch.parts
            } else {
                if isDoubtful { root.doubt() }
                for part in batch.parts {
                    root.changes.note(part, settleSeconds: settled[part] ?? WatchOptions.settleSeconds, at: now)
                }
            }
            // The visit itself may have waited long for a lock.
            root.pausedUntil = Deadline(afterSeconds: WatchOptions.retrySeconds, from: max(now, .now()))
            return tell(.postponed(error, seconds: Int(WatchOptions.retrySeconds)))
        }
        let report = importer.progress
        if isWhole { root.judge(report, isDoubtful: isDoubtful) }
        for path in report.unsettled {
            root.changes.postpone(
                path,
                bySeconds: settled[path].map { max($0, WatchOptions.settleSeconds) } ?? WatchOptions.settleSeconds,
                at: now)
        }
        for path in root.tree.absentFolders where !absentBefore.contains(path) { tell(.away(root.tree.whole(path))) }
        if isWhole, !report.isStopped {
            root.tree.endWalk()
            root.noteVisited()
        }
        plan(root, isWhole: isWhole, tookSeconds: report.seconds)
        tellLimit(root)
        tell(.batch(WatchBatch(cause: cause, root: root.folder, parts: batch.parts.count, report: report)))
    }

    /// When the root is visited next though nothing is told.
    private func plan(_ root: RootWatch, isWhole: Bool, tookSeconds: Double) {
        func next(_ minutes: Int) -> Deadline? {
            minutes > 0
                ? Deadline(afterSeconds: max(Double(minutes) * 60, tookSeconds * WatchOptions.restRatio)) : nil
        }
        if isWhole { root.nextVisit = next(options.rescanMinutes) }
        let isUnwatched = root.tree.isLimited || root.isOnNetwork
        if !isUnwatched {
            root.nextUnwatchedVisit = nil
        } else if isWhole || root.nextUnwatchedVisit?.hasPassed == true || root.nextUnwatchedVisit == nil {
            root.nextUnwatchedVisit = next(options.unwatchedMinutes)
        }
    }

    private func tellLimit(_ root: RootWatch) {
        let count = root.tree.unwatched().count
        if count > 0, !root.isLimitTold {
            tell(.limited(root.folder, folders: count, minutes: options.unwatchedMinutes))
        }
        root.isLimitTold = count > 0
    }
}

extension IndexFault {
    /// A full disk, a lock that another holds for long.
    fileprivate var maySucceedLater: Bool {
        switch self {
        case .busy, .file: true
        default: false
        }
    }
}
