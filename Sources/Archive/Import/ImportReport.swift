// What an import saw and did, in numbers and in refusals.

import DICOM
import Platform

/// A file that is DICOM but no instance we can manage, and why.
package struct RefusedFile: Equatable, Sendable {
    package let path: Path
    package let reason: String
}

/// The outcome of an import.
package struct ImportReport: Equatable, Sendable {
    package var seen = 0
    /// New or changed, and added.
    package var indexed = 0
    package var unchanged = 0
    /// Foreign files and DICOMDIRs.
    package var notDICOM = 0
    /// Refused, now or by an earlier import that remembered it.
    package var failed = 0
    /// Known to the index and no longer there.
    package var vanished = 0
    package var links = 0
    /// Listed up to a limit; `failed` counts on.
    package var refused: [RefusedFile] = []
    /// Files that are both DICOM and something that runs.
    package var polyglots: [Path] = []
    package var unreadable: [FileFault] = []
    package var isStopped = false
    package var seconds = 0.0

    package static let listedMaximum = 10_000

    package init() {}

    package var filesPerSecond: Double { seconds > 0 ? Double(seen) / seconds : 0 }
}
