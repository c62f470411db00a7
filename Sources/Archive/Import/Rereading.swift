// Reading files again that are known by name: what a rebuild does with those that changed while it went on.

import ArchiveIndex
import Platform

/// Reads files of a root by their paths; from one thread.
package struct Rereading {
    private let followsLinks: Bool
    private let removals: Removals

    package init(followsLinks: Bool, removals: Removals) {
        self.followsLinks = followsLinks
        self.removals = removals
    }

    /// Tells `session` what each file is now: an instance, something else, or gone.
    ///
    /// - Parameter paths: relative to the root, ascending.
    /// - Returns: why files couldn't be read that are there; nothing is said of these.
    package func read(
        _ paths: [[UInt8]], root: Int, folder: Path, into session: ImportSession
    ) throws(IndexFault) -> [FileFault] {
        let startedNs = WallClock.now().nanosecondsSince1970
        var reader = HeaderReader()
        var faults: [FileFault] = []
        var job = ReadJob(root: root, rootPath: folder, folder: [], removals: removals)
        for path in paths {
            let name = Path(bytes: path).lastComponent
            let above = Array(path.dropLast(min(path.count, name.count + 1)))
            if above != job.folder || job.files.count >= ReadJob.filesMaximum {
                faults += try tell(&reader, job, startedNs, session)
                job = job.next(in: above)
            }
            job.files.append(WalkedFile(path: path, folder: above, name: name, isLink: isLink(path, below: folder)))
        }
        return faults + (try tell(&reader, job, startedNs, session))
    }

    private func isLink(_ path: [UInt8], below folder: Path) -> Bool {
        guard followsLinks else { return false }
        return (try? File.status(of: folder.appending(Path(bytes: path)), followingLink: false))?.kind == .link
    }

    private func tell(
        _ reader: inout HeaderReader, _ job: ReadJob, _ startedNs: Int64, _ session: ImportSession
    ) throws(IndexFault) -> [FileFault] {
        guard !job.files.isEmpty else { return [] }
        var faults: [FileFault] = []
        for (file, result) in zip(job.files, reader.read(job, startedNs: startedNs)) {
            switch result {
            case .instance(let entry, _): try session.add(entry)
            case .foreign(let file, _): try session.add(file)
            // Whose files are watched says nothing of them before they are whole; here none is waited for.
            case .unsettled: break
            case .unreadable(let fault):
                // What is no regular file any more, a link for one, is as good as gone.
                let isGone = [Errno.noEntry, .notAFolder, .tooManyLinks, .invalidArgument].contains(fault.cause)
                if isGone { try session.forget(root: job.root, path: file.path) } else { faults.append(fault) }
            }
        }
        return faults
    }
}
