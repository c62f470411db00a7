// What the index knows of a root or a part of it, walked beside the tree: both come in the byte order of paths.

import ArchiveIndex
import Platform

/// Tells unchanged files from new and changed ones, and notices what has vanished.
struct Rescan {
    private var cursor: KnownFileCursor
    private var head: KnownFile?
    private var isStarted = false
    /// The known file that the last unchanged one is.
    private(set) var found: KnownFile?
    private(set) var vanished = 0
    /// Their paths, where they are wanted.
    private(set) var vanishedPaths: [[UInt8]] = []
    /// Known files that are there, changed or not.
    private(set) var met = 0
    private let keepsVanished: Bool
    private let prefix: [UInt8]
    /// What is known of the part itself, where it was a file.
    private var partItself: KnownFile?
    /// Folders that couldn't be read: what lies in them may well be there still.
    var unreadFolders = FolderSet()
    /// Folders of which it can't be told: what was in them has vanished, but not for sure.
    var doubtfulFolders = FolderSet()

    /// - Parameters:
    ///   - part: the folder or file that is walked, relative to the root; empty for all of it.
    ///   - keepsVanished: remembers the paths of what has vanished.
    init(_ snapshot: Snapshot, root: Int, part: [UInt8] = [], keepsVanished: Bool = false) throws(IndexFault) {
        prefix = part.isEmpty ? [] : part + [0x2F]
        cursor = try snapshot.files(root: root, from: prefix)
        partItself = part.isEmpty ? nil : try snapshot.file(root: root, path: part)
        self.keepsVanished = keepsVanished
    }

    /// The next known file of the part.
    private mutating func next() throws(IndexFault) -> KnownFile? {
        if let known = partItself {
            partItself = nil
            return known
        }
        guard let known = try cursor.next(), known.place.path.starts(with: prefix) else { return nil }
        return known
    }

    /// Whether the index knows the file as it is now: size, time and inode, where it trusts them. A file that it doesn't
    /// know isn't even asked for its status.
    mutating func isUnchanged(_ file: WalkedFile, below root: Path) throws(IndexFault) -> Bool {
        if !isStarted {
            head = try next()
            isStarted = true
        }
        while let known = head, known.place.path.lexicographicallyPrecedes(file.path) {
            try passVanished(known)
        }
        guard let known = head, known.place.path == file.path else { return false }
        head = try next()
        met += 1
        found = known
        guard known.place.isTrusted,
            let status = status(of: file, below: root)
        else { return false }
        return status.sizeBytes == known.place.sizeBytes && status.modificationNs == known.place.modificationNs
            && status.inode == known.place.inode
    }

    /// The folder of the file that was asked for last: its neighbours are found without their path.
    private final class AskedFolder: Sendable {
        let relative: [UInt8]
        let folder: Folder

        init(_ relative: [UInt8], below root: Path) throws(FileFault) {
            self.relative = relative
            folder = try Folder.open(relative.isEmpty ? root : root.appending(Path(bytes: relative)))
        }
    }

    private var asked: AskedFolder?

    private mutating func status(of file: WalkedFile, below root: Path) -> FileStatus? {
        if asked?.relative != file.folder { asked = try? AskedFolder(file.folder, below: root) }
        return try? asked?.folder.status(of: file.name[...], followingLink: file.isLink)
    }

    /// What is left has vanished.
    mutating func finish() throws(IndexFault) {
        if !isStarted { head = try next() }
        while let known = head { try passVanished(known) }
    }

    private mutating func passVanished(_ known: KnownFile) throws(IndexFault) {
        if !unreadFolders.holds(known.place.path) {
            vanished += 1
            if keepsVanished, !doubtfulFolders.holds(known.place.path) { vanishedPaths.append(known.place.path) }
        }
        head = try next()
    }
}
