// `current` as it was read, and whether it is so still: most often nothing changed, and a look at its name tells.

import Platform

/// The bytes of `current`, and the file that they are from.
struct CurrentFile: Sendable {
    let bytes: [UInt8]
    private let status: FileStatus
    /// Open as long as this is known, so that no other file gets its inode.
    private let open: OpenFile

    /// Reads the file of an index folder.
    ///
    /// - Throws: `.noIndex` where there is none.
    init(in folder: IndexFolder) throws(IndexFault) {
        do throws(FileFault) {
            let file = try File.open(Self.path(in: folder), .reading, kernel: folder.kernel)
            status = try file.status()
            bytes = try file.readAll(maximumBytes: TextFile.maximumBytes)
            open = OpenFile(file)
        } catch {
            if error.operation == .open, error.cause == .noEntry || error.cause == .notAFolder {
                throw .noIndex(folder: folder.path.description)
            }
            throw .file(error)
        }
    }

    private static func path(in folder: IndexFolder) -> Path { folder.path.appending(Current.name) }

    /// Whether its name leads to the same file still, which is replaced and never written to. Where other hosts replace it, only
    /// opening it tells.
    func isStill(in folder: IndexFolder) throws(IndexFault) -> Bool {
        guard !folder.readsWithoutMapping else { return false }
        do throws(FileFault) {
            let now = try File.status(of: Self.path(in: folder), kernel: folder.kernel)
            return now.isSameFile(as: status) && now.sizeBytes == status.sizeBytes
                && now.modificationNs == status.modificationNs
        } catch {
            if error.cause == .noEntry { return false }
            throw .file(error)
        }
    }
}
