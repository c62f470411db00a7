// One root that is watched: what changed in it, when it is due for a visit, whether it is there at all.

import Platform

/// The state of one watched root.
final class RootWatch {
    let root: WatchedRoot
    let tree: WatchedTree
    var changes = ChangedPaths()
    /// Folders that came with a disk, of which nothing is known to be true any more.
    var returned: [[UInt8]] = []
    /// It isn't there, or is another folder than it was.
    private(set) var isAway = false
    private var lastIdentity: FolderIdentity?
    private var wasMountPoint = false
    /// That some of its folders can't be watched has been said.
    var isLimitTold = false
    /// When all of it is visited anew.
    var nextVisit: Deadline?
    /// When what isn't watched is visited anew.
    var nextUnwatchedVisit: Deadline?
    /// None of the files that are known was there when it was visited at the start or on its return: it may be another disk, or
    /// none. Visits of all of it take nothing out then; `import --prune` does, or the return of the one that is known.
    private var isUnsure = false
    /// The visit that tells couldn't be made yet.
    private var awaitsJudgement = false
    /// No visit before this: the index couldn't be written.
    var pausedUntil: Deadline?

    init(_ root: WatchedRoot, followsLinks: Bool, watches: FolderWatches) {
        self.root = root
        tree = WatchedTree(root: root.folder, followsLinks: followsLinks, watches: watches)
    }

    /// The folder that is watched with all in it: the root, or its part.
    var folder: Path { tree.whole(root.part) }

    /// Other hosts may write to it.
    var isOnNetwork: Bool { (try? FileSystem.holding(folder).isNetwork) ?? false }

    /// Whether the folder is there and the one that was walked last, by what the file system says now.
    var isPresent: Bool {
        guard let found = status else { return false }
        return tree.identity(of: root.part).map { $0 == FolderIdentity(found) } ?? true
    }

    private var status: FileStatus? {
        guard let status = try? File.status(of: folder), status.kind == .folder else { return nil }
        return status
    }

    private var isMountPoint: Bool {
        guard let own = status, let above = try? File.status(of: folder.parent) else { return false }
        return own.device != above.device
    }

    /// It was walked: how it is then is how it has to be when it comes back.
    func noteVisited() {
        lastIdentity = tree.identity(of: root.part)
        wasMountPoint = isMountPoint
    }

    /// From now on nothing is believed of it.
    func goAway() {
        isAway = true
        changes = ChangedPaths()
        returned = []
        nextVisit = nil
        nextUnwatchedVisit = nil
        tree.forgetAll()
    }

    /// Whether it is back: the folder that it was, or, with something in it, one that may well be.
    func comeBack() -> Bool {
        guard isAway, let found = status else { return false }
        if FolderIdentity(found) != lastIdentity {
            guard isMountPoint || !wasMountPoint, (try? Folder.entries(of: folder))?.isEmpty == false else {
                return false
            }
        }
        isAway = false
        return true
    }

    /// What of the files that have vanished a visit may take out. Of a part, events told of their going.
    func pruning(isDoubtful: Bool, isWhole: Bool) -> WatchedVisit.Pruning {
        if isDoubtful || isWhole && awaitsJudgement { return .besideKnown }
        return isWhole && isUnsure ? .nothing : .all
    }

    /// Learns from a visit of all of it whether this is the disk that is known. What the first visit finds is known at the next,
    /// whatever disk it is, so that only the first one tells.
    ///
    /// - Parameter isDoubtful: whether it may be another one.
    func judge(_ report: ImportReport, isDoubtful: Bool) {
        guard isDoubtful || awaitsJudgement, !report.isStopped else { return }
        awaitsJudgement = false
        isUnsure = report.unchanged == 0 && report.pruned == 0 && report.vanished > 0
    }

    /// A visit that would have told couldn't be made.
    func doubt() {
        isUnsure = true
        awaitsJudgement = true
    }
}
