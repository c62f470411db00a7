// Programs that hang: nobody ends them, and who waits for them is named.

import Archive
import ArchiveIndex
import Configuration
import Platform
import Support
import Testing

@testable import Daemon

@Suite("Programs that hang") struct StandstillTests {
    @Test func `a standstill is said after ten minutes, then each hour, and anew when something has moved`() {
        var standstill = Standstill()
        var said: [Double] = []
        for seconds in stride(from: 0.0, to: 9_000, by: 0.5) where standstill.isDue(afterSeconds: seconds) {
            standstill.wasSaid(afterSeconds: seconds)
            said.append(seconds)
        }
        #expect(said == [600, 4_200, 7_800])
        #expect(!standstill.isDue(afterSeconds: 0) && !standstill.isDue(afterSeconds: 599))
        #expect(standstill.isDue(afterSeconds: 600) && standstill.isDue(afterSeconds: 601), "not said yet")
    }

    /// Stores an instance of a series of its own, for which nothing has come for an hour.
    static func store(_ number: Int, in kept: KeptArea) throws {
        try kept.store(study: 3, series: number)
        let mark = kept.area.paths.index.appending("quiet/series/1.2.3_1.2.3.\(number)")
        let longAgo = WallClock.now().nanosecondsSince1970 - (3_600 - Int64(number)) * 1_000_000_000
        try File.open(mark, .writing).setModification(toNs: longAgo)
    }

    static func writeProgram(_ path: Path, _ bytes: [UInt8]) throws {
        let script = try File.open(path, .creating, permissions: 0o755)
        try script.append(bytes)
    }

    /// Lines of the log in a folder.
    static func lines(_ folder: TemporaryFolder, with words: String) throws -> [String] {
        let text = String(decoding: try File.open(folder.appending("log")).readAll(), as: UTF8.self)
        return text.split(separator: "\n").filter { $0.contains(words) }.map { String($0) }
    }

    @Test func `four that hang are named once others wait for them`() throws {
        let folder = try TemporaryFolder()
        let program = folder.appending("hangs")
        let hold = folder.appending("hold")
        _ = try File.open(hold, .creating)
        try Self.writeProgram(program, Array("#!/bin/sh\nwhile [ -e \(hold) ]; do sleep 0.05; done\n".utf8))
        let kept = try KeptArea(
            "OnSeriesQuiet = 1 \(program)", in: folder.appending("area"), kernel: SystemKernel())
        let area = kept.area
        let log = Logger(daemon: "d", level: .info, to: try LogSink(appendingTo: folder.appending("log")))
        guard let setting = area.settings.onSeriesQuiet else {
            Issue.record("no program")
            return
        }
        let programs = QuietPrograms(setting, .series, of: area, log: log)
        for number in 1...4 { try Self.store(number, in: kept) }
        let index = try kept.index()
        try programs.attend(index)
        let processes = try Self.lines(folder, with: ": started").compactMap { line in
            line.split(separator: " ").first { $0.hasPrefix("process=") }.flatMap { Int32($0.dropFirst(8)) }
        }
        #expect(processes.count == 4)
        let start = MonotonicInstant.now()
        // While nobody waits there is nothing to say.
        try programs.attend(index, at: start.advanced(bySeconds: 5_000))
        #expect(try Self.lines(folder, with: "others wait").isEmpty)
        for number in 5...6 { try Self.store(number, in: kept) }
        for (seconds, count) in [(599.0, 0), (601, 1), (4_000, 1), (4_202, 2)] {
            try programs.attend(index, at: start.advanced(bySeconds: seconds))
            #expect(try Self.lines(folder, with: "others wait").count == count, "after \(seconds) s")
        }
        let said = try Self.lines(folder, with: "others wait").first ?? ""
        for process in processes { #expect(said.contains("\(process)")) }
        #expect(said.contains("waiting=2") && said.contains("1.2.3 1.2.3.5") && said.contains(" warn "), "\(said)")
        #expect(try Self.lines(folder, with: ": started").count == 4)
        // Once they end the others run; none is left behind, which would keep exit tests waiting.
        try File.remove(hold)
        let end = Deadline(afterSeconds: 20)
        while try Self.lines(folder, with: ": ended").count < 6, !end.hasPassed { try programs.attend(index) }
        #expect(try Self.lines(folder, with: ": ended").count == 6)
    }
}
