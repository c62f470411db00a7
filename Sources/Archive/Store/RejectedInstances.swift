// The folder for what was refused, so that people can see what a sender sends: `KeepRejected`. It is evidence: nothing is ever
// deleted there, so what comes once it is full isn't kept.

import DICOM
import Platform

/// Keeps what was refused, within bounds: a sender that does nothing right must not fill a disk. Shared by threads.
final class RejectedInstances: Sendable {
    /// Why one isn't kept.
    enum Fault: Error, Equatable, CustomStringConvertible {
        case full(files: Int, bytes: Int)
        case noRoom(StoreFault.Quota)
        case file(FileFault)

        var description: String {
            switch self {
            case .full(let files, let bytes):
                "\(files) files of \(bytes) bytes are there, and no more than \(RejectedInstances.filesMaximum) of "
                    + "\(RejectedInstances.bytesMaximum) are kept: look at them and remove them"
            case .noRoom(let quota): "in its folder, \(quota)"
            case .file(let fault): "\(fault)"
            }
        }

        /// What of it is the same again.
        fileprivate var kind: String {
            switch self {
            case .full: "full"
            case .noRoom: "no room"
            case .file(let fault): "\(fault.operation) \(fault.cause)"
            }
        }
    }

    private struct State {
        var files = 0
        var bytes = 0
        /// When the folder is to be looked at anew: others put something there as well, and people remove it.
        var until = Deadline(afterSeconds: 0)
        /// Until when a kind of fault needn't be said again.
        var said: [String: Deadline] = [:]
    }

    /// In the folder, whoever put them there.
    static let filesMaximum = 1_000
    static let bytesMaximum = 10 << 30
    private static let copiedBytes = 262_144
    private static let countedSeconds = 5.0
    private static let saidSeconds = 600.0

    private let folder: Path
    private let limits: AreaLimits
    private let kernel: any Kernel
    private let state = Guarded(State())

    init(_ folder: Path, _ limits: AreaLimits, kernel: any Kernel) {
        self.folder = folder
        self.limits = limits
        self.kernel = kernel
    }

    /// Copies what arrived to the folder, which may be on another disk. Where that fails, it is gone: its sender has it.
    ///
    /// - Returns: why it isn't kept, where that wasn't said a while ago.
    func keep(_ file: IncomingFile, _ announced: AnnouncedInstance) -> Fault? {
        do throws(Fault) {
            try takeRoom(for: file.byteCount)
            do throws(Fault) { try filing { () throws(FileFault) in try copy(file, announced) } } catch {
                state.withLock { state in
                    state.files -= 1
                    state.bytes -= file.byteCount
                }
                throw error
            }
            return nil
        } catch {
            let isNew = state.withLock { state in
                if let until = state.said[error.kind], !until.hasPassed { return false }
                state.said[error.kind] = Deadline(afterSeconds: Self.saidSeconds)
                return true
            }
            return isNew ? error : nil
        }
    }

    private func filing<Result>(_ body: () throws(FileFault) -> Result) throws(Fault) -> Result {
        do throws(FileFault) { return try body() } catch { throw .file(error) }
    }

    // MARK: Room

    /// Whoever finds room has it.
    private func takeRoom(for byteCount: Int) throws(Fault) {
        let disk = try filing { () throws(FileFault) in
            if try !File.exists(folder, kernel: kernel) { _ = try Folder.make(folder, parents: true, kernel: kernel) }
            return try FileSystem.holding(folder, kernel: kernel)
        }
        if let quota = limits.whatIsShort(on: disk, forBytes: byteCount) { throw .noRoom(quota) }
        if state.withLock({ $0.until.hasPassed }) {
            let (files, bytes) = try filing { () throws(FileFault) in try counted() }
            state.withLock { state in
                (state.files, state.bytes) = (files, bytes)
                state.until = Deadline(afterSeconds: Self.countedSeconds)
            }
        }
        let full: Fault? = state.withLock { state in
            guard state.files < Self.filesMaximum, state.bytes <= Self.bytesMaximum - byteCount else {
                return .full(files: state.files, bytes: state.bytes)
            }
            state.files += 1
            state.bytes += byteCount
            return nil
        }
        if let full { throw full }
    }

    private func counted() throws(FileFault) -> (files: Int, bytes: Int) {
        var (files, bytes) = (0, 0)
        for entry in try Folder.entries(of: folder, kernel: kernel) {
            files += 1
            // More than are kept needn't be looked at, and one that has gone is none.
            guard files < Self.filesMaximum else { break }
            let path = folder.appending(entry.path)
            bytes += (try? File.status(of: path, followingLink: false, kernel: kernel).sizeBytes) ?? 0
        }
        return (files, bytes)
    }

    // MARK: Copying

    private func copy(_ file: IncomingFile, _ announced: AnnouncedInstance) throws(FileFault) {
        let moment = WallClock.now()
        let name = SafeComponent(
            "\(moment.localName)-\(announced.source)-\(announced.sopInstanceUID.text).dcm")
        let path = folder.appending(Path(bytes: name.bytes))
        let copy = try File.open(path, .creating, kernel: kernel)
        do throws(FileFault) {
            var buffer = ReadBuffer(capacity: Self.copiedBytes)
            var offset = 0
            while try file.read(at: offset, count: Self.copiedBytes, into: &buffer) > 0 {
                try copy.write(buffer.bytes, at: offset)
                offset += buffer.bytes.byteCount
            }
        } catch {
            try? File.remove(path, kernel: kernel)
            throw error
        }
    }
}
