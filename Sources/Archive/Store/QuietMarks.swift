// Marks of series and studies to which something was stored: for programs that are run once nothing more arrives. A mark is a file
// beside the index whose time is that of the last arrival; so marks survive every process, and are there before what they are
// about can be acknowledged.

import DICOM
import Platform

/// The marks of one area at one level. Shared by threads and processes.
package final class QuietMarks: Sendable {
    package enum Level: String, Sendable { case series, study }

    /// What a mark is about.
    package struct Subject: Hashable, Sendable {
        package let study: UID
        /// At series level.
        package let series: UID?
    }

    /// A mark that is waited on.
    package struct Mark: Sendable {
        package let subject: Subject
        package let arrivedNs: Int64
        fileprivate let name: [UInt8]
    }

    /// A mark whose program runs.
    package struct Claim: Sendable {
        package let subject: Subject
        fileprivate let path: Path
    }

    private static let claimed = Array("claimed-".utf8)
    private static let unfinished = Array("new-".utf8)
    /// So often the time of a mark is set anew; quiet is a second at least.
    private static let grainSeconds = 0.2
    private static let knownMaximum = 4_096
    private static let lockedRange = 0..<1

    package let level: Level
    private let folder: Path
    private let kernel: any Kernel
    /// Until when a mark needn't be set anew.
    private let known = Guarded<[Subject: Deadline]>([:])

    package init(_ level: Level, of paths: StorageAreaPaths, kernel: any Kernel = SystemKernel()) {
        self.level = level
        folder = paths.index.appending("quiet").appending(level.rawValue)
        self.kernel = kernel
    }

    // MARK: Who stores

    /// Something arrives for a series: its mark is on stable storage when this returns, where `isDurable`.
    func set(study: UID, series: UID, isDurable: Bool) throws(FileFault) {
        let subject = Subject(study: study, series: level == .series ? series : nil)
        if let until = known.withLock({ $0[subject] }), !until.hasPassed { return }
        let path = folder.appending(Path(bytes: Self.name(subject)))
        do throws(FileFault) {
            let file = try File.open(path, .writing, kernel: kernel)
            try file.setModification(toNs: WallClock.now().nanosecondsSince1970)
            // It may have been claimed between the two.
            guard try File.status(of: path, kernel: kernel).isSameFile(as: file.status()) else {
                throw FileFault(.open, path, .noEntry)
            }
        } catch {
            guard error.cause == .noEntry else { throw error }
            do throws(FileFault) { try make(path, subject, isDurable: isDurable) } catch {
                // Somebody took the unfinished one for a leftover.
                guard error.cause == .noEntry else { throw error }
                try make(path, subject, isDurable: isDurable)
            }
        }
        known.withLock { known in
            if known.count >= Self.knownMaximum { known = [:] }
            known[subject] = Deadline(afterSeconds: Self.grainSeconds)
        }
    }

    private func make(_ path: Path, _ subject: Subject, isDurable: Bool) throws(FileFault) {
        let made = try Folder.make(folder, parents: true, kernel: kernel)
        let random = String(UInt64.random(in: .min ... .max), radix: 36)
        let temporary = folder.appending(Path(bytes: Self.unfinished + Array(random.utf8)))
        defer { try? File.remove(temporary, kernel: kernel) }
        let file = try File.open(temporary, .creating, kernel: kernel)
        _ = try file.tryLock(Self.lockedRange, .exclusive)
        try file.append(subject.study.bytes + [0x0A] + (subject.series?.bytes ?? []) + [0x0A])
        if isDurable { try file.synchronize() }
        do throws(FileFault) { try File.link(temporary, as: path, kernel: kernel) } catch {
            // Another process was faster; its mark is of this very moment.
            guard error.cause == .exists else { throw error }
        }
        guard isDurable else { return }
        for folder in [folder] + made.map(\.parent) { try Folder.synchronize(folder, kernel: kernel) }
    }

    private static func name(_ subject: Subject) -> [UInt8] {
        SafeComponent([subject.study, subject.series].compactMap { $0?.text }.joined(separator: "_")).bytes
    }

    // MARK: Who runs programs

    /// All marks that nobody has claimed, in no order.
    package func marks() throws(FileFault) -> [Mark] {
        var marks: [Mark] = []
        for entry in try entries() where !Self.isOfUs(entry.name) {
            let path = folder.appending(entry.path)
            guard let subject = try subject(of: path) else { continue }
            let status = try File.status(of: path, kernel: kernel)
            marks.append(Mark(subject: subject, arrivedNs: status.modificationNs, name: entry.name))
        }
        return marks
    }

    /// Counts a mark from a moment on: a clock that went ahead had set it later than that.
    package func count(_ mark: Mark, fromNs moment: Int64) throws(FileFault) {
        do throws(FileFault) {
            let path = folder.appending(Path(bytes: mark.name))
            try File.open(path, .writing, kernel: kernel).setModification(toNs: moment)
        } catch {
            guard error.cause == .noEntry else { throw error }
        }
    }

    /// Takes a mark away from those who store: what arrives from now on makes another.
    ///
    /// - Returns: nil where something has arrived meanwhile, or somebody else has it.
    package func claim(_ mark: Mark) throws(FileFault) -> Claim? {
        let path = folder.appending(Path(bytes: mark.name))
        let claimed = folder.appending(Path(bytes: Self.claimed + mark.name))
        do throws(FileFault) { try File.rename(path, to: claimed, kernel: kernel) } catch {
            if error.cause == .noEntry { return nil }
            throw error
        }
        guard try File.status(of: claimed, kernel: kernel).modificationNs == mark.arrivedNs else {
            try giveBack(claimed)
            return nil
        }
        return Claim(subject: mark.subject, path: claimed)
    }

    /// The program could not be run: it is waited for once more.
    package func giveBack(_ claim: Claim) throws(FileFault) { try giveBack(claim.path) }

    /// The program has ended, whatever came of it.
    package func finish(_ claim: Claim) throws(FileFault) { try File.remove(claim.path, kernel: kernel) }

    /// Gives back what a process had claimed that is no more, so that its programs are run again, and removes marks that were
    /// never finished. To be called while nobody else runs programs of this area on this host.
    package func recover() throws(FileFault) {
        for entry in try entries() {
            if entry.name.starts(with: Self.claimed) { try giveBack(folder.appending(entry.path)) }
            if entry.name.starts(with: Self.unfinished) { try? removeWhereLeft(folder.appending(entry.path)) }
        }
    }

    private func removeWhereLeft(_ path: Path) throws(FileFault) {
        let file = try File.open(path, .writing, kernel: kernel)
        if try file.tryLock(Self.lockedRange, .exclusive) { try File.remove(path, kernel: kernel) }
    }

    /// Where another mark of the same has been made meanwhile, that one is enough.
    private func giveBack(_ claimed: Path) throws(FileFault) {
        let name = claimed.lastComponent.dropFirst(Self.claimed.count)
        do throws(FileFault) {
            try File.link(claimed, as: folder.appending(Path(bytes: Array(name))), kernel: kernel)
        } catch {
            guard error.cause == .exists else { throw error }
        }
        try File.remove(claimed, kernel: kernel)
    }

    private static func isOfUs(_ name: [UInt8]) -> Bool { name.starts(with: claimed) || name.starts(with: unfinished) }

    private func entries() throws(FileFault) -> [FolderEntry] {
        do throws(FileFault) { return try Folder.entries(of: folder, kernel: kernel) } catch {
            if error.cause == .noEntry { return [] }
            throw error
        }
    }

    /// Nil where it is no mark, or gone.
    private func subject(of path: Path) throws(FileFault) -> Subject? {
        do throws(FileFault) {
            let bytes = try File.open(path, kernel: kernel).readAll(maximumBytes: 1_024)
            let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
            guard lines.count == 3, let study = UID(stored: Array(lines[0])) else { return nil }
            let series = UID(stored: Array(lines[1]))
            guard level == .study || series != nil else { return nil }
            return Subject(study: study, series: series)
        } catch {
            if error.cause == .noEntry { return nil }
            throw error
        }
    }
}
