// What a service class needs to know of the storage area that the called AE title named, and of who asks.

import ArchiveIndex
import DICOM
import Platform

/// One storage area as a service class sees it. An area that isn't indexed yet is an empty one, until it is.
package final class ServedArea: Sendable {
    /// The AE title that was called: what Retrieve AE Title (0008,0054) says. Titles of one folder have a value each.
    package let title: AETitle
    package let indexPath: Path
    private let instancesFolder: Path
    private let opened = Guarded<IndexFolder?>(nil)
    /// Where the index can't be written to.
    private let remembered = Guarded(RememberedMarks())

    /// - Parameters:
    ///   - indexPath: the index folder, which need not be there.
    ///   - instancesFolder: root 0 of the area.
    package init(title: AETitle, indexPath: Path, instancesFolder: Path) {
        self.title = title
        self.indexPath = indexPath
        self.instancesFolder = instancesFolder
    }

    /// The index as it is now.
    package func snapshot() throws(IndexFault) -> Snapshot {
        var snapshot = try index()?.snapshot() ?? .empty
        remembered.withLock { $0.add(to: &snapshot) }
        return snapshot
    }

    /// Marks instances as unavailable or as available again: in the index, or where that can't be written to, in this process.
    func note(_ marks: [AvailabilityMark]) {
        guard !marks.isEmpty else { return }
        do throws(IndexFault) {
            guard let index = try index() else { return }
            try index.note(marks)
            remembered.withLock { $0.forget(marks) }
        } catch {
            // A mark is a hint: why it isn't in the index is nobody's trouble.
            remembered.withLock { $0.remember(marks) }
        }
    }

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
