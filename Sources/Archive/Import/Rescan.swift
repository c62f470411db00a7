// What the index knows of a root or a part of it, walked beside the tree: both come in the byte order of paths.

import ArchiveIndex
import Platform

/// Tells unchanged files from new and changed ones, and notices what has vanished.
struct Rescan {
    private var part: KnownPart
    private var head: KnownFile?
    private var isStarted = false
    /// The known file that the last unchanged one is.
    private(set) var found: KnownFile?
    private(set) var vanished = 0
    /// Those of them that are sure to be gone.
    private(set) var vanishedFiles: VanishedFiles
    /// What the file that was asked for last is, where it isn't unchanged.
    private(set) var novelty = WalkedFile.Novelty.new
    /// Files of known instances that are there, changed or not. Others tell nothing of a disk: a mark that it isn't mounted may
    /// well lie in its place.
    private(set) var metInstances = 0
    /// Folders that couldn't be read: what lies in them may well be there still.
    var unreadFolders = FolderSet()
    /// Folders of which it can't be told: what was in them has vanished, but not for sure.
    var doubtfulFolders = FolderSet()

    /// - Parameter part: the folder or file that is walked, relative to the root; empty for all of it.
    init(_ snapshot: Snapshot, root: Int, part: [UInt8] = []) throws(IndexFault) {
        self.part = try KnownPart(snapshot, root: root, part: part)
        vanishedFiles = VanishedFiles(part: part)
    }

    /// Whether the index knows the file as it is now: size, time and inode, where it trusts them. A file that it doesn't
    /// know isn't even asked for its status.
    mutating func isUnchanged(_ file: WalkedFile, below root: Path) throws(IndexFault) -> Bool {
        if !isStarted {
            head = try part.next()
            isStarted = true
        }
        while let known = head, known.place.path.lexicographicallyPrecedes(file.path) {
            try passVanished(known)
        }
        novelty = .new
        guard let known = head, known.place.path == file.path else { return false }
        head = try part.next()
        if known.kind == .instance { metInstances += 1 }
        found = known
        novelty = .changed
        guard let status = status(of: file, below: root), status.sizeBytes == known.place.sizeBytes,
            status.modificationNs == known.place.modificationNs, status.inode == known.place.inode
        else { return false }
        novelty = .young
        return known.place.isTrusted
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
        if !isStarted { head = try part.next() }
        while let known = head { try passVanished(known) }
    }

    private mutating func passVanished(_ known: KnownFile) throws(IndexFault) {
        if !unreadFolders.holds(known.place.path) {
            vanished += 1
            // It is the last one that was given.
            if !doubtfulFolders.holds(known.place.path) { vanishedFiles.note(part.count - 1) }
        }
        head = try part.next()
    }
}
