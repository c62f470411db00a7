// One line of the log: `time level daemon association calling called peer message key=value…`, always in that order.

import Configuration
import DICOM

/// An event as a line. What comes from a peer is made printable here, once: no control character reaches the log.
struct LogRecord {
    var level: LogLevel
    var daemon: String
    /// Which association, unique in one run of the daemon; `-` where there is none.
    var association = "-"
    var calling = "-"
    var called = "-"
    var peer = "-"
    var message: String
    var fields: [(name: String, value: String)] = []

    /// The line without its end.
    func line(at time: String) -> String {
        var text = "\(time) \(level.rawValue) \(daemon)"
        for word in [association, calling, called, peer] { text += " " + Self.word(word) }
        text += " " + printable(message, maximumBytes: 1_000)
        for field in fields { text += " \(field.name)=\(Self.word(field.value))" }
        return text
    }

    /// A value as one word: in quotation marks when it is empty or holds a space or a quotation mark.
    private static func word(_ value: String) -> String {
        let clean = printable(value, maximumBytes: 500)
        guard clean.isEmpty || clean.contains(where: { $0 == " " || $0 == "\"" || $0 == "=" }) else { return clean }
        return "\"" + clean.replacing("\"", with: "'") + "\""
    }
}
