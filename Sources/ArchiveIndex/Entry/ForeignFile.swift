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
