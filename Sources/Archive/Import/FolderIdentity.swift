// Which folder it is, whatever its path: by this a folder that was replaced, or a disk that was unmounted, is known.

import Platform

/// Which folder of this host a path leads to.
package struct FolderIdentity: Equatable, Sendable {
    /// The file system that it lies on.
    package let device: UInt64
    /// Which one of that file system.
    package let inode: UInt64

    package init(device: UInt64, inode: UInt64) {
        self.device = device
        self.inode = inode
    }

    init(_ status: FileStatus) { self.init(device: status.device, inode: status.inode) }
}
