// The calls that an in-memory disk takes, counted and named, and what a test wants to happen at one of them.

import Platform

/// One call of the kernel.
package struct DiskCall: Hashable, Sendable, CustomStringConvertible {
    package enum Kind: String, Sendable {
        case open, read, write, synchronize, status, rename, link, unlink, makeFolder, removeFolder, list, lock, map
    }

    package let kind: Kind
    package let path: Path

    /// Whether it changes what is on the disk, or what is durable.
    package var isChange: Bool {
        switch kind {
        case .write, .synchronize, .rename, .link, .unlink, .makeFolder, .removeFolder, .open: true
        case .read, .status, .list, .lock, .map: false
        }
    }

    /// Whether a disk without room may refuse it.
    package var takesSpace: Bool {
        switch kind {
        case .write, .synchronize, .rename, .link, .makeFolder, .open: true
        case .read, .status, .list, .lock, .map, .unlink, .removeFolder: false
        }
    }

    package var description: String { "\(kind.rawValue) \(path)" }
}

extension DiskCall.Kind {
    /// Whether a file system that is mounted read-only refuses it, whatever it is about.
    var isRefusedReadOnly: Bool {
        switch self {
        case .write, .rename, .link, .unlink, .makeFolder, .removeFolder: true
        case .open, .read, .synchronize, .status, .list, .lock, .map: false
        }
    }
}

/// What happens at calls from a certain one on. Calls count from 1.
package enum DiskTrouble: Sendable {
    /// That one call fails; a failed write may have written a part, a failed sync leaves its writes doomed.
    case failing(call: Int, Errno)
    /// All calls of one kind fail from that call on: a full or failing disk.
    case failingFrom(call: Int, DiskCall.Kind, Errno)
    /// The process is dead after that call: nothing it does reaches the disk any more.
    case dying(afterCall: Int)
    /// Reads and writes move at most so many bytes.
    case short(maximumBytes: Int)
    /// From that call on the file system of a folder is mounted read-only, as one is whose disk fails: what is there can be
    /// read.
    case readOnly(fromCall: Int, below: Path = "/")
}
