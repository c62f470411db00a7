// The folder of an index: opens what counts, follows the journal, and gives snapshots. See FORMAT.md for every file in it.

import DICOM
import Platform

/// A handle on `<area>/index`. Any number of them, in any number of processes; all calls from any thread.
package final class IndexFolder: Sendable {
    package let path: Path
    /// Root 0: the folder of the instances that the storage daemon writes.
    package let instancesFolder: Path
    let kernel: any Kernel
    /// On file systems that other hosts write to, runs are read and not mapped.
    let readsWithoutMapping: Bool
    private let opened: Guarded<OpenStack?> = Guarded(nil)
    /// Of the journal last written to, by our own syncs alone.
    let settledJournal: Guarded<SettledJournal?> = Guarded(nil)
    /// For `SettledMark`.
    let lockContent: Guarded<OpenFile?> = Guarded(nil)
    /// The `current` whose name is known to be on stable storage.
    let settledCurrent: Guarded<[UInt8]> = Guarded([])

    /// - Parameter instancesFolder: root 0; `instances` beside the index folder where none is given.
    init(_ path: Path, instancesFolder: Path?, kernel: any Kernel, readsWithoutMapping: Bool) {
        self.path = path
        self.instancesFolder = instancesFolder ?? path.parent.appending("instances")
        self.kernel = kernel
        self.readsWithoutMapping = readsWithoutMapping
    }

    /// Opens the index in `path`.
    ///
    /// - Throws: `.noIndex` where there is none, `.damaged` or `.foreignVersion` where `current` can't be read.
    package static func open(
        at path: Path, instancesFolder: Path? = nil, kernel: any Kernel = SystemKernel()
    ) throws(IndexFault) -> IndexFolder {
        let network = kernel is SystemKernel && ((try? FileSystem.holding(path).isNetwork) ?? false)
        let folder = IndexFolder(
            path, instancesFolder: instancesFolder, kernel: kernel, readsWithoutMapping: network)
        _ = try folder.current()
        return folder
    }

    /// Opens the index in `path`, and makes an empty one where there is none: the folder first, `current` last.
    ///
    /// - Parameter fallback: of an index that is made; one that is there keeps to its own.
    package static func create(
        at path: Path, instancesFolder: Path? = nil, fallback: FallbackCharacterSet = .standard,
        kernel: any Kernel = SystemKernel()
    ) throws(IndexFault) -> IndexFolder {
        if try !exists(at: path, kernel: kernel) {
            try wrapping { () throws(FileFault) in try makeFolder(path, kernel) }
        }
        let network = kernel is SystemKernel && ((try? FileSystem.holding(path).isNetwork) ?? false)
        let folder = IndexFolder(
            path, instancesFolder: instancesFolder, kernel: kernel, readsWithoutMapping: network)
        if try TextFile.readBytes(path.appending(Current.name), kernel: kernel) == nil {
            let lock = try folder.lock(.publish)
            defer { withExtendedLifetime(lock) {} }
            if try TextFile.readBytes(path.appending(Current.name), kernel: kernel) == nil {
                try Current(fallback: fallback).textFile.replace(path.appending(Current.name), kernel: kernel)
            }
        }
        _ = try folder.current()
        return folder
    }

    /// Makes the folder and those above it that are missing, and sees to their names being on stable storage, also of those
    /// that a run before this one made and was killed.
    private static func makeFolder(_ path: Path, _ kernel: any Kernel) throws(FileFault) {
        var missing: [Path] = []
        var above = path
        while try !File.exists(above, kernel: kernel), above != above.parent {
            missing.append(above)
            above = above.parent
        }
        for folder in missing.reversed() {
            do throws(FileFault) { try Folder.make(folder, kernel: kernel) } catch {
                if error.cause != .exists { throw error }
            }
            do throws(FileFault) { try Folder.synchronize(folder.parent, kernel: kernel) } catch {
                // A name whose sync failed can't be trusted any more, even if a later sync succeeds: make it anew then.
                try? Folder.remove(folder, kernel: kernel)
                throw error
            }
        }
        // The name of the lowest that is there may be another's that was killed; above that, folders may be another user's.
        if missing.isEmpty {
            try Folder.synchronize(path.parent, kernel: kernel)
            try? Folder.synchronize(path.parent.parent, kernel: kernel)
        } else {
            try? Folder.synchronize(above.parent, kernel: kernel)
        }
    }

    /// Whether there is an index in `path`: a file `current`, readable or not.
    package static func exists(at path: Path, kernel: any Kernel = SystemKernel()) throws(IndexFault) -> Bool {
        try wrapping { () throws(FileFault) in try File.exists(path.appending(Current.name), kernel: kernel) }
    }

    /// The index as it is now. Cheap where nothing changed: a dozen system calls on files that are in memory.
    package func snapshot() throws(IndexFault) -> Snapshot { try stack().snapshot }

    /// So many bytes of entries may be left unsorted for those who ask for that: as many as journals have until they are folded.
    private static let unsortedMaximumBytes = journalBytes

    /// What is open, brought up to date.
    ///
    /// - Parameter isSorted: the snapshot has all of it. Who appends one instance after the other asks for less: of what was
    ///   read last it is known then only what it may concern.
    func stack(isSorted: Bool = true) throws(IndexFault) -> OpenStack {
        try opened.withLock { (opened: inout sending OpenStack?) throws(IndexFault) -> OpenStack in
            var last: IndexFault?
            for _ in 0..<32 {
                do throws(IndexFault) {
                    let current = try currentFile(opened?.currentFile)
                    var stack = opened
                    if stack?.currentFile.bytes == current.bytes {
                        stack?.currentFile = current
                    } else {
                        stack = try OpenStack(current, in: self, reusing: stack)
                        // What was opened counts only where `current` names it still.
                        guard try currentFile(current).bytes == current.bytes else { continue }
                    }
                    guard var fresh = stack else { continue }
                    try fresh.follow(in: self)
                    if isSorted || fresh.unsortedBytes > Self.unsortedMaximumBytes { try fresh.sortIn() }
                    // Journals may have been folded and removed while they were followed.
                    guard try currentFile(current).bytes == current.bytes else { continue }
                    opened = fresh
                    return fresh
                } catch {
                    // A file that went while it was opened: `current` has been replaced.
                    guard case .file(let fault) = error, fault.cause == .noEntry || fault.cause == .staleHandle else {
                        throw error
                    }
                    last = error
                }
            }
            if case .file(let fault)? = last, fault.cause == .noEntry {
                let name = String(decoding: fault.path.lastComponent, as: UTF8.self)
                throw .damaged(file: name, byte: 0, what: "it should be there, and is not")
            }
            throw last ?? .busy(what: "\(path)")
        }
    }

    /// The same for who writes on top of it.
    func writableStack(isSorted: Bool = true) throws(IndexFault) -> OpenStack {
        let stack = try stack(isSorted: isSorted)
        guard !stack.isNewer else {
            throw .refused(what: "\(path) was written to by a newer version of Fileroom; only that may write here")
        }
        return stack
    }

    /// Changes what was read last, where it is known.
    func keep(_ change: (inout OpenStack) throws(IndexFault) -> Void) throws(IndexFault) {
        try opened.withLock { opened throws(IndexFault) in
            guard opened != nil else { return }
            try change(&opened!)
        }
    }

    /// Has the next snapshot read everything anew.
    func forget() { opened.withLock { $0 = nil } }

    func current() throws(IndexFault) -> Current {
        try Current(decoding: try CurrentFile(in: self).bytes)
    }

    /// `current` as it is; most often it is as it was.
    private func currentFile(_ known: CurrentFile?) throws(IndexFault) -> CurrentFile {
        if let known, try known.isStill(in: self) { return known }
        return try CurrentFile(in: self)
    }

    /// Opens a journal; nil where there is none.
    func journal(_ number: UInt64) throws(IndexFault) -> Journal? {
        try Journal(number, in: path, isShared: readsWithoutMapping, kernel: kernel)
    }

    static func runName(_ number: UInt64) -> String { "run-\(number)" }

    /// Opens a run, takes its read lock, checks its length and its end.
    func openRun(_ entry: Current.RunEntry) throws(IndexFault) -> Run {
        let name = Self.runName(entry.number)
        let path = path.appending(name)
        let open = OpenFile(try wrapping { () throws(FileFault) in try File.open(path, .reading, kernel: kernel) })
        // Where locks can't be had, nobody removes files from under us but on this host.
        _ = try? open.file.tryLock(0..<1, .shared)
        let size = try wrapping { () throws(FileFault) in try open.file.status().sizeBytes }
        guard size == entry.byteCount else {
            throw .damaged(file: name, byte: size, what: "it has \(size) bytes, and \(entry.byteCount) were written")
        }
        if readsWithoutMapping { return try Run(.file(open), byteCount: size, file: name) }
        let mapping = try wrapping { () throws(FileFault) in try open.file.map(byteCount: size) }
        return try Run(.mapped(mapping, open), byteCount: size, file: name)
    }

    /// Writes a run file; the caller holds the publish lock and names it in `current` afterwards.
    func writeRun(
        _ number: UInt64, _ write: (inout RunWriter) throws(IndexFault) -> Void
    ) throws(IndexFault) -> Current.RunEntry {
        let path = path.appending(Self.runName(number))
        let file = try wrapping { () throws(FileFault) -> File in
            // A leftover of a crash: `current` never named it.
            if try File.exists(path, kernel: kernel) { try File.remove(path, kernel: kernel) }
            return try File.open(path, .creating, kernel: kernel)
        }
        do throws(IndexFault) {
            var writer = try RunWriter(
                to: OpenFile(file), spill: SpillFile(path: path.adding(suffix: ".new"), kernel: kernel))
            try write(&writer)
            return Current.RunEntry(number: number, byteCount: try writer.finish().byteCount)
        } catch {
            // A full disk is not to be filled with half a run.
            try? File.remove(path, kernel: kernel)
            throw error
        }
    }

    /// How the index reads text that names no character set, whatever is configured by now: a rebuild takes another one.
    package func fallbackCharacterSet() throws(IndexFault) -> FallbackCharacterSet { try current().fallback }

    /// Puts the new `current` in place: the commit. The run's bytes are synced; its name is with the folder's sync.
    func commit(_ current: Current) throws(IndexFault) {
        try wrapping { () throws(FileFault) in try Folder.synchronize(path, kernel: kernel) }
        try current.textFile.replace(path.appending(Current.name), kernel: kernel)
        settledCurrent.withLock { $0 = current.textFile.encoded() }
    }
}
