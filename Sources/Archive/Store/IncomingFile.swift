// A file that arrives: under a temporary name in `instances/.incoming`, locked by its writer, so that what a killed one left is
// told from what a living one writes.

import DICOM
import Platform

/// A new file that nobody reads yet. Used by one thread; what isn't published when this value ends is gone.
final class IncomingFile {
    /// Its temporary name.
    let path: Path
    private let file: File
    private let kernel: any Kernel
    /// The disk is set to work while the file grows: somebody will wait for it.
    private let isDurable: Bool
    /// What isn't written yet.
    private var pending: [UInt8] = []
    private var writtenBytes = 0
    private var startedBytes = 0
    private var hasTemporaryName = true
    /// Some of it couldn't be written: whatever is tried then fails for the same reason.
    private var fault: FileFault?

    /// What is gathered before it is written.
    private static let gatheredBytes = 65_536
    /// After so much more the disk is set to work.
    private static let startedStepBytes = 262_144
    static let lockedRange = 0..<1
    private static let waitingSeconds = 30.0

    /// Makes a file in `folder`.
    init(in folder: Path, kernel: any Kernel, isDurable: Bool) throws(FileFault) {
        self.kernel = kernel
        self.isDurable = isDurable
        while true {
            let path = folder.appending(Self.name())
            let file = try File.open(path, .creating, kernel: kernel)
            do throws(FileFault) {
                // Who sweeps may have had it between these lines.
                if try file.tryLock(Self.lockedRange, .exclusive), try file.status().linkCount > 0 {
                    self.path = path
                    self.file = file
                    return
                }
            } catch {
                try? File.remove(path, kernel: kernel)
                throw error
            }
        }
    }

    private static func name() -> String {
        "\(Program.processID)-\(String(UInt64.random(in: .min ... .max), radix: 36))"
    }

    /// Whether a file of that name may be one of these.
    static func isName(_ name: [UInt8]) -> Bool {
        let parts = name.split(separator: 0x2D, omittingEmptySubsequences: false)
        return parts.count == 2 && !parts[0].isEmpty && parts[0].allSatisfy { (0x30...0x39).contains($0) }
            && !parts[1].isEmpty
            && parts[1].allSatisfy { (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) }
    }

    deinit { removeTemporaryName() }

    /// Whether nobody has removed it.
    var isThere: Bool { (try? file.status().linkCount) ?? 0 > 0 }

    /// Bytes so far.
    var byteCount: Int { writtenBytes + pending.count }
    /// Of these, such as are in memory.
    var pendingBytes: Int { pending.count }

    /// Adds bytes at the end.
    func append(_ bytes: RawSpan) throws(FileFault) {
        if pending.isEmpty, bytes.byteCount >= Self.gatheredBytes / 2 { return try write(bytes) }
        pending.append(copying: bytes)
        if pending.count >= Self.gatheredBytes { try flush() }
    }

    private func flush() throws(FileFault) {
        if let fault { throw fault }
        guard !pending.isEmpty else { return }
        let bytes = pending
        pending = []
        try write(bytes.rawSpan)
    }

    private func write(_ bytes: RawSpan) throws(FileFault) {
        if let fault { throw fault }
        do throws(FileFault) { try file.write(bytes, at: writtenBytes) } catch {
            fault = error
            throw error
        }
        writtenBytes += bytes.byteCount
        guard isDurable, writtenBytes - startedBytes >= Self.startedStepBytes else { return }
        file.startWriting(startedBytes..<writtenBytes)
        startedBytes = writtenBytes
    }

    /// All of it is in the file, and on stable storage where `isDurable`.
    ///
    /// - Parameter earliestNs: the time of its last change, where the real one is earlier.
    func finish(earliestNs: Int64, isDurable: Bool) throws(FileFault) -> FileStatus {
        try flush()
        if try file.status().modificationNs < earliestNs { try file.setModification(toNs: earliestNs) }
        if isDurable { try file.synchronize() }
        return try file.status()
    }

    /// Bytes of it, for a comparison: all that was added is in the file then.
    func read(at offset: Int, count: Int, into buffer: inout ReadBuffer) throws(FileFault) -> Int {
        try flush()
        return try file.read(at: offset, count: count, into: &buffer)
    }

    /// Locks a file that was published, once nobody stores it, takes it over or removes it any more.
    ///
    /// - Returns: false when that took too long.
    static func awaitWriter(of file: borrowing File) throws(FileFault) -> Bool {
        if try file.tryLock(lockedRange, .exclusive) { return true }
        let wake: WakeDescriptor
        do throws(Errno) { wake = try WakeDescriptor() } catch { throw FileFault(.lock, file.path, error) }
        return try file.lock(lockedRange, .exclusive, until: Deadline(afterSeconds: waitingSeconds), wake: wake)
    }

    /// Whoever waits for what becomes of it may go on.
    func release() { try? file.unlock(Self.lockedRange) }

    /// Gives it the name that it is to keep; `.exists` where that is taken.
    func link(as name: Path) throws(FileFault) { try File.link(path, as: name, kernel: kernel) }

    /// The same in the place of a file that says the same.
    func replace(_ name: Path) throws(FileFault) {
        try File.rename(path, to: name, kernel: kernel)
        hasTemporaryName = false
    }

    /// The file has another name, or none.
    func removeTemporaryName() {
        guard hasTemporaryName else { return }
        // Where it fails, it is tried once more when this value ends.
        do throws(FileFault) { try File.remove(path, kernel: kernel) } catch {
            guard error.cause == .noEntry else { return }
        }
        hasTemporaryName = false
    }
}
