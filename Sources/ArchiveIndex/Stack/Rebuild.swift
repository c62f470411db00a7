// Making an index anew beside the old one, which goes on working: see FORMAT.md 8.9 for every step.

import DICOM
import Platform

/// What a rebuild asks of those who can read files.
package protocol RebuildSource {
    /// Reads files of a root again, and tells the session what they are now: instances, others, or gone.
    func read(
        _ paths: [[UInt8]], root: Int, folder: Path, into session: ImportSession
    ) throws(IndexFault)

    /// Makes sure that the roots are still those that were read.
    func checkRoots() throws(IndexFault)

    /// Visits all of root 0 again.
    func visitInstances(_ index: IndexFolder) throws(IndexFault)
}

/// A new index in the folder `rebuild` of the old one, until it takes its place. From one thread.
package final class Rebuild {
    static let name = "rebuild"

    /// The new index. Its roots are those of the old one, and their numbers too.
    package let index: IndexFolder
    /// A rebuild that was stopped or killed is gone on with.
    package private(set) var isResumed = false
    /// Why the old index can't be read; nil where it can. Then all that the files don't say of it is lost.
    package private(set) var oldFault: IndexFault?
    /// What was removed on purpose is lost with `roots`.
    package var losesRoots: Bool { replacedRoots != nil }

    let old: IndexFolder
    /// The old index when it was looked at last: all that it said then is in the new one, as far as files are there.
    var before: OpenStack?
    /// Takes the place of `roots` that can't be read.
    let replacedRoots: Roots?
    private let lock: OpenFile

    /// Begins a rebuild, or goes on with one.
    ///
    /// - Parameters:
    ///   - folders: absolute; roots to be added, all of them where `roots` can't be read.
    ///   - startsOver: throws away what a rebuild that was stopped has left.
    ///   - ignoresOld: doesn't read the old index, as if it were damaged: a failing disk may give other errors.
    ///   - fallback: how the new index reads text that names no character set.
    /// - Throws: `.busy` where another one is at it; what is wrong with `roots` where it can't be read and no folder is named.
    package init(
        at path: Path, instancesFolder: Path? = nil, folders: [Path] = [], startsOver: Bool = false,
        ignoresOld: Bool = false, fallback: FallbackCharacterSet = .standard, kernel: any Kernel = SystemKernel()
    ) throws(IndexFault) {
        let isThere = try wrapping { () throws(FileFault) in try File.exists(path, kernel: kernel) }
        guard isThere else { throw .noIndex(folder: path.description) }
        let network = kernel is SystemKernel && ((try? FileSystem.holding(path).isNetwork) ?? false)
        old = IndexFolder(path, instancesFolder: instancesFolder, kernel: kernel, readsWithoutMapping: network)
        lock = try old.lock(.rebuild, waitingSeconds: 0)
        let roots: Roots
        var oldFault: IndexFault?
        do throws(IndexFault) {
            _ = try old.listedRoots()
            for folder in folders { _ = try old.root(of: folder) }
            roots = try old.listedRoots()
            replacedRoots = nil
        } catch {
            guard error.isOfRoots, !folders.isEmpty else { throw error }
            oldFault = error
            roots = Roots(numbering: folders.filter { [instances = old.instancesFolder] in $0 != instances })
            replacedRoots = roots
        }
        if ignoresOld {
            try Self.refuseNewer(old)
            oldFault = oldFault ?? .refused(what: "it isn't to be read")
        }
        if oldFault == nil {
            do throws(IndexFault) {
                // The fewer entries the journals hold, the less is to be looked at again.
                try? old.fold()
                before = try old.stack()
            } catch {
                guard error.isOfContent else { throw error }
                oldFault = error
            }
        }
        self.oldFault = oldFault
        (index, isResumed) = try Self.open(beside: old, roots, fallback, startsOver: startsOver)
    }

    /// An index that a newer version wrote isn't replaced, whatever is to be ignored of it.
    private static func refuseNewer(_ old: IndexFolder) throws(IndexFault) {
        do throws(IndexFault) { _ = try old.current() } catch { if case .refused = error { throw error } }
    }

    private static func open(
        beside old: IndexFolder, _ roots: Roots, _ fallback: FallbackCharacterSet, startsOver: Bool
    ) throws(IndexFault) -> (IndexFolder, isResumed: Bool) {
        let path = old.path.appending(name)
        let isThere = try wrapping { () throws(FileFault) in try File.exists(path, kernel: old.kernel) }
        let isKept = isThere && !startsOver && isUsable(path, old, roots, fallback)
        if isThere, !isKept { try clear(path, old.kernel) }
        let index = try IndexFolder.create(
            at: path, instancesFolder: old.instancesFolder, fallback: fallback, kernel: old.kernel)
        // It may have been killed while it followed a change of `roots`: nobody knows what it is in line with.
        if isKept { _ = try index.undo([]) }
        try index.apply(roots, over: Roots())
        return (index, isKept)
    }

    /// Whether what is left of a rebuild can be gone on with: it can be read, and so are texts in it, and its numbers mean the
    /// same folders.
    private static func isUsable(
        _ path: Path, _ old: IndexFolder, _ roots: Roots, _ fallback: FallbackCharacterSet
    ) -> Bool {
        guard
            let index = try? IndexFolder.open(at: path, instancesFolder: old.instancesFolder, kernel: old.kernel),
            let known = try? index.listedRoots(), (try? index.stack()) != nil,
            (try? index.fallbackCharacterSet()) == fallback
        else { return false }
        return known.folders.allSatisfy { roots.folders[$0.key] == $0.value }
    }

    /// Removes what a rebuild left: `current` first, so that what is left of the rest is no index.
    static func clear(_ path: Path, _ kernel: any Kernel) throws(IndexFault) {
        try wrapping { () throws(FileFault) in
            let current = path.appending(Current.name)
            if try File.exists(current, kernel: kernel) { try File.remove(current, kernel: kernel) }
            for entry in try Folder.entries(of: path, kernel: kernel) {
                try File.remove(path.appending(entry.path), kernel: kernel)
            }
        }
    }

    /// The folders to be visited, by number: root 0, and all others that aren't gone.
    package func roots() throws(IndexFault) -> [Int: Path] {
        let gone = try index.goneRoots()
        return try index.roots().filter { !gone.contains($0.key) }
    }

    /// Roots of which no instance was found, though the old index has some, or can't say: a disk that isn't mounted looks so,
    /// whatever lies in its place.
    package func emptyRoots() throws(IndexFault) -> [Int] {
        var empty: [Int] = []
        for root in try roots().keys.sorted() {
            if try index.snapshot().hasInstances(root: root) { continue }
            var hadFiles = root != 0
            if let before {
                do throws(IndexFault) {
                    hadFiles = try before.snapshot.hasInstances(root: root)
                } catch {
                    hadFiles = true
                }
            }
            if hadFiles { empty.append(root) }
        }
        return empty
    }

    /// Whether the old index knows of instances in a folder of a root; false where it can't say, or any folder that is empty
    /// would hinder a rebuild of a damaged index.
    ///
    /// - Parameter folder: relative to the root.
    package func hadInstances(root: Int, below folder: [UInt8]) throws(IndexFault) -> Bool {
        guard let before else { return false }
        do throws(IndexFault) { return try before.snapshot.hasInstances(root: root, below: folder) } catch {
            return false
        }
    }

    /// Looks again at the files that the old index says something new of. It goes on being used meanwhile.
    ///
    /// - Returns: how many were read again.
    package func catchUp(_ source: some RebuildSource) throws(IndexFault) -> Int {
        if before != nil { try? old.fold() }
        return try catchUpOnce(source)
    }

    /// The same without folding first.
    func catchUpOnce(_ source: some RebuildSource) throws(IndexFault) -> Int {
        guard let before else { return 0 }
        let now: OpenStack
        do throws(IndexFault) { now = try old.stack() } catch {
            try lose(error)
            return 0
        }
        let listed = try old.listedRoots()
        let known = try index.listedRoots()
        if listed != known { try index.apply(listed, over: known) }
        let folders = try index.roots()
        let session = index.importSession()
        var count = 0
        if known.removals.throughNs.keys.contains(where: { listed.removals.throughNs[$0] == nil }) {
            count += try readTakenOut(folders, source, session)
        }
        var ownFault: IndexFault?
        do throws(IndexFault) {
            let touched = TouchedFiles(before: before, now: now, roots: folders.keys.sorted())
            try touched.forEachPart { (paths: [RootedPath]) throws(IndexFault) in
                do throws(IndexFault) {
                    count += try read(
                        paths.filter { !listed.gone.contains($0.root) }, now.snapshot, folders, source, session)
                } catch {
                    ownFault = error
                    throw error
                }
            }
        } catch {
            if let ownFault { throw ownFault }
            try lose(error)
        }
        try session.publish()
        if self.before != nil { self.before = now }
        return count
    }

    /// Reads again all that is marked as taken out on purpose: some of it isn't any more.
    private func readTakenOut(
        _ folders: [Int: Path], _ source: some RebuildSource, _ session: ImportSession
    ) throws(IndexFault) -> Int {
        var count = 0
        for (root, folder) in folders.sorted(by: { $0.key < $1.key }) {
            try index.forEachTakenOut(ofRoot: root) { (paths: [[UInt8]]) throws(IndexFault) in
                try source.read(paths, root: root, folder: folder, into: session)
                count += paths.count
            }
        }
        return count
    }

    /// Reads those files of a part again on which the two indexes don't agree.
    private func read(
        _ paths: [RootedPath], _ theirs: Snapshot, _ folders: [Int: Path], _ source: some RebuildSource,
        _ session: ImportSession
    ) throws(IndexFault) -> Int {
        let ours = try index.snapshot()
        var stale: [Int: [[UInt8]]] = [:]
        for path in paths {
            let known = try ours.file(root: path.root, path: path.path)
            // Where the old index can't say, the file can.
            if (try? Self.agree(theirs, known, on: path)) != true { stale[path.root, default: []].append(path.path) }
        }
        for (root, paths) in stale.sorted(by: { $0.key < $1.key }) {
            guard let folder = folders[root] else { continue }
            try source.read(paths, root: root, folder: folder, into: session)
        }
        return stale.values.reduce(0) { $0 + $1.count }
    }

    /// What is damaged in the old index is no hindrance: the new one then holds what the files say.
    private func lose(_ fault: IndexFault) throws(IndexFault) {
        guard fault.isOfContent else { throw fault }
        before = nil
        oldFault = fault
    }

    /// Whether both know the file in the same state, or neither knows it.
    private static func agree(
        _ snapshot: Snapshot, _ ours: KnownFile?, on path: RootedPath
    ) throws(IndexFault) -> Bool {
        let theirs = try snapshot.file(root: path.root, path: path.path)
        guard let theirs, let ours else { return theirs == nil && ours == nil }
        return theirs.kind == ours.kind && ours.place.isTrusted && theirs.place.sizeBytes == ours.place.sizeBytes
            && theirs.place.modificationNs == ours.place.modificationNs && theirs.place.inode == ours.place.inode
    }
}

extension Roots {
    /// Folders in the order in which they are named.
    fileprivate init(numbering folders: [Path]) {
        for folder in folders where number(of: folder) == nil { self.folders[self.folders.count + 1] = folder }
    }
}

extension IndexFault {
    /// The index isn't one that can be read, now or later. What the system refuses may pass, and must not cost what the old
    /// index alone can tell of the time of the rebuild.
    fileprivate var isOfContent: Bool {
        switch self {
        case .damaged, .foreignVersion, .noIndex: true
        case .file, .busy, .refused, .stopped: false
        }
    }

    /// It is `roots` that can't be read.
    fileprivate var isOfRoots: Bool {
        switch self {
        case .damaged(let file, _, _), .foreignVersion(let file, _): file == Roots.name
        default: false
        }
    }
}
