// Where log lines end up: standard error, or a file that is only ever appended to.

import Platform

/// Takes whole lines. One write a line: lines of several processes don't mix. A log that nobody reads or that can't be written
/// never stops the daemon: lines are dropped then, and counted.
package final class LogSink: Sendable {
    /// What a pipe that is writable takes without waiting (POSIX: at least 512, Linux: 4096).
    private static let lineMaximumBytes = 4_000
    private static let waitingSeconds = 0.05

    private struct State: ~Copyable {
        let file: File?
        var dropped = 0
    }

    private let state: Guarded<State>

    /// Standard error.
    package init() { state = Guarded(State(file: nil)) }

    /// A file, made when absent.
    ///
    /// - Parameter owner: whom it shall belong to.
    package init(appendingTo path: Path, owner: FileOwner? = nil) throws(FileFault) {
        state = Guarded(
            State(file: try File.open(path, .appending, kernel: SystemKernel(creatingFor: owner))))
    }

    func write(_ line: String) {
        var bytes = Array(line.utf8.prefix(Self.lineMaximumBytes))
        if bytes.last != UInt8(ascii: "\n") { bytes.append(UInt8(ascii: "\n")) }
        let whole = bytes
        state.withLock { state in
            if state.file != nil, (try? state.file?.append(whole)) != nil { return }
            guard StandardStream.error.isWritable(until: Deadline(afterSeconds: Self.waitingSeconds)) else {
                state.dropped += 1
                return
            }
            if state.dropped > 0 {
                _ = StandardStream.error.write("\(state.dropped) log lines were lost: nobody read them\n")
                state.dropped = 0
            }
            _ = StandardStream.error.write(whole)
        }
    }
}
