// An open file: owns its descriptor, names itself in its errors, and works on any kernel.

/// A file that is open until this value ends.
package struct File: ~Copyable {
    /// As it was opened: for messages, the file may have moved since.
    package let path: Path
    /// The number, for `sendfile` and inheritance; the file stays its owner.
    package let descriptor: Int32
    let kernel: any Kernel

    /// What a file is opened for.
    package enum Mode: Sendable {
        case reading
        /// Past the page cache, for files that other hosts write: see `readUncached`.
        case readingUncached
        /// An existing file, at any offset.
        case writing
        /// A new file; fails when the name exists. It can be read as well.
        case creating
        /// An existing file or a new one, for reading and writing.
        case openingOrCreating
        /// An existing file or a new one; every write goes to its end. It can be read as well.
        case appending

        var options: OpenOptions {
            switch self {
            // A pipe that stands where a file was expected keeps nobody waiting.
            case .reading: [.read, .nonBlocking]
            case .readingUncached: [.read, .uncached, .nonBlocking]
            case .writing: [.read, .write]
            case .creating: [.read, .write, .create, .exclusive]
            case .openingOrCreating: [.read, .write, .create]
            case .appending: [.read, .write, .append, .create]
            }
        }
    }

    /// Opens a file; a folder opens for reading too, and fails when it is read.
    ///
    /// - Parameter permissions: of a file that is made; the process's mask takes some away.
    /// - Throws: `.open` with the cause, `.noEntry` where there is no such file and `mode` makes none.
    package static func open(
        _ path: Path, _ mode: Mode = .reading, permissions: UInt16 = 0o640, kernel: any Kernel = SystemKernel()
    ) throws(FileFault) -> File {
        do throws(Errno) {
            let descriptor = try kernel.open(path, mode.options, permissions: permissions)
            return File(adopting: descriptor, path: path, kernel: kernel)
        } catch {
            throw FileFault(.open, path, error)
        }
    }

    /// Takes over a descriptor that is open in `kernel`.
    package init(adopting descriptor: Int32, path: Path, kernel: any Kernel = SystemKernel()) {
        self.descriptor = descriptor
        self.path = path
        self.kernel = kernel
    }

    deinit { kernel.close(descriptor) }

    /// The status of the open file, whatever its name stands for by now (fstat).
    package func status() throws(FileFault) -> FileStatus {
        do throws(Errno) { return try kernel.status(descriptor) } catch { throw FileFault(.status, path, error) }
    }

    /// The first `byteCount` bytes mapped, or all of them. A file that is mapped must never be cut or overwritten.
    package func map(byteCount: Int? = nil) throws(FileFault) -> Mapping {
        let size: Int
        if let byteCount { size = byteCount } else { size = try status().sizeBytes }
        do throws(Errno) { return try kernel.map(descriptor, byteCount: size) } catch {
            throw FileFault(.map, path, error)
        }
    }

    /// All that was written, and the length, are on stable storage when this returns.
    ///
    /// - Throws: after which this file is given up: the kernel may have dropped the pages, and a second call may lie.
    package func synchronize() throws(FileFault) { try synchronize(dataOnly: false) }

    /// The same without what isn't needed to read the bytes back, such as the modification time.
    package func synchronizeData() throws(FileFault) { try synchronize(dataOnly: true) }

    private func synchronize(dataOnly: Bool) throws(FileFault) {
        do throws(Errno) { try kernel.synchronize(descriptor, dataOnly: dataOnly) } catch {
            throw FileFault(.synchronize, path, error)
        }
    }
}
