// Files to be opened and read, a few of one folder at a time, and what came of them.

import ArchiveIndex
import DICOM
import Platform

/// Files of one folder.
struct ReadJob: Sendable {
    static let filesMaximum = 64

    let root: Int
    let rootPath: Path
    /// Relative to the root.
    let folder: [UInt8]
    /// What stays out of the index.
    var removals = Removals()
    var files: [WalkedFile] = []

    /// One that is like this, of another folder and without files.
    func next(in folder: [UInt8]) -> ReadJob {
        ReadJob(root: root, rootPath: rootPath, folder: folder, removals: removals)
    }
}

/// What a file turned out to be.
enum ReadResult: Sendable {
    /// The remark is something that people should know of it.
    case instance(InstanceEntry, remark: String?)
    case foreign(ForeignFile, refusal: Refusal)
    /// It couldn't be read: not remembered, tried again at the next import.
    case unreadable(FileFault)
    /// Not read: it may still be written to.
    case unsettled(path: [UInt8])
}

/// Reads headers; one a thread.
struct HeaderReader: ~Copyable {
    /// A file changed so recently that its time may not tell the next change (the clock's grain, and a margin).
    private static let grainNs: Int64 = 2_000_000_000

    private var buffer = ReadBuffer(capacity: InstanceHeader.firstBytes)

    mutating func read(_ job: ReadJob, startedNs: Int64) -> [ReadResult] {
        let path = job.folder.isEmpty ? job.rootPath : job.rootPath.appending(Path(bytes: job.folder))
        do throws(FileFault) {
            let folder = try Folder.open(path)
            var results: [ReadResult] = []
            results.reserveCapacity(job.files.count)
            var last: InstanceEntry?
            for file in job.files {
                var result = read(file, of: job, in: folder, startedNs)
                if case .instance(var entry, let remark) = result {
                    // Files of one folder are most often of one series.
                    if let last {
                        entry = entry.sharing(with: last)
                        result = .instance(entry, remark: remark)
                    }
                    last = entry
                }
                results.append(result)
            }
            return results
        } catch {
            return job.files.map { _ in .unreadable(error) }
        }
    }

    private mutating func read(
        _ walked: WalkedFile, of job: ReadJob, in folder: borrowing Folder, _ startedNs: Int64
    ) -> ReadResult {
        do throws(FileFault) {
            let file = try folder.openFile(walked.name[...], followingLink: walked.isLink)
            let status = try file.status()
            guard status.kind == .file else { throw FileFault(.open, file.path, .invalidArgument) }
            if Self.isUnsettled(walked, status, startedNs) { return .unsettled(path: walked.path) }
            do throws(HeaderFault) {
                let header = try InstanceHeader.read(from: file, sizeBytes: status.sizeBytes, into: &buffer)
                let entry = header.entry(at: Self.place(walked, job, status, startedNs))
                if job.removals.keepsOut(entry) {
                    return .foreign(ForeignFile(takenOut: entry.place), refusal: .takenOut)
                }
                return .instance(entry, remark: Self.remark(on: header, buffer.bytes, sizeBytes: status.sizeBytes))
            } catch {
                switch error {
                case .file(let fault): throw fault
                case .refused(let refusal): return refused(refusal, walked, job, status, startedNs)
                }
            }
        } catch {
            return .unreadable(error)
        }
    }

    /// A time in the future tells nothing; and a file that got a second name was whole, as far as anyone can know.
    private static func isUnsettled(_ walked: WalkedFile, _ status: FileStatus, _ startedNs: Int64) -> Bool {
        walked.settleNs > 0 && status.linkCount == 1 && status.modificationNs <= startedNs
            && status.modificationNs > startedNs - walked.settleNs
    }

    private static func remark(on header: InstanceHeader, _ bytes: RawSpan, sizeBytes: Int) -> String? {
        if let ending = header.ending { return "indexed by what could be read of it: \(ending)" }
        if header.isMislabelled {
            let name = TransferSyntax.named(header.transferSyntaxUID)?.name ?? header.transferSyntaxUID.text
            return "its data set is in \(name), not in what its File Meta Information names"
        }
        let missing = header.missingBytes(ofFileBytes: sizeBytes)
        if missing > 0 { return "cut short: \(missing) bytes of its pixel data are missing" }
        return isPolyglot(bytes) ? "it is DICOM and also something that runs" : nil
    }

    private static func place(
        _ walked: WalkedFile, _ job: ReadJob, _ status: FileStatus, _ startedNs: Int64
    ) -> Place {
        Place(
            root: job.root, path: walked.path, sizeBytes: status.sizeBytes, modificationNs: status.modificationNs,
            inode: status.inode, isTrusted: status.modificationNs < startedNs - grainNs, dataSetOffset: 0)
    }

    private func refused(
        _ refusal: Refusal, _ walked: WalkedFile, _ job: ReadJob, _ status: FileStatus, _ startedNs: Int64
    ) -> ReadResult {
        .foreign(
            ForeignFile(Self.place(walked, job, status, startedNs), reason: refusal.code), refusal: refusal)
    }

    /// A preamble that makes the file a program, a script, an archive or a document as well.
    private static func isPolyglot(_ bytes: RawSpan) -> Bool {
        guard bytes.byteCount >= 132 else { return false }
        let heads: [[UInt8]] = [
            Array("MZ".utf8), [0x7F, 0x45, 0x4C, 0x46], [0xCF, 0xFA, 0xED, 0xFE], [0xCE, 0xFA, 0xED, 0xFE],
            Array("#!".utf8), Array("PK".utf8) + [3, 4], Array("%PDF".utf8),
        ]
        return heads.contains { head in head.indices.allSatisfy { bytes.byte(at: $0) == head[$0] } }
    }
}
