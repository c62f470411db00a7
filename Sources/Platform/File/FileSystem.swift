// What is known of the file system under a path: room, and whether other hosts write to it.

import CPlatform

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

    /// The file system that holds `path`, which must be there; links are followed.
    package static func holding(_ path: Path) throws(FileFault) -> FileSystem {
        var found = fr_file_system()
        let result = unsafe path.withTerminated { unsafe fr_file_system_of($0, &found) }
        do throws(Errno) { _ = try checked(result) } catch { throw FileFault(.status, path, error) }
        return FileSystem(
            isNetwork: found.is_network != 0, isReadOnly: found.is_read_only != 0, freeBytes: found.free_bytes,
            totalBytes: found.total_bytes, freeInodes: found.free_inodes, totalInodes: found.total_inodes)
    }
}
