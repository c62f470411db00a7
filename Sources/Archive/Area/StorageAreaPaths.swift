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

    /// Folders that hold no files of an archive.
    package var excluded: Set<Path> { [index] }

    /// How many files of the area's own folder no index knows, counted up to `limit`; an index knows all that it has seen.
    package func unindexedFiles(limit: Int) -> Int {
        guard (try? IndexFolder.exists(at: index)) != true else { return 0 }
        guard var walk = try? TreeWalk(root: folder, followsLinks: false, excluding: excluded) else { return 0 }
        var count = 0
        while count < limit, walk.next() != nil { count += 1 }
        return count
    }
}
