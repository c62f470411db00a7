// What someone who goes on watching a tree knows of its folders: with it, a disk that isn't mounted isn't taken for
// deletions, and a folder that was emptied isn't taken for a disk that isn't mounted.

/// Remembers the folders of one root. Paths are relative to the root, empty for the root itself.
package protocol FolderMemory: AnyObject {
    /// Whether the folder that is found at `path` is the one that was there before. Of another disk it takes note: the folder
    /// that was there is absent from now on.
    func compare(_ path: [UInt8], with found: FolderIdentity) -> FolderComparison
    /// A walk found the folder at `path`, and reads its names next.
    func willList(_ path: [UInt8], _ found: FolderIdentity)
    /// It has read them, and there are some.
    func didFindNames(in path: [UInt8])
    /// Folders whose disk is known to be away.
    var absentFolders: [[UInt8]] { get }
}

/// How a folder is, beside what is remembered of its path.
package enum FolderComparison: Equatable, Sendable {
    /// The same, in which there were names before, or which was made empty before our eyes.
    case same
    /// Nothing is remembered, or the path had another folder of the same disk.
    case other
    /// It lies on another disk: one was mounted or unmounted. What was in the old folder is not gone.
    case otherDisk
}
