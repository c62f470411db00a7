// Signals as descriptors: blocked before the first thread starts, then read where everything else is waited for.

import CPlatform
import Glibc

/// A signal's number.
package struct Signal: Hashable, Sendable, CustomStringConvertible {
    package let number: Int32

    package init(number: Int32) { self.number = number }

    package static let hangUp = Signal(number: SIGHUP)
    package static let interrupt = Signal(number: SIGINT)
    package static let kill = Signal(number: SIGKILL)
    package static let user1 = Signal(number: SIGUSR1)
    package static let user2 = Signal(number: SIGUSR2)
    package static let brokenPipe = Signal(number: SIGPIPE)
    package static let fileTooLarge = Signal(number: SIGXFSZ)
    package static let alarm = Signal(number: SIGALRM)
    package static let terminate = Signal(number: SIGTERM)

    /// `SIGTERM`.
    package var description: String {
        guard let name = unsafe fr_signal_name(number) else { return "signal \(number)" }
        return unsafe "SIG" + String(cString: name)  // glibc's names are constants
    }

    /// Ignores signals in this process; children that are started have them as ever.
    package static func ignore(_ signals: Signal...) { for signal in signals { fr_ignore_signal(signal.number) } }

    /// What a daemon has no use for: writing to a closed pipe or past a limit becomes an error, and signals that nobody
    /// should send end nothing. To be called first.
    package static func ignoreForDaemons() { ignore(.brokenPipe, .fileTooLarge, .alarm, .user2) }

    /// Blocks `signals` in this thread and those it starts: to be called before the first.
    package static func block(_ signals: [Signal]) throws(Errno) {
        _ = try checked(unsafe fr_block_signals(signals.map(\.number), Int32(signals.count)))
    }
}

/// A descriptor that is readable while one of its signals, which must be blocked, is pending (signalfd).
package struct SignalDescriptor: ~Copyable, Sendable {
    private let owned: Descriptor

    /// For signals that are blocked already.
    package init(_ signals: [Signal]) throws(Errno) {
        owned = Descriptor(
            adopting: try checked(unsafe fr_signal_descriptor(signals.map(\.number), Int32(signals.count))))
    }

    /// Blocks `signals` and makes a descriptor for them.
    package init(blocking signals: [Signal]) throws(Errno) {
        try Signal.block(signals)
        try self.init(signals)
    }

    package var descriptor: Int32 { owned.number }

    /// The next pending signal; nil when there is none.
    package func next() -> Signal? {
        let result = fr_next_signal(owned.number)
        return result > 0 ? Signal(number: result) : nil
    }
}
