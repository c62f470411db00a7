// What someone who goes on watching a tree knows of its folders: with it, a disk that isn't mounted isn't taken for
// deletions, and a folder that was emptied isn't taken for a disk that isn't mounted.

import Platform

/// Which folder of this host a path leads to.
package struct FolderIdentity: Equatable, Sendable {
    package let device: UInt64
    package let inode: UInt64

    package init(device: UInt64, inode: UInt64) {
        self.device = device
        self.inode = inode
    }

    init(_ status: FileStatus) { self.init(device: status.device, inode: status.inode) }
}

/// Remembers the folders of one root. Paths are relative to the root, empty for the root itself.
package protocol FolderMemory: AnyObject {
    /// Whether the folder that is found at `path` is the one that was there before. Of another disk it takes note: the folder
    /// that was there is absent from now on.
    func compare(_ path: [UInt8], with found: FolderIdentity) -> FolderComparison
    /// A walk found the folder at `path`, and reads its names next.
    func willList(_ path: [UInt8], _ found: FolderIdentity)
    /// It has read them, and there are some.
    func didFindNames(in path: [UInt8])
    /// Folders whose disk is known to be away.
    var absentFolders: [[UInt8]] { get }
}

/// How a folder is, beside what is remembered of its path.
package enum FolderComparison: Equatable, Sendable {
    /// The same, in which there were names before, or which was made empty before our eyes.
    case same
    /// Nothing is remembered, or the path had another folder of the same disk.
    case other
    /// It lies on another disk: one was mounted or unmounted. What was in the old folder is not gone.
    case otherDisk
}

/// Folders of which something holds for all that lies in them. Kept ascending, none within another.
struct FolderSet: Sendable {
    /// Each with its slash; one that is empty stands for everything.
    private var prefixes: [[UInt8]] = []

    mutating func insert(_ folder: [UInt8]) {
        let prefix = folder.isEmpty ? [] : folder + [0x2F]
        guard !holds(prefix) else { return }
        let index = index(after: prefix)
        while index < prefixes.count, prefixes[index].starts(with: prefix) { prefixes.remove(at: index) }
        prefixes.insert(prefix, at: index)
    }

    /// Whether `path` lies in one of the folders. O(log n).
    func holds(_ path: [UInt8]) -> Bool {
        let index = index(after: path)
        return index > 0 && path.starts(with: prefixes[index - 1])
    }

    /// How many stand before `path` or at it.
    private func index(after path: [UInt8]) -> Int {
        var low = 0
        var high = prefixes.count
        while low < high {
            let middle = (low + high) / 2
            if path.lexicographicallyPrecedes(prefixes[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
