// Lines of the log: one an event, always of the same form, whatever a peer sends.

import Configuration
import Platform
import ServiceClasses
import Support
import Testing

@testable import Daemon

@Suite("Lines of the log, hardening §1") struct LogRecordTests {
    static func line(_ message: String, _ fields: [(name: String, value: String)] = []) -> String {
        LogRecord(level: .info, daemon: "fileroom-qrd", message: message, fields: fields).line(at: "12:00")
    }

    @Test func `time, level, daemon, association, calling, called, peer, message, fields`() {
        let record = LogRecord(
            level: .warn, daemon: "fileroom-qrd", association: "12-3", calling: "CT1", called: "ARCHIVE",
            peer: "192.0.2.1:50000", message: "C-FIND", fields: [("matches", "7"), ("status", "0000H success")])
        #expect(
            record.line(at: "2026-01-02T03:04:05+00:00")
                == "2026-01-02T03:04:05+00:00 warn fileroom-qrd 12-3 CT1 ARCHIVE 192.0.2.1:50000 C-FIND matches=7 status=\"0000H success\""
        )
        #expect(Self.line("started") == "12:00 info fileroom-qrd - - - - started")
    }

    @Test(arguments: LogLevel.allCases) func `the level is its word in the configuration`(level: LogLevel) {
        #expect(LogRecord(level: level, daemon: "d", message: "m").line(at: "t") == "t \(level.rawValue) d - - - - m")
    }

    @Test func `a value that is not one word stands in quotation marks`() {
        #expect(Self.line("m", [("a", "two words")]).hasSuffix("m a=\"two words\""))
        #expect(Self.line("m", [("a", "")]).hasSuffix("m a=\"\""))
        #expect(Self.line("m", [("a", "b=c")]).hasSuffix("m a=\"b=c\""))
        #expect(Self.line("m", [("a", "say \"no\"")]).hasSuffix("m a=\"say 'no'\""))
        #expect(Self.line("m", [("a", "x\" b=\"y")]).hasSuffix("m a=\"x' b='y\""))
        #expect(Self.line("m", [("a", "plain,1:2")]).hasSuffix("m a=plain,1:2"))
    }

    @Test func `a title with spaces stays one word`() {
        let record = LogRecord(
            level: .info, daemon: "d", calling: "A B", called: "x - - forged", peer: "p", message: "m")
        #expect(record.line(at: "t") == "t info d - \"A B\" \"x - - forged\" p m")
    }

    @Test(arguments: ["\n", "\r", "\r\n", "\u{0}", "\u{1B}[31m", "\u{7F}", "\u{85}", "\u{9B}", "\t"])
    func `a control character never makes another line`(control: String) {
        for line in [
            Self.line("a\(control)b"), Self.line("m", [("f", "a\(control)b")]), Self.line("m", [("f", control)]),
            LogRecord(level: .info, daemon: "d", calling: "a\(control)b", called: control, message: "m").line(at: "t"),
        ] {
            #expect(line.utf8.allSatisfy { (0x20...0x7E).contains($0) })
        }
        #expect(Self.line("a\(control)12:00 error fileroom-qrd - - - - forged").split(separator: "\n").count == 1)
    }

    @Test func `whatever a peer sends, a line is printable ISO 646 and of bounded length`() {
        var generator = SeededGenerator.fresh()
        for _ in 0..<2_000 {
            var text = ""
            for _ in 0..<Int.random(in: 0..<40, using: &generator) {
                let value =
                    UInt32.random(in: 0...0x10FFFF, using: &generator) >> UInt32.random(in: 0...16, using: &generator)
                if let scalar = Unicode.Scalar(value) { text.unicodeScalars.append(scalar) }
            }
            let record = LogRecord(
                level: .info, daemon: "d", calling: text, called: text, peer: text, message: text,
                fields: [("f", text)])
            let line = record.line(at: "t")
            #expect(line.utf8.allSatisfy { (0x20...0x7E).contains($0) })
        }
        let long = String(repeating: "x\n", count: 1 << 20)
        #expect(Self.line(long, [("f", long)]).utf8.count < 2_000)
    }
}
