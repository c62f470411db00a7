// Why the index could not be read or changed: which file, which byte, what was wrong.

import Platform

/// A fault of the index.
package enum IndexFault: Error, Equatable, Sendable {
    /// A byte isn't what was written, or can't be. `byte` counts from the start of `file`.
    case damaged(file: String, byte: Int, what: String)
    /// An older version wrote it, or one that nobody knows. What a newer one wrote is `refused`.
    case foreignVersion(file: String, found: String)
    /// The operating system refused.
    case file(FileFault)
    /// There is no index in the folder.
    case noIndex(folder: String)
    /// Somebody else held the lock until the deadline.
    case busy(what: String)
    /// What was asked can't be: an unknown root, a number out of range, an index that a newer version wrote, a root that went
    /// away. Some of it may succeed later.
    case refused(what: String)
    /// Nobody waits for the answer any more: see `SearchWatch`.
    case stopped
}

extension IndexFault: CustomStringConvertible {
    /// What helps where `file` of an index is damaged: the index is made from the archive's files, and can be made again.
    static func remedy(for file: String) -> String {
        file == Roots.name ? remedyWithoutRoots : "\(untouched); make the index anew: fileroom-index rebuild"
    }

    private static let untouched = "the files of the archive are not touched by this"
    private static let remedyWithoutRoots =
        "\(untouched); make the index anew, and name every folder that was imported: fileroom-index rebuild FOLDER…"

    package var description: String {
        switch self {
        case .damaged(let file, _, _): "\(place); \(Self.remedy(for: file))"
        case .foreignVersion: "\(place); \(Self.remedyWithoutRoots)"
        case .file(let fault): fault.cause.remedy.map { "\(place); \($0)" } ?? place
        case .noIndex, .busy, .refused, .stopped: place
        }
    }

    /// What is wrong and where, without the remedy.
    package var place: String {
        switch self {
        case .damaged(let file, let byte, let what): "\(file) is damaged at byte \(byte): \(what)"
        case .foreignVersion(let file, let found): "\(file) was written by another version of Fileroom (\(found))"
        case .file(let fault): fault.description
        case .noIndex(let folder): "there is no index in \(folder)"
        case .busy(let what): "\(what) is held by another process"
        case .refused(let what): what
        case .stopped: "stopped"
        }
    }
}

/// Calls `body`, and gives its file faults as index faults.
func wrapping<Result: ~Copyable>(_ body: () throws(FileFault) -> Result) throws(IndexFault) -> Result {
    do throws(FileFault) { return try body() } catch { throw .file(error) }
}
