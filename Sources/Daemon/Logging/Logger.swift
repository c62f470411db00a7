// Where log lines go: standard error or LogFile, one write a line, so that the lines of several processes don't mix.

import Configuration
import DICOM
import DIMSE
import Platform
import ServiceClasses

/// Writes log lines. A value that may be copied to every thread; the descriptor is shared.
package struct Logger: Sendable {
    private let sink: LogSink
    private let level: LogLevel
    private let daemon: String
    private var association = "-"
    private var calling = "-"
    private var called = "-"
    private var peer = "-"

    package init(daemon: String, level: LogLevel, to sink: LogSink) {
        self.daemon = daemon
        self.level = level
        self.sink = sink
    }

    /// The same logger, speaking of one association.
    func about(association: String, peer: String) -> Logger {
        var other = self
        other.association = association
        other.peer = peer
        return other
    }

    /// The same logger, once the association request has said who calls whom.
    func about(calling: String, called: String) -> Logger {
        var other = self
        other.calling = calling.isEmpty ? "-" : calling
        other.called = called.isEmpty ? "-" : called
        return other
    }

    /// Whether lines of `level` are written at all: asks before costly messages are made.
    package func writes(_ level: LogLevel) -> Bool { level <= self.level }

    /// Writes a line of a level, `fields` as name=value behind the message. All of it is made printable.
    package func error(_ message: String, _ fields: (name: String, value: String)...) { write(.error, message, fields) }
    package func warn(_ message: String, _ fields: (name: String, value: String)...) { write(.warn, message, fields) }
    package func info(_ message: String, _ fields: (name: String, value: String)...) { write(.info, message, fields) }
    /// The same, with a message that is made only where it is written.
    package func debug(_ message: @autoclosure () -> String) {
        if writes(.debug) { write(.debug, message(), []) }
    }

    func write(_ level: LogLevel, _ message: String, _ fields: [(name: String, value: String)]) {
        guard writes(level) else { return }
        let record = LogRecord(
            level: level, daemon: daemon, association: association, calling: calling, called: called, peer: peer,
            message: message, fields: fields)
        sink.write(record.line(at: WallClock.now().localText) + "\n")
    }

    /// A service's event.
    func record(_ event: ServiceEvent) {
        let level: LogLevel =
            switch event.weight {
            case .detail: .debug
            case .info: .info
            case .warning: .warn
            case .error: .error
            }
        write(level, event.message, event.fields)
    }

    /// Receives the message exchange, at debug alone.
    var tracer: (@Sendable (MessageTrace) -> Void)? {
        guard writes(.debug) else { return nil }
        return { trace in
            for line in trace.lines { write(.debug, "\(trace.direction.rawValue) \(line)", []) }
        }
    }

    /// How an association ended that nobody released.
    ///
    /// - Parameter refusal: why we refused it, where the gate did.
    func ended(by fault: AssociationFault, refusal: String? = nil) {
        switch fault {
        case .refused(let reject): warn("association rejected: \(refusal ?? "\(reject)")")
        case .interrupted(.associateRequest): debug("connection closed: the daemon is ending")
        case .closed(.associateRequest): debug("connection closed without a request")
        case .aborted: info("association ended: \(fault)")
        default: warn("association ended: \(fault)")
        }
    }
}
