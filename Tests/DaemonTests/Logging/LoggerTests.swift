// The log as a file: whole lines, of the levels that are wanted, from any number of threads.

import Configuration
import Platform
import ServiceClasses
import Support
import Testing

@testable import Daemon

@Suite("Writing the log") struct LoggerTests {
    /// The lines that `body` writes, without their times.
    static func lines(level: LogLevel = .debug, _ body: (Logger) throws -> Void) throws -> [String] {
        let folder = try TemporaryFolder()
        let path = folder.appending("log")
        try body(Logger(daemon: "d", level: level, to: LogSink(appendingTo: path)))
        let text = String(decoding: try File.open(path).readAll(), as: UTF8.self)
        #expect(text.isEmpty || text.hasSuffix("\n"))
        return text.split(separator: "\n").map { line in line.drop { $0 != " " }.dropFirst().description }
    }

    static func speak(_ log: Logger) {
        log.error("e")
        log.warn("w")
        log.info("i", ("a", "1"))
        log.debug("d")
    }

    @Test(arguments: [(LogLevel.error, 1), (.warn, 2), (.info, 3), (.debug, 4)])
    func `writes the lines of its level and above`(level: LogLevel, count: Int) throws {
        let all = ["error d - - - - e", "warn d - - - - w", "info d - - - - i a=1", "debug d - - - - d"]
        #expect(try Self.lines(level: level, Self.speak) == Array(all.prefix(count)))
    }

    @Test func `a costly message isn't made where it isn't written`() throws {
        var isMade = false
        let message = { () -> String in
            isMade = true
            return "d"
        }
        #expect(try Self.lines(level: .info) { $0.debug(message()) }.isEmpty && !isMade)
        #expect(try Self.lines(level: .debug) { $0.debug(message()) } == ["debug d - - - - d"] && isMade)
    }

    @Test func `speaks of an association and of who calls whom`() throws {
        let lines = try Self.lines { log in
            let about = log.about(association: "1-2", peer: "192.0.2.1:5")
            about.info("m")
            about.about(calling: "A B", called: "").info("m")
            log.info("m")
        }
        #expect(lines == ["info d 1-2 - - 192.0.2.1:5 m", "info d 1-2 \"A B\" - 192.0.2.1:5 m", "info d - - - - m"])
    }

    @Test func `an event's weight is its level`() throws {
        let lines = try Self.lines { log in
            log.record(ServiceEvent(.info, "one", [("a", "x\ny")]))
            log.record(ServiceEvent(.warning, "two"))
            log.record(ServiceEvent(.error, "three"))
        }
        #expect(lines == ["info d - - - - one a=\"x y\"", "warn d - - - - two", "error d - - - - three"])
    }

    @Test func `a log that is there is written on`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(Array("before\n".utf8), to: "log")
        Logger(daemon: "d", level: .info, to: try LogSink(appendingTo: path)).info("after")
        let text = String(decoding: try File.open(path).readAll(), as: UTF8.self)
        #expect(text.hasPrefix("before\n") && text.hasSuffix(" info d - - - - after\n"))
    }

    @Test func `lines of many threads and of two sinks don't mix`() throws {
        let folder = try TemporaryFolder()
        let path = folder.appending("log")
        let sinks = [try LogSink(appendingTo: path), try LogSink(appendingTo: path)]
        var threads: [Parcel<Thread>] = []
        for number in 0..<6 {
            let log = Logger(daemon: "d\(number)", level: .info, to: sinks[number % 2])
            threads.append(
                Parcel(
                    try Thread {
                        for line in 0..<100 { log.info("\(line)", ("x", String(repeating: "y", count: 300))) }
                    })
            )
        }
        for thread in threads { thread.take().join() }
        let lines = String(decoding: try File.open(path).readAll(), as: UTF8.self).split(separator: "\n")
        #expect(lines.count == 600)
        for number in 0..<6 {
            let own = lines.filter { $0.contains(" d\(number) ") }
            #expect(own.compactMap { $0.split(separator: " ")[7].description } == (0..<100).map { "\($0)" })
            #expect(own.allSatisfy { $0.hasSuffix(" x=" + String(repeating: "y", count: 300)) })
        }
    }
}
