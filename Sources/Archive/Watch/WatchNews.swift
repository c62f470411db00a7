// What a watch has to say to people and scripts.

import ArchiveIndex
import Platform

/// Something that a watch did or met.
package enum WatchNews: Sendable {
    /// All of a root is visited for the first time.
    case visiting(Path)
    /// All roots have been visited, and so many folders are watched from here on.
    case watching(folders: Int)
    /// A root that other hosts may write to: it is visited anew every so many minutes, 0 for never.
    case network(Path, minutes: Int)
    /// Some folders of a root, with those in them, can't be watched, because of the system's limit: they are visited anew
    /// every so many minutes.
    case limited(Path, folders: Int, minutes: Int)
    /// A root, or a folder of one, isn't there, or is another: all that is known of it is kept until it is back.
    case away(Path)
    case back(Path)
    /// A root was removed from the index on purpose: it isn't watched until it is one again.
    case removed(Path)
    /// Events were lost, because too many came at once: everything is visited anew.
    case lost
    case batch(WatchBatch)
    /// The index couldn't be written: what changed is looked at again after so many seconds.
    case postponed(IndexFault, seconds: Int)
}

/// A visit to what changed, or to all of a root.
package struct WatchBatch: Sendable {
    /// Why the visit was made; the raw value is for scripts.
    package enum Cause: String, Sendable {
        /// The first one.
        case start
        /// Events told of changes.
        case change
        /// It was time to, in case a change was missed.
        case rescan
        /// Events were lost.
        case lost
        /// The root, or a folder of it, is there again.
        case back = "return"
    }

    package let cause: Cause
    /// The folder that is watched.
    package let root: Path
    /// Files and folders that were looked at; one where it is the whole root.
    package let parts: Int
    package let report: ImportReport
}
