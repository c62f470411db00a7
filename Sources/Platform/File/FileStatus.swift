// What the file system says of a file: enough to tell whether it is the one that was seen before.

import CPlatform

/// What a name stands for.
package enum FileKind: UInt8, Sendable {
    /// Sockets, pipes, devices.
    case other = 0
    case file = 1
    case folder = 2
    case link = 3
    /// The file system doesn't say while listing: look it up.
    case unknown = 4
}

/// The status of a file (fstat).
package struct FileStatus: Equatable, Sendable {
    package var kind: FileKind
    package var sizeBytes: Int
    /// Last change of the content, in nanoseconds from 1970.
    package var modificationNs: Int64
    /// With `device`, which file of this host it is.
    package var inode: UInt64
    package var device: UInt64
    /// The lower 12 bits of the mode.
    package var permissions: UInt16
    package var userID: UInt32
    package var groupID: UInt32
    package var linkCount: Int

    package init(
        kind: FileKind, sizeBytes: Int, modificationNs: Int64 = 0, inode: UInt64 = 0, device: UInt64 = 0,
        permissions: UInt16 = 0o644, userID: UInt32 = 0, groupID: UInt32 = 0, linkCount: Int = 1
    ) {
        self.kind = kind
        self.sizeBytes = sizeBytes
        self.modificationNs = modificationNs
        self.inode = inode
        self.device = device
        self.permissions = permissions
        self.userID = userID
        self.groupID = groupID
        self.linkCount = linkCount
    }

    /// Whether `other` is the same file, whatever its names are.
    package func isSameFile(as other: FileStatus) -> Bool { inode == other.inode && device == other.device }

    init(_ status: fr_status) {
        kind = FileKind(rawValue: UInt8(truncatingIfNeeded: status.kind)) ?? .other
        sizeBytes = Int(status.size_bytes)
        modificationNs = status.modification_ns
        inode = status.inode
        device = status.device
        permissions = UInt16(truncatingIfNeeded: status.permissions)
        userID = status.user_id
        groupID = status.group_id
        linkCount = Int(status.link_count)
    }
}
