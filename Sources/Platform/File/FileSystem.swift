// What is known of the file system under a path: room, and whether other hosts write to it.

/// A mounted file system (statfs).
package struct FileSystem: Equatable, Sendable {
    /// Shared with other hosts: NFS, SMB, GlusterFS, CephFS. Read rather than map: a file may go or shrink there.
    package let isNetwork: Bool
    package let isReadOnly: Bool
    /// What is left for this user.
    package let freeBytes: UInt64
    package let totalBytes: UInt64
    package let freeInodes: UInt64
    package let totalInodes: UInt64

    package init(
        isNetwork: Bool = false, isReadOnly: Bool = false, freeBytes: UInt64, totalBytes: UInt64, freeInodes: UInt64,
        totalInodes: UInt64
    ) {
        self.isNetwork = isNetwork
        self.isReadOnly = isReadOnly
        self.freeBytes = freeBytes
        self.totalBytes = totalBytes
        self.freeInodes = freeInodes
        self.totalInodes = totalInodes
    }

    /// The file system that holds `path`, which must be there; links are followed.
    package static func holding(_ path: Path, kernel: any Kernel = SystemKernel()) throws(FileFault) -> FileSystem {
        do throws(Errno) { return try kernel.fileSystem(of: path) } catch { throw FileFault(.status, path, error) }
    }
}
