// A stored instance opened for sending: its file as the index knows it, or as it is now where it changed since.

import Archive
import ArchiveIndex
import DICOM
import Platform

/// Why a stored instance can't be sent, in words that fit an Error Comment.
enum StoredInstanceFault: Error, CustomStringConvertible {
    case file(FileFault)
    case changed(String)
    case unknownRoot(Int)
    case notConvertible(ConversionFault)

    var description: String {
        switch self {
        case .file(let fault): "file: \(fault.cause)"
        case .changed(let what): "file changed since indexed: \(what)"
        case .unknownRoot(let number): "root \(number) of the index is gone"
        case .notConvertible(let fault): "not convertible: \(fault)"
        }
    }
}

/// An open file and where its data set lies.
struct StoredInstance: ~Copyable {
    let file: File
    let transferSyntaxUID: UID
    let dataSetOffset: Int
    let dataSetBytes: Int
    /// Of the content as it was when the file was opened.
    private let modificationNs: Int64
    var isDeflated: Bool { TransferSyntax.named(transferSyntaxUID)?.isDeflated ?? false }

    /// Opens the first readable file of `reference`, read-only. One of another size isn't what was indexed. Where its time or
    /// inode differ, or the index doesn't trust them, its header is read anew: a file that was only touched or copied back is
    /// still sent, one that became another instance isn't.
    ///
    /// - Throws: of a place where the file may be there still, if there is one; else that of the last place.
    static func open(
        _ reference: InstanceReference, roots: [Int: Path]
    ) throws(StoredInstanceFault) -> StoredInstance {
        var fault = StoredInstanceFault.changed("no place of it is known")
        for place in reference.places {
            do throws(StoredInstanceFault) {
                return try open(reference, at: place, roots: roots)
            } catch {
                if fault.meansUnavailable { fault = error }
            }
        }
        throw fault
    }

    /// Whether somebody wrote to the file since it was opened: what was read of it may be of two versions. A file that was
    /// replaced or removed is still the one that was opened.
    var hasChanged: Bool {
        guard let status = try? file.status() else { return true }
        return status.modificationNs != modificationNs || status.sizeBytes != dataSetOffset + dataSetBytes
    }

    private init(
        file: consuming File, transferSyntaxUID: UID, dataSetOffset: Int, dataSetBytes: Int, modificationNs: Int64
    ) {
        self.file = file
        self.transferSyntaxUID = transferSyntaxUID
        self.dataSetOffset = dataSetOffset
        self.dataSetBytes = dataSetBytes
        self.modificationNs = modificationNs
    }

    private static func open(
        _ reference: InstanceReference, at place: Place, roots: [Int: Path]
    ) throws(StoredInstanceFault) -> StoredInstance {
        guard let root = roots[place.root] else { throw .unknownRoot(place.root) }
        let file = try open(root.appending(Path(bytes: place.path)))
        let status = try status(of: file)
        let known = try current(reference, place, file, status)
        guard known.dataSetOffset < status.sizeBytes else { throw .changed("it ends before its data set") }
        return StoredInstance(
            file: file, transferSyntaxUID: known.transferSyntaxUID, dataSetOffset: known.dataSetOffset,
            dataSetBytes: status.sizeBytes - known.dataSetOffset, modificationNs: status.modificationNs)
    }

    /// What the file is now: as indexed where size and time say so, else by its header.
    private static func current(
        _ reference: InstanceReference, _ place: Place, _ file: borrowing File, _ status: FileStatus
    ) throws(StoredInstanceFault) -> (transferSyntaxUID: UID, dataSetOffset: Int) {
        guard status.kind == .file else { throw .changed("it is no file any more") }
        guard status.sizeBytes == place.sizeBytes else {
            throw .changed("\(status.sizeBytes) bytes, not \(place.sizeBytes)")
        }
        if place.isTrusted, status.modificationNs == place.modificationNs, status.inode == place.inode {
            return (reference.transferSyntaxUID, place.dataSetOffset)
        }
        let header = try header(of: file, sizeBytes: status.sizeBytes)
        guard header.sopInstanceUID == reference.sopInstanceUID, header.sopClassUID == reference.sopClassUID else {
            throw .changed("it holds another instance; import again")
        }
        return (header.transferSyntaxUID, header.dataSetOffset)
    }

    private static func open(_ path: Path) throws(StoredInstanceFault) -> File {
        do throws(FileFault) { return try File.open(path) } catch { throw .file(error) }
    }

    private static func status(of file: borrowing File) throws(StoredInstanceFault) -> FileStatus {
        do throws(FileFault) { return try file.status() } catch { throw .file(error) }
    }

    private static func header(
        of file: borrowing File, sizeBytes: Int
    ) throws(StoredInstanceFault) -> InstanceHeader {
        do throws(HeaderFault) {
            return try InstanceHeader.read(from: file, sizeBytes: sizeBytes)
        } catch {
            switch error {
            case .file(let fault): throw .file(fault)
            case .refused(let refusal): throw .changed("it is \(refusal)")
            }
        }
    }
}
