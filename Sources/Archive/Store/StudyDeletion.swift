// Deleting what was stored of a study, to make room: first it is no longer known, then its files go.

import ArchiveIndex
import DICOM
import Platform

/// Deletes stored studies of one area.
package struct StudyDeletion {
    private static let batchFiles = 64

    private let index: IndexFolder
    private let paths: StorageAreaPaths
    private let kernel: any Kernel

    package init(_ index: IndexFolder, _ paths: StorageAreaPaths, kernel: any Kernel = SystemKernel()) {
        self.index = index
        self.paths = paths
        self.kernel = kernel
    }

    /// Deletes the files that the storage daemon wrote of a study, unless something of it arrived later than `throughNs`. Files
    /// indexed in place stay, and what arrives meanwhile.
    ///
    /// - Returns: what went; nil where nothing did.
    package func delete(_ uid: UID, throughNs: Int64) throws(StoreFault) -> StoredStudy? {
        var places: [Place] = []
        var deleted = StoredStudy(studyInstanceUID: uid)
        try indexing { () throws(IndexFault) in
            try index.snapshot().study(uid)?.forEachStoredPlace { place in
                places.append(place)
                deleted.lastNs = max(deleted.lastNs, place.modificationNs)
            }
        }
        guard !places.isEmpty, deleted.lastNs <= throughNs else { return nil }
        var folders: Set<Path> = []
        var rest = places[...]
        while !rest.isEmpty {
            let batch = Array(rest.prefix(Self.batchFiles))
            rest = rest.dropFirst(batch.count)
            try checkWritable(batch[0])
            // 1. they are known no longer, on stable storage
            try indexing { () throws(IndexFault) in try index.forget(batch) }
            // 2. they go
            for place in batch {
                _ = try storing { () throws(FileFault) in
                    try place.removeFile(below: paths.instances, kernel: kernel)
                }
                folders.insert(paths.instances.appending(Path(bytes: place.path)).parent)
                deleted.bytes += place.sizeBytes
                deleted.files += 1
            }
        }
        removeEmpty(folders)
        return deleted
    }

    /// What can't be removed stays known: a disk that has become read-only must not empty the index.
    private func checkWritable(_ place: Place) throws(StoreFault) {
        do throws(FileFault) {
            _ = try File.open(paths.instances.appending(Path(bytes: place.path)), .writing, kernel: kernel)
        } catch {
            guard error.cause == .noEntry else { throw .file(error) }
        }
    }

    /// Removes the folders, and those above them in the area, as far as nothing is in them.
    private func removeEmpty(_ folders: Set<Path>) {
        for folder in folders {
            var empty = folder
            while empty != paths.instances, empty.relative(to: paths.instances) != nil,
                (try? Folder.remove(empty, kernel: kernel)) != nil
            { empty = empty.parent }
        }
    }
}
