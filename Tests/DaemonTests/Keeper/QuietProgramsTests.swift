// Programs for what is quiet: one that could not be started is waited for once more.

import Archive
import ArchiveIndex
import Configuration
import Platform
import Support
import Testing

@testable import Daemon

@Suite("OnSeriesQuiet and OnStudyQuiet") struct QuietProgramsTests {
    /// An area on a real disk with one series that has long been quiet.
    final class Quiet {
        let folder: TemporaryFolder
        let kept: KeptArea
        let marks: Path
        /// What was asked to be started, and what comes of it.
        var started: [[String]] = []
        var fault: Errno?

        init() throws {
            folder = try TemporaryFolder()
            kept = try KeptArea(
                "OnSeriesQuiet = 1 /bin/true --series", in: folder.appending("area"), kernel: SystemKernel())
            marks = kept.area.paths.index.appending("quiet").appending("series")
            _ = try kept.store(study: 1)
            for name in try names {
                try File.open(marks.appending(name), .writing).setModification(toNs: 1_600_000_000_000_000_000)
            }
        }

        var names: [String] {
            get throws { try Folder.entries(of: marks).map { String(decoding: $0.name, as: UTF8.self) } }
        }

        func programs(pauseSeconds: Double) throws -> QuietPrograms {
            let setting = try #require(kept.area.settings.onSeriesQuiet)
            let log = Logger(daemon: "d", level: .info, to: try LogSink(appendingTo: folder.appending("log")))
            return QuietPrograms(setting, .series, of: kept.area, log: log, pauseSeconds: pauseSeconds) {
                [self] (program, arguments) throws(Errno) in
                started.append(arguments)
                if let fault { throw fault }
                return try QuietPrograms.spawn(program, arguments)
            }
        }

        var log: String {
            get throws { String(decoding: try File.open(folder.appending("log")).readAll(), as: UTF8.self) }
        }
    }

    @Test func `one that can't be started now is given back, not tried at once, and run later`() throws {
        let quiet = try Quiet()
        let index = try quiet.kept.index()
        #expect(try quiet.names == ["1.2.1_1.2.1.1"])
        // No process can be made at this moment (EAGAIN).
        quiet.fault = Errno(code: 11)
        let patient = try quiet.programs(pauseSeconds: 3_600)
        for _ in 1...3 { try patient.attend(index) }
        #expect(quiet.started.count == 1, "once, and then it waits")
        #expect(try quiet.names == ["1.2.1_1.2.1.1"], "given back, and claimed by nobody")
        #expect(try quiet.log.contains("OnSeriesQuiet: cannot start the program"))
        let hasty = try quiet.programs(pauseSeconds: 0)
        try hasty.attend(index)
        #expect(quiet.started.count == 2)
        quiet.fault = nil
        let end = Deadline(afterSeconds: 20)
        while try !quiet.names.isEmpty, !end.hasPassed { try hasty.attend(index) }
        let folder = quiet.kept.area.paths.instances.appending("1.2.1/1.2.1.1")
        #expect(quiet.started.last == ["/bin/true", "--series", "1.2.1", "1.2.1.1", folder.description])
        #expect(quiet.started.count == 3, "and once it has run, no more")
        #expect(try quiet.log.contains("OnSeriesQuiet: ended"))
        #expect(try quiet.names.isEmpty)
    }
}
