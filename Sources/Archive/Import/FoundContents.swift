// The contents that an import found at places which the index didn't know: by these a file that has vanished is told from one
// that was moved.

import ArchiveIndex

/// Instances that were found at new places: same UID, header and length are the same instance. As many as fit.
struct FoundContents {
    /// Beyond so many, a moved file is one that came and one that has vanished.
    static let maximum = 1 << 20

    private var hashes: Set<Int> = []

    mutating func note(_ entry: InstanceEntry) {
        if hashes.count < Self.maximum { hashes.insert(Self.hash(entry)) }
    }

    func has(_ entry: InstanceEntry) -> Bool { hashes.contains(Self.hash(entry)) }

    var isEmpty: Bool { hashes.isEmpty }

    private static func hash(_ entry: InstanceEntry) -> Int {
        var hasher = Hasher()
        hasher.combine(entry.sopInstanceUID)
        hasher.combine(entry.seriesInstanceUID)
        hasher.combine(entry.studyInstanceUID)
        hasher.combine(entry.headerFingerprint)
        hasher.combine(entry.place.sizeBytes)
        return hasher.finalize()
    }
}
