// `OnSeriesQuiet` and `OnStudyQuiet`: programs that are run once nothing has arrived for a series or a study for a while. At least
// once: what was running when the keeper ended is run again.

import Archive
import ArchiveIndex
import Configuration
import DICOM
import Platform

/// Runs the program of one level of one area. Used by one thread.
final class QuietPrograms {
    private struct Running {
        let child: ChildProcessBox
        let claim: QuietMarks.Claim
        let started: MonotonicInstant
    }

    /// Starts a program with all its arguments.
    typealias Start = (_ program: Path, _ arguments: [String]) throws(Errno) -> ChildProcess

    /// Clocks of file systems differ by less.
    private static let clockGrainNs: Int64 = 2_000_000_000
    /// At one time.
    private static let runningMaximum = 4
    /// After one that could not be started.
    static let faultPauseSeconds = 60.0

    private let setting: QuietProgram
    private let marks: QuietMarks
    private let paths: StorageAreaPaths
    private let log: Logger
    private var running: [Running] = []
    private var isRecovered = false
    private var nextStart = Deadline(afterSeconds: 0)
    private var standstill = Standstill()
    private let pauseSeconds: Double
    private let startProgram: Start

    /// - Parameter pauseSeconds: until the next is started after one that could not be.
    init(
        _ setting: QuietProgram, _ level: QuietMarks.Level, of area: WrittenAreas.Area, log: Logger,
        pauseSeconds: Double = faultPauseSeconds, start: @escaping Start = QuietPrograms.spawn
    ) {
        self.setting = setting
        self.pauseSeconds = pauseSeconds
        startProgram = start
        marks = QuietMarks(level, of: area.paths)
        paths = area.paths
        self.log = log
    }

    /// Looks what has ended, and what is quiet by now.
    func attend(_ index: IndexFolder, at now: MonotonicInstant = .now()) throws(StoreFault) {
        if !isRecovered {
            try storing { () throws(FileFault) in try marks.recover() }
            isRecovered = true
        }
        try reap()
        try sayWhereNothingMoves(now)
        guard running.count < Self.runningMaximum, nextStart.hasPassed else { return }
        for mark in try quiet() {
            guard running.count < Self.runningMaximum, nextStart.hasPassed else { return }
            guard let claim = try storing({ () throws(FileFault) in try marks.claim(mark) }) else { continue }
            try start(claim, index)
        }
    }

    /// What is quiet and waits for its program, the first to have become so first.
    private func quiet() throws(StoreFault) -> [QuietMarks.Mark] {
        let nowNs = WallClock.now().nanosecondsSince1970
        let quietNs = Int64(setting.seconds) * 1_000_000_000
        let waiting = try storing { () throws(FileFault) in try marks.marks() }
        // A clock that went ahead and came back has left times to come.
        for mark in waiting where mark.arrivedNs > nowNs + Self.clockGrainNs {
            try storing { () throws(FileFault) in try marks.count(mark, fromNs: nowNs) }
        }
        return
            waiting
            .filter { nowNs - $0.arrivedNs >= quietNs }.sorted { $0.arrivedNs < $1.arrivedNs }
    }

    /// Programs may take hours, and none is ended from here; but that others wait for them is said.
    private func sayWhereNothingMoves(_ now: MonotonicInstant) throws(StoreFault) {
        let shortest = running.map { now.seconds(since: $0.started) }.min() ?? 0
        let isFull = running.count >= Self.runningMaximum
        guard standstill.isDue(afterSeconds: isFull ? shortest : 0) else { return }
        let waiting = try quiet()
        guard let first = waiting.first else { return }
        standstill.wasSaid(afterSeconds: shortest)
        log.warn(
            "\(name): programs have been running for long, and others wait for them",
            ("processes", running.map { "\($0.child.process.processID)" }.joined(separator: " ")),
            ("seconds", "\(Int(shortest))"), ("waiting", "\(waiting.count)"), ("first", words(first.subject)))
    }

    private func words(_ subject: QuietMarks.Subject) -> String {
        [subject.study, subject.series].compactMap { $0?.text }.joined(separator: " ")
    }

    private func start(_ claim: QuietMarks.Claim, _ index: IndexFolder) throws(StoreFault) {
        let stored: Path? = try indexing { () throws(IndexFault) in try folder(of: claim.subject, index) }
        // What was marked and then refused.
        guard let folder = stored else { return try storing { () throws(FileFault) in try marks.finish(claim) } }
        let uids = [claim.subject.study, claim.subject.series].compactMap { $0?.text }
        let arguments = [setting.program] + setting.arguments + uids + [folder.description]
        do throws(Errno) {
            let child = try startProgram(Path(setting.program), arguments)
            log.info(
                "\(name): started", ("program", setting.program), ("process", "\(child.processID)"),
                ("about", words(claim.subject)))
            running.append(Running(child: ChildProcessBox(child), claim: claim, started: .now()))
        } catch {
            log.error(
                "\(name): cannot start the program", ("program", setting.program), ("reason", "\(error)"),
                ("about", words(claim.subject)))
            // It won't start for the next one either: nothing is gained by trying at once.
            nextStart = Deadline(afterSeconds: pauseSeconds)
            try storing { () throws(FileFault) in try marks.giveBack(claim) }
        }
    }

    static func spawn(_ program: Path, _ arguments: [String]) throws(Errno) -> ChildProcess {
        try ChildProcess.spawn(program, arguments: arguments, inheriting: [.nothing(as: 0), .nothing(as: 1)])
    }

    private func reap() throws(StoreFault) {
        var living: [Running] = []
        for one in running {
            guard let status = try? one.child.process.ended() else {
                living.append(one)
                continue
            }
            let seconds = Int(MonotonicInstant.now().seconds(since: one.started))
            let fields: [(name: String, value: String)] = [
                ("end", "\(status)"), ("seconds", "\(seconds)"),
                ("about", words(one.claim.subject)),
            ]
            log.write(status.isSuccess ? .info : .warn, "\(name): ended", fields)
            try storing { () throws(FileFault) in try marks.finish(one.claim) }
        }
        running = living
    }

    private var name: String { marks.level == .series ? "OnSeriesQuiet" : "OnStudyQuiet" }

    /// The innermost folder that holds all that was stored of it; nil where nothing is known of it.
    private func folder(of subject: QuietMarks.Subject, _ index: IndexFolder) throws(IndexFault) -> Path? {
        var common: Path?
        func add(_ place: Place) {
            let folder = paths.instances.appending(Path(bytes: place.path)).parent
            var shared = common ?? folder
            while folder.relative(to: shared) == nil { shared = shared.parent }
            common = shared
        }
        guard let study = try index.snapshot().study(subject.study) else { return nil }
        guard let uid = subject.series else {
            try study.forEachStoredPlace(add)
            return common
        }
        try study.series(uid)?.forEachStoredPlace(add)
        return common
    }
}

/// A child process that a list can hold.
private final class ChildProcessBox {
    let process: ChildProcess
    init(_ process: consuming ChildProcess) { self.process = process }
}
