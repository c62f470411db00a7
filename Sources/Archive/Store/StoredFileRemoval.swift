// Removing a stored file that is known no longer, and never one that has taken its name meanwhile: several may remove the same
// file, and once it is gone its name is anybody's.

import ArchiveIndex
import Platform

extension Place {
    /// Removes the file of a place in root 0, from which the index leads no more. Under the file's lock, which who publishes a
    /// file under this name holds as well.
    ///
    /// - Returns: whether it went; false where it is gone, or the name is another file's.
    func removeFile(below instances: Path, kernel: any Kernel) throws(FileFault) -> Bool {
        let path = instances.appending(Path(bytes: path))
        do throws(FileFault) {
            guard try isFile(at: path, kernel) else { return false }
            let file = try File.open(path, .writing, kernel: kernel)
            guard try IncomingFile.awaitWriter(of: file) else {
                throw FileFault(.lock, path, .timedOut)
            }
            let status = try File.status(of: path, followingLink: false, kernel: kernel)
            guard try status.isSameFile(as: file.status()), try isFile(at: path, kernel) else { return false }
            try File.remove(path, kernel: kernel)
            return true
        } catch {
            guard error.cause == .noEntry else { throw error }
            return false
        }
    }

    /// Whether the file at `path` is as it was indexed. Its inode says nothing: file systems use them again.
    private func isFile(at path: Path, _ kernel: any Kernel) throws(FileFault) -> Bool {
        let status = try File.status(of: path, followingLink: false, kernel: kernel)
        return status.kind == .file && status.sizeBytes == sizeBytes && status.modificationNs == modificationNs
    }
}
