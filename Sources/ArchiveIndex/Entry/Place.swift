// Where an instance lies, and how its file was when it was read.

/// A file below a root.
package struct Place: Hashable, Sendable {
    /// The root's number in `roots`.
    package var root: Int
    /// Relative to the root, bytes as the file system has them.
    package var path: [UInt8]
    package var sizeBytes: Int
    package var modificationNs: Int64
    package var inode: UInt64
    /// False when the file changed within the clock's grain of the scan: a rescan reads it again.
    package var isTrusted: Bool
    /// Where the data set begins in the file.
    package var dataSetOffset: Int
    /// A digest of the data set; empty where none was computed. Room for what nobody computes yet.
    package var digest: [UInt8]

    package init(
        root: Int, path: [UInt8], sizeBytes: Int, modificationNs: Int64, inode: UInt64, isTrusted: Bool,
        dataSetOffset: Int, digest: [UInt8] = []
    ) {
        self.root = root
        self.path = path
        self.sizeBytes = sizeBytes
        self.modificationNs = modificationNs
        self.inode = inode
        self.isTrusted = isTrusted
        self.dataSetOffset = dataSetOffset
        self.digest = digest
    }

    /// Of a file that lies nowhere yet.
    package static let unknown = Place(
        root: 0, path: [], sizeBytes: 0, modificationNs: 0, inode: 0, isTrusted: false, dataSetOffset: 0)

    /// Whether the file is the same as it was there, as far as its length, time and inode tell.
    func isState(of other: Place) -> Bool {
        sizeBytes == other.sizeBytes && modificationNs == other.modificationNs && inode == other.inode
    }
}
