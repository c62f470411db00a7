// The locks of an index: bytes of the file `lock`. Each holder opens the file anew, so that threads exclude each other too.

import Platform

extension IndexFolder {
    /// What a lock is for: the byte of `lock`. Where several are needed, `rebuild` is taken first, then `publish`, then
    /// `append`, with `appendNext` right before it.
    enum LockByte: Int {
        /// Appending to a journal, and ending one.
        case append = 0
        /// Writing runs and replacing `current`.
        case publish = 1
        /// Replacing `roots`.
        case roots = 2
        /// Making the index anew.
        case rebuild = 3
        /// Being the next to append, for as long as that takes: whoever appends all the time must get in line, too.
        case appendNext = 4

        var range: Range<Int> { rawValue..<(rawValue + 1) }

        /// Appenders are done within a sync or two, and none shall starve; who publishes may take minutes.
        fileprivate var pauseSeconds: ClosedRange<Double> {
            switch self {
            case .append: 0.000_03...0.000_3
            case .appendNext: 0.000_1...0.000_1
            case .publish, .roots, .rebuild: 0.000_2...0.02
            }
        }
    }

    /// Takes a lock; it is held as long as the result lives, and goes with the process.
    ///
    /// - Throws: `.busy` when it can't be had before the deadline.
    func lock(_ byte: LockByte, waitingSeconds: Double = 30) throws(IndexFault) -> OpenFile {
        let path = path.appending("lock")
        let open = OpenFile(
            try wrapping { () throws(FileFault) in try File.open(path, .openingOrCreating, kernel: kernel) })
        let deadline = Deadline(afterSeconds: waitingSeconds)
        if byte == .append { try take(.appendNext, of: open, until: deadline) }
        try take(byte, of: open, until: deadline)
        if byte == .append {
            try wrapping { () throws(FileFault) in try open.file.unlock(LockByte.appendNext.range) }
        }
        // Who appends reads `current` anyway, and finds it there.
        if byte != .append { try checkVersion(Current.name, Current.kind) }
        if byte == .roots { try checkVersion(Roots.name, Roots.kind) }
        return open
    }

    /// What a newer minor version wrote is read, and not written to: what it says besides would go. What can't be read at all is
    /// for a rebuild, which takes the locks as well.
    private func checkVersion(_ name: String, _ kind: String) throws(IndexFault) {
        guard let text = try? TextFile.read(path.appending(name), kind: kind, kernel: kernel)?.text else { return }
        guard text.isFullyKnown else {
            throw .refused(
                what: "\(path.appending(name)) was written by a newer version of Fileroom; only that may write here")
        }
    }

    private func take(_ byte: LockByte, of open: OpenFile, until deadline: Deadline) throws(IndexFault) {
        let isHeld = try wrapping { () throws(FileFault) in
            if try open.file.tryLock(byte.range, .exclusive) { return true }
            let wake: WakeDescriptor
            do throws(Errno) { wake = try WakeDescriptor() } catch {
                throw FileFault(.lock, open.file.path, error)
            }
            return try open.file.lock(
                byte.range, .exclusive, pauseSeconds: byte.pauseSeconds, until: deadline, wake: wake)
        }
        guard isHeld else { throw .busy(what: "byte \(byte.rawValue) of \(open.file.path)") }
    }
}
