// Names and folders through the seam: what publishing and removing files is made of.

extension File {
    /// Replaces `target` by `path` at once: a reader finds the old file or the new one.
    package static func rename(_ path: Path, to target: Path, kernel: any Kernel = SystemKernel()) throws(FileFault) {
        do throws(Errno) { try kernel.rename(path, to: target) } catch { throw FileFault(.rename, path, error) }
    }

    /// Gives the file `path` a second name; `.exists` when it is taken.
    package static func link(_ path: Path, as name: Path, kernel: any Kernel = SystemKernel()) throws(FileFault) {
        do throws(Errno) { try kernel.link(path, as: name) } catch { throw FileFault(.link, name, error) }
    }

    /// Takes the name away, and the file with its last one; a link goes, not what it leads to.
    package static func remove(_ path: Path, kernel: any Kernel = SystemKernel()) throws(FileFault) {
        do throws(Errno) { try kernel.unlink(path) } catch { throw FileFault(.unlink, path, error) }
    }

    /// The status of what `path` names.
    package static func status(
        of path: Path, followingLink: Bool = true, kernel: any Kernel = SystemKernel()
    ) throws(FileFault) -> FileStatus {
        do throws(Errno) { return try kernel.status(of: path, followingLink: followingLink) } catch {
            throw FileFault(.status, path, error)
        }
    }

    /// Whether there is something at `path`. Other errors than its absence are thrown.
    package static func exists(_ path: Path, kernel: any Kernel = SystemKernel()) throws(FileFault) -> Bool {
        do throws(Errno) {
            _ = try kernel.status(of: path, followingLink: true)
            return true
        } catch {
            if error == .noEntry || error == .notAFolder { return false }
            throw FileFault(.status, path, error)
        }
    }
}

extension Folder {
    /// Makes the folder; with `parents` also those above it, and it may be there already.
    ///
    /// - Returns: the folders that were made, outermost first: their parents must be synchronized before they count.
    @discardableResult
    package static func make(
        _ path: Path, parents: Bool = false, permissions: UInt16 = 0o750, kernel: any Kernel = SystemKernel()
    ) throws(FileFault) -> [Path] {
        guard parents else {
            do throws(Errno) { try kernel.makeFolder(path, permissions: permissions) } catch {
                throw FileFault(.makeFolder, path, error)
            }
            return [path]
        }
        var missing: [Path] = []
        var folder = path
        while try !File.exists(folder, kernel: kernel) {
            missing.append(folder)
            let parent = folder.parent
            if parent == folder { break }
            folder = parent
        }
        var made: [Path] = []
        for folder in missing.reversed() {
            do throws(Errno) {
                try kernel.makeFolder(folder, permissions: permissions)
                made.append(folder)
            } catch {
                if error == .exists { continue }  // another process was faster
                throw FileFault(.makeFolder, folder, error)
            }
        }
        return made
    }

    /// Removes an empty folder; `.folderNotEmpty` when it isn't.
    package static func remove(_ path: Path, kernel: any Kernel = SystemKernel()) throws(FileFault) {
        do throws(Errno) { try kernel.removeFolder(path) } catch { throw FileFault(.removeFolder, path, error) }
    }

    /// The names in the folder are on stable storage when this returns.
    package static func synchronize(_ path: Path, kernel: any Kernel = SystemKernel()) throws(FileFault) {
        do throws(Errno) {
            let descriptor = try kernel.open(path, [.read, .folder], permissions: 0)
            defer { kernel.close(descriptor) }
            try kernel.synchronize(descriptor, dataOnly: false)
        } catch {
            throw FileFault(.synchronize, path, error)
        }
    }

    /// The entries of the folder, sorted by name.
    package static func entries(
        of path: Path, kernel: any Kernel = SystemKernel()
    ) throws(FileFault) -> [FolderEntry] {
        do throws(Errno) {
            return try kernel.entries(of: path).sorted { $0.name.lexicographicallyPrecedes($1.name) }
        } catch {
            throw FileFault(.list, path, error)
        }
    }
}
