// The calls on open files: reading, writing, syncing, locking.

import DICOM
import Platform

extension CrashableDisk {
    package func open(_ path: Path, _ options: OpenOptions, permissions: UInt16) throws(Errno) -> Int32 {
        try call(.open, path) { content throws(Errno) in
            if content.isReadOnly(path), options.contains(.write) || options.contains(.create) {
                throw .readOnlyFileSystem
            }
            let inode: Int
            do throws(Errno) {
                inode = try content.state.find(path)
                if options.contains([.create, .exclusive]) { throw .exists }
            } catch {
                guard error == .noEntry, options.contains(.create) else { throw error }
                let (folder, name) = try content.state.findParent(path)
                let made = content.state.make(folder: false)
                content.state.change([.init(folder: folder, name: name, inode: made)], confirmedBy: folder)
                return Self.add(OpenFile(inode: made, path: path, options: options), to: &content)
            }
            let isFolder = content.state.inodes[inode]?.isFolder == true
            if options.contains(.folder), !isFolder { throw .notAFolder }
            if isFolder, options.contains(.write) { throw .isAFolder }
            return Self.add(OpenFile(inode: inode, path: path, options: options), to: &content)
        }
    }

    private static func add(_ file: OpenFile, to content: inout Content) -> Int32 {
        content.lastDescriptor += 1
        content.files[content.lastDescriptor] = file
        return content.lastDescriptor
    }

    package func close(_ descriptor: Int32) {
        content.withLock {
            $0.files[descriptor] = nil
            $0.locks.removeAll { $0.descriptor == descriptor }
        }
    }

    package func read(_ descriptor: Int32, at offset: Int, into buffer: inout MutableRawSpan) throws(Errno) -> Int {
        let room = buffer.byteCount
        let bytes = try call(.read, descriptor) { file, content throws(Errno) -> ArraySlice<UInt8> in
            guard file.options.contains(.read) else { throw .badDescriptor }
            guard offset >= 0 else { throw .invalidArgument }
            let limit = Self.limit(room, content)
            return content.state.inodes[file.inode]?.content.dropFirst(offset).prefix(limit) ?? []
        }
        for (index, byte) in bytes.enumerated() { buffer.storeBytes(of: byte, toByteOffset: index, as: UInt8.self) }
        return bytes.count
    }

    package func write(_ descriptor: Int32, at offset: Int?, _ bytes: RawSpan) throws(Errno) -> Int {
        let copy = [UInt8](copying: bytes)
        // One that fails has written what there was room for.
        func fail(_ file: OpenFile, _ content: inout Content) {
            guard file.options.contains(.write), !copy.isEmpty else { return }
            let count = Int.random(in: 0..<copy.count, using: &content.generator)
            Self.write(copy.prefix(count), to: file, at: offset, &content)
        }
        return try call(.write, descriptor, failing: fail) { file, content throws(Errno) in
            guard file.options.contains(.write) else { throw .badDescriptor }
            let part = copy.prefix(Self.limit(copy.count, content))
            Self.write(part, to: file, at: offset, &content)
            return part.count
        }
    }

    private static func write(
        _ part: ArraySlice<UInt8>, to file: OpenFile, at offset: Int?, _ content: inout Content
    ) {
        guard !part.isEmpty else { return }
        let end = content.state.inodes[file.inode]?.content.count ?? 0
        // Without an offset every write goes to the end: the archive has no other use for a file's own position.
        let start = file.options.contains(.append) ? end : offset ?? end
        content.state.write(Array(part), to: file.inode, at: start)
    }

    private static func limit(_ count: Int, _ content: Content) -> Int {
        content.troubles.reduce(count) { count, trouble in
            if case .short(let maximum) = trouble { return min(count, max(1, maximum)) }
            return count
        }
    }

    package func synchronize(_ descriptor: Int32, dataOnly: Bool) throws(Errno) {
        try call(.synchronize, descriptor) { file, content throws(Errno) in content.state.confirm(file.inode) }
    }

    /// A disk in memory writes when it is told to synchronize.
    package func startWriting(_ descriptor: Int32, _ range: Range<Int>) {}

    package func setModification(_ descriptor: Int32, toNs moment: Int64) throws(Errno) {
        try call(.write, descriptor) { file, content throws(Errno) in
            content.state.inodes[file.inode]?.modificationNs = moment
        }
    }

    package func fileSystem(of path: Path) throws(Errno) -> FileSystem {
        try call(.status, path) { content throws(Errno) in
            _ = try content.state.find(path)
            return content.fileSystem
        }
    }

    package func status(_ descriptor: Int32) throws(Errno) -> FileStatus {
        try call(.status, descriptor) { file, content throws(Errno) in Self.status(file.inode, content.state) }
    }

    static func status(_ number: Int, _ state: DiskState) -> FileStatus {
        let inode = state.inodes[number] ?? Inode(isFolder: false)
        let links = state.inodes.values.reduce(0) { $0 + $1.entries.values.count { $0 == number } }
        return FileStatus(
            kind: inode.isFolder ? .folder : .file, sizeBytes: inode.content.count,
            modificationNs: inode.modificationNs, inode: UInt64(number), device: 1,
            permissions: inode.isFolder ? 0o750 : 0o640, userID: 0, groupID: 0, linkCount: links)
    }

    package func lock(_ descriptor: Int32, _ range: Range<Int>, _ kind: LockKind?) throws(Errno) -> Bool {
        try call(.lock, descriptor) { file, content throws(Errno) in
            if let kind {
                if kind == .exclusive, !file.options.contains(.write) { throw .badDescriptor }
                if Self.isLocked(descriptor, file.inode, range, against: kind, content) { return false }
            }
            // An own lock keeps what lies outside the range.
            var rest: [HeldLock] = []
            for held in content.locks {
                guard held.descriptor == descriptor, held.range.overlaps(range) else {
                    rest.append(held)
                    continue
                }
                let parts = [
                    held.range.lowerBound..<max(held.range.lowerBound, range.lowerBound),
                    min(held.range.upperBound, range.upperBound)..<held.range.upperBound,
                ]
                for part in parts where !part.isEmpty {
                    rest.append(HeldLock(descriptor: descriptor, inode: held.inode, range: part, kind: held.kind))
                }
            }
            if let kind {
                rest.append(HeldLock(descriptor: descriptor, inode: file.inode, range: range, kind: kind))
            }
            content.locks = rest
            return true
        }
    }

    package func isLocked(
        _ descriptor: Int32, _ range: Range<Int>, against kind: LockKind
    ) throws(Errno) -> Bool {
        try call(.lock, descriptor) { file, content throws(Errno) in
            Self.isLocked(descriptor, file.inode, range, against: kind, content)
        }
    }

    private static func isLocked(
        _ descriptor: Int32, _ inode: Int, _ range: Range<Int>, against kind: LockKind, _ content: Content
    ) -> Bool {
        content.locks.contains {
            $0.descriptor != descriptor && $0.inode == inode && $0.range.overlaps(range)
                && (kind == .exclusive || $0.kind == .exclusive)
        }
    }

    package func map(_ descriptor: Int32, byteCount: Int) throws(Errno) -> Mapping {
        let bytes = try call(.map, descriptor) { file, content throws(Errno) -> [UInt8] in
            let bytes = content.state.inodes[file.inode]?.content ?? []
            // Past the end of a mapped file lies SIGBUS: a test should see that as a mistake.
            guard byteCount >= 0, byteCount <= bytes.count else { throw .invalidArgument }
            return Array(bytes.prefix(byteCount))
        }
        return Mapping(copying: bytes)
    }
}
