// What an in-memory disk holds: what programs see, what is on stable storage, and what is on its way there.

import Platform

/// A write that no sync has confirmed.
struct PendingWrite: Sendable {
    let offset: Int
    let bytes: [UInt8]
    /// A sync failed after it: the kernel may have dropped it, and no later sync confirms it.
    var isDoomed = false
}

/// A change of names that no sync of the folder has confirmed: all of its parts, or none.
struct PendingNames: Sendable {
    struct Part: Sendable {
        let folder: Int
        let name: [UInt8]
        /// What the name stands for from now on; nil: nothing.
        let inode: Int?
    }

    var parts: [Part]
    /// The folder whose sync confirms it.
    let confirmedBy: Int
    var isDoomed = false
}

/// A file or a folder.
struct Inode: Sendable {
    let isFolder: Bool
    /// What programs read.
    var content: [UInt8] = []
    /// What is surely on stable storage.
    var durable: [UInt8] = []
    var writes: [PendingWrite] = []
    var entries: [[UInt8]: Int] = [:]
    var durableEntries: [[UInt8]: Int] = [:]
    var modificationNs: Int64 = 0

    /// Puts `bytes` at `offset`; a gap before it reads as zeros.
    static func put(_ bytes: some Collection<UInt8>, at offset: Int, into content: inout [UInt8]) {
        if content.count < offset { content += [UInt8](repeating: 0, count: offset - content.count) }
        content.replaceSubrange(offset..<min(offset + bytes.count, content.count), with: bytes)
    }
}

/// The whole disk at one moment: a value, so that any moment can be kept.
struct DiskState: Sendable {
    static let root = 1

    var inodes: [Int: Inode] = [root: Inode(isFolder: true)]
    var names: [PendingNames] = []
    private var lastInode = root
    private var clock: Int64 = 1_000_000_000

    mutating func tick() -> Int64 {
        clock += 1_000
        return clock
    }

    mutating func make(folder isFolder: Bool) -> Int {
        lastInode += 1
        inodes[lastInode] = Inode(isFolder: isFolder, modificationNs: tick())
        return lastInode
    }

    /// The inode at `path`.
    func find(_ path: Path) throws(Errno) -> Int {
        var inode = DiskState.root
        for component in path.normalized.components where component != [UInt8(ascii: ".")] {
            guard inodes[inode]?.isFolder == true else { throw .notAFolder }
            guard let next = inodes[inode]?.entries[Array(component)] else { throw .noEntry }
            inode = next
        }
        return inode
    }

    /// The folder that holds, or would hold, the last component of `path`.
    func findParent(_ path: Path) throws(Errno) -> (folder: Int, name: [UInt8]) {
        let normalized = path.normalized
        let name = normalized.lastComponent
        guard !name.isEmpty, name != Array(".".utf8) else { throw .exists }
        let folder = try find(normalized.parent)
        guard inodes[folder]?.isFolder == true else { throw .notAFolder }
        return (folder, name)
    }

    /// Changes names as programs see them, and notes the change as not yet durable.
    mutating func change(_ parts: [PendingNames.Part], confirmedBy folder: Int) {
        for part in parts { inodes[part.folder]?.entries[part.name] = part.inode }
        names.append(PendingNames(parts: parts, confirmedBy: folder))
    }

    mutating func write(_ bytes: [UInt8], to inode: Int, at offset: Int) {
        guard var file = inodes.removeValue(forKey: inode) else { return }
        Inode.put(bytes, at: offset, into: &file.content)
        file.writes.append(PendingWrite(offset: offset, bytes: bytes))
        file.modificationNs = tick()
        inodes[inode] = file
    }

    /// A sync that succeeded: what no failed sync has doomed is durable.
    mutating func confirm(_ inode: Int) {
        guard var found = inodes.removeValue(forKey: inode) else { return }
        for write in found.writes where !write.isDoomed {
            Inode.put(write.bytes, at: write.offset, into: &found.durable)
        }
        found.writes.removeAll { !$0.isDoomed }
        inodes[inode] = found
        guard found.isFolder else { return }
        var rest: [PendingNames] = []
        for change in names {
            guard change.confirmedBy == inode, !change.isDoomed else {
                rest.append(change)
                continue
            }
            for part in change.parts {
                inodes[part.folder]?.durableEntries[part.name] = part.inode
                // What a name was to be before can't come back over what it is now.
                for index in rest.indices {
                    rest[index].parts.removeAll { $0.folder == part.folder && $0.name == part.name }
                }
            }
        }
        names = rest.filter { !$0.parts.isEmpty }
    }

    /// A sync that failed.
    mutating func doom(_ inode: Int) {
        guard let found = inodes[inode] else { return }
        for index in found.writes.indices { inodes[inode]?.writes[index].isDoomed = true }
        for index in names.indices where names[index].confirmedBy == inode { names[index].isDoomed = true }
    }
}
