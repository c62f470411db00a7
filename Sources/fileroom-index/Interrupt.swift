// Ctrl-C and SIGTERM as something to be waited for.

import Platform

/// Signals that end a command.
enum Interrupt {
    /// Ctrl-C and SIGTERM wake `stop` from now on; a second one ends the program. To be called before any thread is started.
    static func watch(_ stop: WakeDescriptor) {
        guard let signals = try? SignalDescriptor(blocking: [.interrupt, .terminate]) else { return }
        _ = try? Thread(named: "signals", giving: signals) { signals in
            var isSecond = false
            while true {
                _ = try? Poller.wait(for: signals.descriptor, until: nil)
                guard signals.next() != nil else { continue }
                if isSecond { Program.exit(2) }
                isSecond = true
                stop.wake()
            }
        }
    }
}
