// Where log lines end up: standard error, or a file that is only ever appended to.

import Platform

/// Takes whole lines. One write a line: lines of several processes don't mix.
package final class LogSink: Sendable {
    private let file: Guarded<File?>

    /// Standard error.
    package init() { file = Guarded(nil) }

    /// A file, made when absent.
    package init(appendingTo path: Path) throws(FileFault) { file = Guarded(try File.open(path, .appending)) }

    func write(_ line: String) {
        let bytes = Array(line.utf8)
        let isWritten = file.withLock { file -> Bool in
            switch file {
            case .some(let file): (try? file.append(bytes)) != nil
            case .none: false
            }
        }
        // A log that can't be written must not silence the daemon.
        if !isWritten { _ = StandardStream.error.write(bytes) }
    }
}
