// The real kernel behind the seam.

import CPlatform

/// Linux.
package struct SystemKernel: Kernel {
    private let owner: FileOwner?

    /// - Parameter owner: whom files and folders belong to that are made, or opened to be made where absent: what root makes
    ///   for a service's user. Nil leaves them to the caller.
    package init(creatingFor owner: FileOwner? = nil) { self.owner = owner }

    package func open(_ path: Path, _ options: OpenOptions, permissions: UInt16) throws(Errno) -> Int32 {
        var options = options
        // The owner may have laid a link there, to a file that root alone may give away.
        if owner != nil, options.contains(.create) { options.insert(.noLink) }
        let descriptor = try checked(
            unsafe path.withTerminated { unsafe fr_open(-1, $0, options.rawValue, UInt32(permissions)) })
        if options.contains(.create) { try give(descriptor) }
        return descriptor
    }

    /// Gives what was just opened to `owner`, but no file that has another name as well; closes it where that fails.
    private func give(_ descriptor: Int32) throws(Errno) {
        guard let owner else { return }
        do throws(Errno) {
            let status = try status(descriptor)
            guard status.kind == .folder || status.kind == .file && status.linkCount == 1 else { return }
            guard status.userID != owner.userID || status.groupID != owner.groupID else { return }
            try changeOwner(descriptor, userID: owner.userID, groupID: owner.groupID)
        } catch {
            close(descriptor)
            throw error
        }
    }

    package func close(_ descriptor: Int32) { _ = fr_close(descriptor) }

    package func read(_ descriptor: Int32, at offset: Int, into buffer: inout MutableRawSpan) throws(Errno) -> Int {
        let result = unsafe buffer.withUnsafeMutableBytes { room in
            guard let start = room.baseAddress else { return Int64(0) }
            return unsafe fr_pread(descriptor, start, room.count, Int64(offset))
        }
        return Int(try checked(result))
    }

    package func write(_ descriptor: Int32, at offset: Int?, _ bytes: RawSpan) throws(Errno) -> Int {
        let result = unsafe bytes.withUnsafeBytes { source in
            guard let start = source.baseAddress else { return Int64(0) }
            guard let offset else { return unsafe fr_write(descriptor, start, source.count) }
            return unsafe fr_pwrite(descriptor, start, source.count, Int64(offset))
        }
        return Int(try checked(result))
    }

    package func synchronize(_ descriptor: Int32, dataOnly: Bool) throws(Errno) {
        _ = try checked(fr_synchronize(descriptor, dataOnly ? 1 : 0))
    }

    package func startWriting(_ descriptor: Int32, _ range: Range<Int>) {
        fr_start_writing(descriptor, Int64(range.lowerBound), Int64(range.count))
    }

    package func setModification(_ descriptor: Int32, toNs moment: Int64) throws(Errno) {
        _ = try checked(fr_set_modification(descriptor, moment))
    }

    package func fileSystem(of path: Path) throws(Errno) -> FileSystem {
        var found = fr_file_system()
        _ = try checked(unsafe path.withTerminated { unsafe fr_file_system_of($0, &found) })
        return FileSystem(
            isNetwork: found.is_network != 0, isReadOnly: found.is_read_only != 0, freeBytes: found.free_bytes,
            totalBytes: found.total_bytes, freeInodes: found.free_inodes, totalInodes: found.total_inodes)
    }

    package func status(_ descriptor: Int32) throws(Errno) -> FileStatus {
        var status = fr_status()
        _ = try checked(unsafe fr_status_of(descriptor, &status))
        return FileStatus(status)
    }

    package func status(of path: Path, followingLink: Bool) throws(Errno) -> FileStatus {
        var status = fr_status()
        _ = try checked(unsafe path.withTerminated { unsafe fr_status_at(-1, $0, followingLink ? 1 : 0, &status) })
        return FileStatus(status)
    }

    package func rename(_ path: Path, to target: Path) throws(Errno) {
        _ = try checked(
            unsafe path.withTerminated { from in unsafe target.withTerminated { unsafe fr_rename(from, $0) } })
    }

    package func link(_ path: Path, as name: Path) throws(Errno) {
        _ = try checked(
            unsafe path.withTerminated { from in unsafe name.withTerminated { unsafe fr_link(from, $0) } })
    }

    package func unlink(_ path: Path) throws(Errno) {
        _ = try checked(unsafe path.withTerminated { unsafe fr_unlink($0) })
    }

    package func makeFolder(_ path: Path, permissions: UInt16) throws(Errno) {
        _ = try checked(unsafe path.withTerminated { unsafe fr_make_folder($0, UInt32(permissions)) })
        guard owner != nil else { return }
        let descriptor = try open(path, [.read, .folder, .noLink], permissions: 0)
        try give(descriptor)
        close(descriptor)
    }

    package func removeFolder(_ path: Path) throws(Errno) {
        _ = try checked(unsafe path.withTerminated { unsafe fr_remove_folder($0) })
    }

    package func entries(of path: Path) throws(Errno) -> [FolderEntry] {
        let descriptor = try open(path, [.read, .folder], permissions: 0)
        defer { close(descriptor) }
        var listing = FolderListing()
        try listing.fill(from: descriptor)
        return (0..<listing.count).map { listing.entry($0) }
    }

    package func lock(_ descriptor: Int32, _ range: Range<Int>, _ kind: LockKind?) throws(Errno) -> Bool {
        let result = fr_lock(
            descriptor, kind?.rawValue ?? 0, Int64(range.lowerBound), Int64(range.count), 0)
        do throws(Errno) {
            _ = try checked(result)
            return true
        } catch {
            if error == .wouldBlock { return false }
            throw error
        }
    }

    package func isLocked(_ descriptor: Int32, _ range: Range<Int>, against kind: LockKind) throws(Errno) -> Bool {
        try checked(fr_is_locked(descriptor, kind.rawValue, Int64(range.lowerBound), Int64(range.count))) == 1
    }

    package func map(_ descriptor: Int32, byteCount: Int) throws(Errno) -> Mapping {
        try Mapping(descriptor: descriptor, byteCount: byteCount)
    }

    private func changeOwner(_ descriptor: Int32, userID: UInt32, groupID: UInt32) throws(Errno) {
        _ = try checked(fr_change_owner(descriptor, userID, groupID))
    }
}
