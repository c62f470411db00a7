// Where the parts of a storage area lie.

import ArchiveIndex
import Platform

/// A storage area's folders. An area is state, a root is a folder of files (design: On disk).
package struct StorageAreaPaths: Equatable, Sendable {
    /// The area's folder.
    package let folder: Path
    /// Its index.
    package let index: Path

    package init(folder: Path, index: Path) {
        self.folder = folder
        self.index = index
    }

    /// Root 0: what the storage daemon writes.
    package var instances: Path { folder.appending("instances") }

    /// How many files lie in the area's own folder, counted up to `limit`, where there is no index: one that is there knows
    /// all that its import has seen.
    ///
    /// - Throws: when the index can't be looked for, or the folder can't be read.
    package func unindexedFiles(limit: Int) throws(IndexFault) -> Int {
        guard try !IndexFolder.exists(at: index) else { return 0 }
        do throws(FileFault) {
            var walk = try TreeWalk(root: folder, followsLinks: false, excluding: [index])
            var count = 0
            while count < limit, walk.next() != nil { count += 1 }
            return count
        } catch {
            throw .file(error)
        }
    }
}
