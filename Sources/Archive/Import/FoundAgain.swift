// Files that a retrieval found gone or changed, and that are there again: an import says so, though it reads none of them anew.

import ArchiveIndex
import Platform

/// Looks at the files of instances that are marked unavailable.
struct FoundAgain {
    /// More marks than that are looked at by a visit of the whole root alone.
    private static let partialMaximum = 1_024

    let snapshot: Snapshot
    let root: Int
    let folder: Path
    /// Folders and files relative to the root; an empty one is all of it.
    let parts: [[UInt8]]

    /// Those marks that the index can do without: of instances whose file is there as it is indexed. What was read anew, or is
    /// gone from the index, needs none.
    func marks() throws(IndexFault) -> [AvailabilityMark] {
        // Who watches visits parts all the time.
        guard parts.contains([]) || snapshot.unavailable.count <= Self.partialMaximum else { return [] }
        var again: [AvailabilityMark] = []
        for mark in snapshot.unavailable.marks {
            guard let places = try snapshot.places(of: mark) else {
                again.append(mark.withdrawn)
                continue
            }
            if places.contains(where: isThere) { again.append(mark.withdrawn) }
        }
        return again
    }

    private func isThere(_ place: Place) -> Bool {
        guard place.root == root, parts.contains(where: { Self.holds($0, place.path) }) else { return false }
        guard let status = try? File.status(of: folder.appending(Path(bytes: place.path))) else { return false }
        return status.kind == .file && status.sizeBytes == place.sizeBytes
            && status.modificationNs == place.modificationNs
    }

    private static func holds(_ part: [UInt8], _ path: [UInt8]) -> Bool {
        part.isEmpty || path == part || path.starts(with: part + [UInt8(ascii: "/")])
    }
}
