// The watches of all roots: which folders each stands for, and how many couldn't be had.

import Platform

/// One queue of events, and whose folder each watch is.
final class FolderWatches {
    let queue: FolderWatch
    /// A folder that is reached by two paths has one watch.
    private var folders: [FolderWatch.Number: [WatchedFolder]] = [:]
    init() throws(Errno) { queue = try FolderWatch() }

    /// How many folders are watched.
    var count: Int { folders.count }

    /// The folders that an event of `watch` is about.
    func folders(of watch: FolderWatch.Number) -> [WatchedFolder] { folders[watch] ?? [] }

    /// Watches `folder`, which lies at `path` now.
    ///
    /// - Returns: false where this user has as many watches as he may have.
    func add(_ folder: WatchedFolder, at path: Path, followingLink: Bool) -> Bool {
        do throws(FileFault) {
            let number = try queue.add(path, followingLink: followingLink)
            folder.watch = number
            folders[number, default: []].append(folder)
            return true
        } catch {
            // Any other failure the walk, which is about to read the folder, has as well.
            return error.cause != .noSpace
        }
    }

    /// `folder` isn't watched any more.
    func remove(_ folder: WatchedFolder) {
        guard let number = folder.watch else { return }
        folder.watch = nil
        folders[number]?.removeAll { $0 === folder }
        guard folders[number]?.isEmpty == true else { return }
        folders[number] = nil
        queue.remove(number)
    }

    /// The kernel has taken a watch away.
    func forget(_ watch: FolderWatch.Number) {
        for folder in folders.removeValue(forKey: watch) ?? [] { folder.watch = nil }
    }
}

/// A folder of a root. It holds those in it, and its path is made from the names above it.
final class WatchedFolder {
    let name: [UInt8]
    unowned let tree: WatchedTree
    private(set) weak var parent: WatchedFolder?
    private(set) var folders: [[UInt8]: WatchedFolder] = [:]
    /// As it was when its names were read last; nil where they never were.
    var identity: FolderIdentity?
    var watch: FolderWatch.Number?
    /// Something was in it, or it was made before our eyes: where it is empty, all is gone that was in it.
    var isProven = false
    /// In which full walk it was met last.
    var walk = 0

    init(named name: [UInt8], in parent: WatchedFolder?, of tree: WatchedTree) {
        self.name = name
        self.parent = parent
        self.tree = tree
    }

    /// Relative to the root, empty for the root itself.
    var path: [UInt8] {
        guard let above = parent?.path else { return [] }
        return above.isEmpty ? name : above + [0x2F] + name
    }

    /// The path of an entry of this folder.
    func path(of name: [UInt8]) -> [UInt8] {
        let own = path
        return own.isEmpty ? name : own + [0x2F] + name
    }

    func folder(_ name: [UInt8]) -> WatchedFolder? { folders[name] }

    /// The folder with that name in this one, made where there is none.
    func make(_ name: [UInt8]) -> WatchedFolder {
        if let known = folders[name] { return known }
        let made = WatchedFolder(named: name, in: self, of: tree)
        folders[name] = made
        return made
    }

    func remove(_ name: [UInt8]) { folders[name] = nil }
}
