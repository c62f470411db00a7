// The folders of one root as they are watched: which there are, which folder of the host each was, whose disk is away.

import Platform

/// Remembers the folders of a root, and has a watch for each. Walks over the root put them here.
final class WatchedTree: FolderMemory {
    /// The root's folder.
    let root: Path
    private let watches: FolderWatches
    private let followsLinks: Bool
    private var top: WatchedFolder?
    /// Counts the walks over all of the tree.
    private var walk = 0
    /// Folders whose disk is away, and which folder of the host each was.
    private var absent: [[UInt8]: FolderIdentity] = [:]
    /// Some folders couldn't be watched, because this user has as many watches as he may have.
    private(set) var isLimited = false

    init(root: Path, followsLinks: Bool, watches: FolderWatches) {
        self.root = root
        self.followsLinks = followsLinks
        self.watches = watches
    }

    // MARK: What walks say

    func compare(_ path: [UInt8], with found: FolderIdentity) -> FolderComparison {
        guard let known = absent[path] ?? folder(at: path)?.identity else { return .other }
        if known.device != found.device {
            absent[path] = known
            return .otherDisk
        }
        return known == found && folder(at: path)?.isProven == true ? .same : .other
    }

    func willList(_ path: [UInt8], _ found: FolderIdentity) {
        let folder = make(path)
        if let known = folder.identity, known != found { drop(folder, keepingItself: true) }
        folder.identity = found
        folder.walk = walk
        guard folder.watch == nil else { return }
        if !watches.add(folder, at: whole(path), followingLink: followsLinks || path.isEmpty) { isLimited = true }
    }

    func didFindNames(in path: [UInt8]) { folder(at: path)?.isProven = true }

    var absentFolders: [[UInt8]] { Array(absent.keys) }

    // MARK: What is known

    /// How the folder at `path` was when it was met last.
    func identity(of path: [UInt8]) -> FolderIdentity? { folder(at: path)?.identity }

    /// Whether there is a watch of the folder at `path`.
    func isWatched(_ path: [UInt8]) -> Bool { folder(at: path)?.watch != nil }

    /// Folders that were met and couldn't be watched, but none within another.
    func unwatched() -> [[UInt8]] {
        guard isLimited else { return [] }
        var found: [[UInt8]] = []
        var rest = top.map { [$0] } ?? []
        while let folder = rest.popLast() {
            if folder.identity != nil, folder.watch == nil, absent[folder.path] == nil {
                found.append(folder.path)
            } else {
                rest += folder.folders.values
            }
        }
        isLimited = !found.isEmpty
        return found.sorted { $0.lexicographicallyPrecedes($1) }
    }

    func whole(_ path: [UInt8]) -> Path { path.isEmpty ? root : root.appending(Path(bytes: path)) }

    // MARK: What events say

    /// There is no folder at `path` any more, or another one: what is remembered of it and those in it goes.
    func forget(_ path: [UInt8]) {
        guard let folder = folder(at: path) else { return }
        drop(folder, keepingItself: path.isEmpty)
    }

    /// The folder at `path` came to be there before our eyes: empty or not, it is no place where a disk isn't mounted.
    func noteMade(_ path: [UInt8]) { folder(at: path)?.isProven = true }

    /// The file system of `folder` was unmounted: what was in it isn't gone.
    ///
    /// - Returns: whether it is the one that the file system was mounted on. Every folder of it is told of, this one is kept an
    ///   eye on.
    func noteUnmounted(_ folder: WatchedFolder) -> Bool {
        guard let identity = folder.identity, folder.parent?.identity?.device != identity.device else { return false }
        absent[folder.path] = identity
        return true
    }

    /// Folders whose disk is back, or that have another disk now: to be walked again.
    func returned() -> [[UInt8]] {
        var paths: [[UInt8]] = []
        for (path, known) in absent {
            guard let found = try? File.status(of: whole(path)), found.kind == .folder,
                let above = try? File.status(of: whole(path).parent)
            else { continue }
            if found.device == known.device {
                absent[path] = nil
                paths.append(path)
            } else if found.device != above.device {
                // As the same disk has another number after it was mounted again, this may be it, or another.
                absent[path] = nil
                forget(path)
                paths.append(path)
            }
        }
        return paths.sorted { $0.lexicographicallyPrecedes($1) }
    }

    /// Nothing is remembered, nothing is watched.
    func forgetAll() {
        if let top { drop(top, keepingItself: true) }
        top = nil
        absent = [:]
    }

    // MARK: Walks over all of it

    /// A walk over all of the tree begins.
    func beginWalk() { walk += 1 }

    /// The walk met all there is: folders that it didn't meet are gone, but those whose disk is away.
    func endWalk() {
        var away = FolderSet()
        for path in absent.keys { away.insert(path) }
        var rest = top.map { [$0] } ?? []
        while let folder = rest.popLast() {
            let path = folder.path
            guard folder.identity == nil || folder.walk == walk || absent[path] != nil || away.holds(path) else {
                drop(folder, keepingItself: folder.parent == nil)
                continue
            }
            rest += folder.folders.values
        }
    }

    // MARK: -

    private func folder(at path: [UInt8]) -> WatchedFolder? {
        var folder = top
        for name in path.split(separator: 0x2F) { folder = folder?.folder(Array(name)) }
        return folder
    }

    private func make(_ path: [UInt8]) -> WatchedFolder {
        var folder = top ?? WatchedFolder(named: [], in: nil, of: self)
        top = folder
        for name in path.split(separator: 0x2F) { folder = folder.make(Array(name)) }
        return folder
    }

    private func drop(_ folder: WatchedFolder, keepingItself: Bool) {
        var rest = [folder]
        while let one = rest.popLast() {
            watches.remove(one)
            rest += one.folders.values
        }
        for name in folder.folders.keys { folder.remove(name) }
        folder.identity = nil
        folder.isProven = false
        if !keepingItself { folder.parent?.remove(folder.name) }
    }
}
