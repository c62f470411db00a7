// What a watch is told.

import Platform

/// A root, or a part of one, that is to be watched.
package struct WatchedRoot: Sendable {
    /// In `roots`.
    package let number: Int
    /// The root, absolute.
    package let folder: Path
    /// Relative to the root; empty for all of it.
    package let part: [UInt8]
    /// Folders that aren't entered, absolute.
    package let excluded: Set<Path>

    package init(number: Int, folder: Path, part: [UInt8], excluded: Set<Path>) {
        self.number = number
        self.folder = folder
        self.part = part
        self.excluded = excluded
    }
}

/// How a watch goes about it.
package struct WatchOptions: Sendable {
    /// How files are read and whether links are followed. What has vanished is always taken out.
    package var importing = ImportOptions()
    /// Minutes after which a root is visited anew as if nothing were known of changes, in case one was missed; 0 for never.
    package var rescanMinutes = 60
    /// The same for what isn't watched: network file systems, on which other hosts' changes aren't told, and folders past the
    /// limit of watches.
    package var unwatchedMinutes = 10

    package init() {}

    /// A visit begins no sooner than so many times after the last one as that one took.
    static let restRatio = 4.0
    /// What is there, and what is back, is looked for so often.
    static let lookSeconds = 5.0
    /// A file that was met, and not told to be whole, is read when it has stayed as it is for so long.
    static let settleSeconds = 3.0
    /// The same for one that was seen being made, and not being closed.
    static let openSeconds = 60.0
    /// After a fault of the index.
    static let retrySeconds = 30.0
}
