// What an import saw and did, in numbers and in refusals.

import DICOM
import Platform

/// A file and what is to be said of it: why it is no instance we can manage, or what is odd about one that is.
package struct ReportedFile: Equatable, Sendable {
    package let path: Path
    /// In words, for the operator.
    package let reason: String
}

/// The outcome of an import.
package struct ImportReport: Equatable, Sendable {
    /// Regular files met, whatever became of them.
    package var seen = 0
    /// Read and added: new, changed, or too young when they were read last to be told from changed ones.
    package var indexed = 0
    /// Of those, not known to the index before.
    package var new = 0
    /// Of those, known to the index before in another state.
    package var changed = 0
    /// Instances known to the index, with the same size, time and inode: not opened.
    package var unchanged = 0
    /// Foreign files and DICOMDIRs.
    package var notDICOM = 0
    /// Refused, now or by an earlier import that remembered it.
    package var failed = 0
    /// Instances that were taken out of the index on purpose, and stay out.
    package var takenOut = 0
    /// Of those that failed: could not be read at all, and are not remembered.
    package var unreadableFiles = 0
    /// Known to the index and no longer there.
    package var vanished = 0
    /// Of those, found at another place: taken out of the index at the old one.
    package var moved = 0
    /// Of those, gone and taken out of the index.
    package var pruned = 0
    /// Symbolic links: not followed, or leading out of the root.
    package var links = 0
    /// Folders not entered, because a link leads back to them.
    package var loops = 0
    /// Sockets, pipes and devices.
    package var others = 0
    /// Listed up to a limit; `failed` counts on.
    package var refused: [ReportedFile] = []
    /// Indexed files that are odd, listed up to the same limit.
    package var remarks: [ReportedFile] = []
    /// Folders and roots that can't be read.
    package var unreadable: [FileFault] = []
    /// Files that may still be written to, relative to their root: not read, to be looked at again.
    package var unsettled: [[UInt8]] = []
    /// It was told to stop before it had seen everything; the next import goes on.
    package var isStopped = false
    package var seconds = 0.0

    package static let listedMaximum = 10_000

    package init() {}

    /// Known, no longer there, and still in the index.
    package var missed: Int { vanished - moved - pruned }

    /// Of those seen; 0 where no time was measured.
    package var filesPerSecond: Double { seconds > 0 ? Double(seen) / seconds : 0 }
}
