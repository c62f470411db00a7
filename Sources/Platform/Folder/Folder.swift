// An open folder that is crawled: its names, and its files, relative to its descriptor.

import CPlatform

/// A folder opened for reading. Originals are only ever opened read-only, and this type can do nothing else.
package struct Folder: ~Copyable {
    package let path: Path
    let descriptor: Int32

    /// Opens the folder at `path`, following links.
    package static func open(_ path: Path) throws(FileFault) -> Folder {
        let result = unsafe path.withTerminated { unsafe fr_open(-1, $0, OpenOptions([.read, .folder]).rawValue, 0) }
        return try Folder(path, result)
    }

    private init(_ path: Path, _ result: Int32) throws(FileFault) {
        self.path = path
        do throws(Errno) { descriptor = try checked(result) } catch { throw FileFault(.open, path, error) }
    }

    deinit { _ = fr_close(descriptor) }

    /// Fills `listing` with the names, replacing what it holds. To be called once for an open folder.
    package func list(into listing: inout FolderListing) throws(FileFault) {
        do throws(Errno) { try listing.fill(from: descriptor) } catch { throw FileFault(.list, path, error) }
    }

    /// The status of the open folder (fstat).
    package func status() throws(FileFault) -> FileStatus {
        do throws(Errno) { return try SystemKernel().status(descriptor) } catch {
            throw FileFault(.status, path, error)
        }
    }

    /// The status of the file `name` in this folder.
    package func status(
        of name: ArraySlice<UInt8>, followingLink: Bool = false
    ) throws(FileFault) -> FileStatus {
        var status = fr_status()
        let relative = Path(bytes: Array(name))
        let result = unsafe relative.withTerminated {
            unsafe fr_status_at(descriptor, $0, followingLink ? 1 : 0, &status)
        }
        do throws(Errno) { _ = try checked(result) } catch {
            throw FileFault(.status, path.appending(relative), error)
        }
        return FileStatus(status)
    }

    /// Opens a file of this folder for reading, without following a link unless told to.
    package func openFile(_ name: ArraySlice<UInt8>, followingLink: Bool = false) throws(FileFault) -> File {
        let relative = Path(bytes: Array(name))
        let options: OpenOptions = followingLink ? [.read, .nonBlocking] : [.read, .nonBlocking, .noLink]
        let result = unsafe relative.withTerminated { unsafe fr_open(descriptor, $0, options.rawValue, 0) }
        let whole = path.appending(relative)
        do throws(Errno) {
            return File(adopting: try checked(result), path: whole, kernel: SystemKernel())
        } catch {
            throw FileFault(.open, whole, error)
        }
    }
}
