// How far an import has come, on a terminal.

import Archive
import Platform

/// A line on a terminal that says how far an import has come, for work over a second; in a pipe, nothing.
final class ProgressLine: Sendable {
    private let over: WakeDescriptor?
    private let isShown = Guarded(false)

    init(_ importer: Importer) {
        guard StandardStream.error.isTerminal, let over = try? WakeDescriptor() else {
            over = nil
            return
        }
        self.over = over
        let isShown = isShown
        _ = try? Thread(named: "progress") {
            let started = MonotonicInstant.now()
            while !over.wait(until: Deadline(afterSeconds: 1)) {
                let report = importer.progress
                let seconds = MonotonicInstant.now().seconds(since: started)
                let rate = Int(Double(report.seen) / max(seconds, 0.001))
                isShown.withLock { $0 = true }
                let line = "\(report.seen) files, \(report.indexed) indexed, \(report.failed) failed, \(rate) files/s"
                _ = StandardStream.error.write("\r" + line.fitted(to: min(78, StandardStream.error.columns ?? 78)))
            }
        }
    }

    /// Takes the line away.
    func end() {
        over?.wake()
        let wasShown = isShown.withLock { shown in
            defer { shown = false }
            return shown
        }
        if wasShown { _ = StandardStream.error.write("\r" + String(repeating: " ", count: 78) + "\r") }
    }
}
