// The seam under everything that crash safety hangs on: the system's calls on descriptor numbers, replaceable in tests.

/// How a file is opened. Every descriptor is close-on-exec.
package struct OpenOptions: OptionSet, Hashable, Sendable {
    package let rawValue: Int32
    package init(rawValue: Int32) { self.rawValue = rawValue }

    package static let read = OpenOptions(rawValue: 1)
    package static let write = OpenOptions(rawValue: 2)
    /// Every write goes to the end.
    package static let append = OpenOptions(rawValue: 4)
    package static let create = OpenOptions(rawValue: 8)
    /// With `create`: fails when the name exists.
    package static let exclusive = OpenOptions(rawValue: 16)
    /// Fails when it isn't a folder.
    package static let folder = OpenOptions(rawValue: 32)
    /// Fails when the last component is a symbolic link.
    package static let noLink = OpenOptions(rawValue: 64)
    /// Past the page cache (O_DIRECT): offsets, counts and memory in multiples of 4096.
    package static let uncached = OpenOptions(rawValue: 128)
    /// A pipe without a writer doesn't keep the caller waiting.
    package static let nonBlocking = OpenOptions(rawValue: 256)
}

/// What a lock excludes: an exclusive one all others, a shared one exclusive ones.
package enum LockKind: Int32, Sendable {
    case shared = 1
    case exclusive = 2
}

/// The system's calls on files. `SystemKernel` makes them; a test's disk loses, tears, reorders and fails them.
///
/// Reads and writes may be short. EINTR never reaches a caller, but from `synchronize`.
package protocol Kernel: Sendable {
    func open(_ path: Path, _ options: OpenOptions, permissions: UInt16) throws(Errno) -> Int32
    func close(_ descriptor: Int32)
    /// Bytes from `offset` into the start of `buffer`; 0 at the end of the file.
    func read(_ descriptor: Int32, at offset: Int, into buffer: inout MutableRawSpan) throws(Errno) -> Int
    /// The number of bytes written, at `offset`, or where the descriptor stands (the end, when appending).
    func write(_ descriptor: Int32, at offset: Int?, _ bytes: RawSpan) throws(Errno) -> Int
    func synchronize(_ descriptor: Int32, dataOnly: Bool) throws(Errno)
    /// Begins to bring bytes to the disk, so that a later `synchronize` has less to wait for. A hint: nothing is promised.
    func startWriting(_ descriptor: Int32, _ range: Range<Int>)
    /// Sets the time of the last change, in nanoseconds from 1970.
    func setModification(_ descriptor: Int32, toNs moment: Int64) throws(Errno)
    func status(_ descriptor: Int32) throws(Errno) -> FileStatus
    func status(of path: Path, followingLink: Bool) throws(Errno) -> FileStatus
    /// The file system that holds `path`.
    func fileSystem(of path: Path) throws(Errno) -> FileSystem
    func rename(_ path: Path, to target: Path) throws(Errno)
    /// A second name for a file; fails when it exists.
    func link(_ path: Path, as name: Path) throws(Errno)
    func unlink(_ path: Path) throws(Errno)
    func makeFolder(_ path: Path, permissions: UInt16) throws(Errno)
    func removeFolder(_ path: Path) throws(Errno)
    /// The names in a folder, in no order, without `.` and `..`.
    func entries(of path: Path) throws(Errno) -> [FolderEntry]
    /// Locks bytes of the open file; nil unlocks. False when another open file's lock is in the way.
    func lock(_ descriptor: Int32, _ range: Range<Int>, _ kind: LockKind?) throws(Errno) -> Bool
    /// Whether another open file's lock would be in the way.
    func isLocked(_ descriptor: Int32, _ range: Range<Int>, against kind: LockKind) throws(Errno) -> Bool
    /// The first `byteCount` bytes, as they are now, read-only.
    func map(_ descriptor: Int32, byteCount: Int) throws(Errno) -> Mapping
}

/// A name in a folder.
package struct FolderEntry: Hashable, Sendable {
    package let name: [UInt8]
    package let kind: FileKind
    package let inode: UInt64

    package init(name: [UInt8], kind: FileKind, inode: UInt64) {
        self.name = name
        self.kind = kind
        self.inode = inode
    }

    /// The name as a path, relative to its folder.
    package var path: Path { Path(bytes: name) }
}
