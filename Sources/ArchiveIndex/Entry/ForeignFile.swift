// Files that are no instances, remembered all the same.

/// A file that is no instance of ours, remembered so that a rescan doesn't open it again.
package struct ForeignFile: Hashable, Sendable {
    package var root: Int
    package var path: [UInt8]
    package var sizeBytes: Int
    package var modificationNs: Int64
    package var inode: UInt64
    package var isTrusted: Bool
    /// Why, in the importer's own code: 1–255, kept as it is.
    package var reason: UInt8

    /// The reason of an instance's file that was taken out on purpose; the one reason that the index gives itself.
    package static let takenOut: UInt8 = 15

    /// The file of an instance that is taken out on purpose.
    package init(takenOut place: Place) {
        self.init(
            root: place.root, path: place.path, sizeBytes: place.sizeBytes, modificationNs: place.modificationNs,
            inode: place.inode, isTrusted: place.isTrusted, reason: Self.takenOut)
    }

    package init(
        root: Int, path: [UInt8], sizeBytes: Int, modificationNs: Int64, inode: UInt64, isTrusted: Bool, reason: UInt8
    ) {
        self.root = root
        self.path = path
        self.sizeBytes = sizeBytes
        self.modificationNs = modificationNs
        self.inode = inode
        self.isTrusted = isTrusted
        self.reason = max(1, reason)
    }
}
