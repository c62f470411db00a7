// What a service class needs to know of the storage area that the called AE title named, and of who asks.

import ArchiveIndex
import DICOM
import Platform

/// One storage area as a service class sees it. An area that isn't indexed yet is an empty one, until it is.
package final class ServedArea: Sendable {
    /// The area's AE title: what Retrieve AE Title (0008,0054) says, whatever title was called.
    package let title: AETitle
    package let indexPath: Path
    private let instancesFolder: Path
    private let opened = Guarded<IndexFolder?>(nil)

    /// - Parameters:
    ///   - indexPath: the index folder, which need not be there.
    ///   - instancesFolder: root 0 of the area.
    package init(title: AETitle, indexPath: Path, instancesFolder: Path) {
        self.title = title
        self.indexPath = indexPath
        self.instancesFolder = instancesFolder
    }

    /// The index as it is now.
    package func snapshot() throws(IndexFault) -> Snapshot { try index()?.snapshot() ?? .empty }

    /// The folders that places lie in, by number.
    func rootFolders() throws(IndexFault) -> [Int: Path] { try index()?.roots() ?? [:] }

    /// The index; nil where there is none yet.
    package func index() throws(IndexFault) -> IndexFolder? {
        if let known = opened.withLock({ $0 }) { return known }
        guard try IndexFolder.exists(at: indexPath) else { return nil }
        let index = try IndexFolder.open(at: indexPath, instancesFolder: instancesFolder)
        opened.withLock { $0 = index }
        return index
    }
}
