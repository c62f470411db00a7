// A folder of a watched root, as it was when it was read last.

import Platform

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
