// Why an instance was not stored: in cases for who answers its sender, in words for the log.

import ArchiveIndex
import DICOM
import Platform

/// An instance that was not stored. The area is as it was before, and the sender may try again.
package enum StoreFault: Error, Equatable, Sendable {
    /// The operating system refused: a full or failing disk, rights, too many open files.
    case file(FileFault)
    case index(IndexFault)
    /// The area may take no more, by its own limits.
    case overQuota(Quota)
    case tooLarge(limitBytes: Int)
    /// Headers of all instances that arrive at this moment are longer than what is held in memory.
    case headersTooLarge(limitBytes: Int)
    /// The attributes that the index holds are more than a journal takes.
    case attributesTooLarge
    /// What arrived is no data set that could be managed.
    case unreadable(Refusal)
    /// The pixel data is longer by its length than what arrived.
    case truncated(missingBytes: Int)
    /// A UID of the data set isn't that of the request.
    case contradicts(RequiredUID, announced: UID, found: UID)
    /// The UID is known, with another data set, and the first is to be kept; or it is known with as many as are kept.
    case duplicate
    /// The template of the layout can't be followed: one of its folders is no folder.
    case notAFolder(Path)

    /// A limit that an area has.
    package enum Quota: Equatable, Sendable {
        /// Room on the file system, which others use as well.
        case freeBytes(left: UInt64, minimum: UInt64)
        case freeInodes(left: UInt64, minimum: UInt64)
        /// Of all that the storage daemon has written to the area.
        case areaBytes(used: Int, maximum: Int)
        case studies(count: Int, maximum: Int)
        case studyBytes(used: Int, maximum: Int)
    }
}

extension StoreFault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .file(let fault): fault.cause.remedy.map { "\(fault); \($0)" } ?? "\(fault)"
        case .index(let fault): "\(fault)"
        case .overQuota(let quota): "\(quota)"
        case .tooLarge(let limit): "the instance is longer than \(limit) bytes"
        case .headersTooLarge(let limit):
            "headers of more than \(limit) bytes arrive at one time: send it again"
        case .attributesTooLarge: "the attributes that the index holds are too many or too long"
        case .unreadable(let refusal): "the data set is \(refusal)"
        case .truncated(let missing): "the data set ends \(missing) bytes before its pixel data does"
        case .contradicts(let uid, let announced, let found):
            "\(uid) is \(found) in the data set, and \(announced) in the request"
        case .duplicate:
            "another data set with this SOP Instance UID is here already, or more than are kept (Duplicates)"
        case .notAFolder(let path): "\(path) is no folder, and a folder of the layout"
        }
    }
}

extension StoreFault.Quota: CustomStringConvertible {
    package var description: String {
        switch self {
        case .freeBytes(let left, let minimum):
            minimum == 0
                ? "the disk has \(left) bytes left, and more are needed"
                : "the disk has \(left) bytes left, and MinimumFreeSpace is \(minimum)"
        case .freeInodes(let left, let minimum): "the disk has \(left) inodes left, and \(minimum) are kept free"
        case .areaBytes(let used, let maximum): "\(used) bytes are stored here, and MaxBytes is \(maximum)"
        case .studies(let count, let maximum): "\(count) studies are stored here, and the quota is \(maximum)"
        case .studyBytes(let used, let maximum): "\(used) bytes of the study are stored, and the quota is \(maximum)"
        }
    }
}

/// Calls `body`, and gives its file faults as faults of storing.
package func storing<Result: ~Copyable>(_ body: () throws(FileFault) -> Result) throws(StoreFault) -> Result {
    do throws(FileFault) { return try body() } catch { throw .file(error) }
}

/// The same for faults of the index.
package func indexing<Result: ~Copyable>(_ body: () throws(IndexFault) -> Result) throws(StoreFault) -> Result {
    do throws(IndexFault) { return try body() } catch { throw .index(error) }
}
