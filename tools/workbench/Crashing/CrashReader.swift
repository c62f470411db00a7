// A reader of the crash test: takes snapshots while others write, and holds them against the model.

import ArchiveIndex
import Platform

/// Checks snapshots.
struct CrashReader {
    private let index: IndexFolder
    private let root: Int
    private var histories: [CrashHistory]
    private var dice: Dice

    init(_ index: IndexFolder, in folder: Path, writers: Int, seed: UInt64) throws {
        self.index = index
        root = try index.root(of: CrashWorkCommand.rootFolder)
        histories = (0..<writers).map { CrashHistory(writer: $0, in: folder) }
        dice = Dice(seed, -1)
    }

    /// One snapshot: all that was acknowledged before is in it, nothing that never was.
    mutating func work() throws {
        for writer in histories.indices {
            try histories[writer].readOn()
            histories[writer].settle()
        }
        let snapshot = try index.snapshot()
        for writer in histories.indices { try histories[writer].readOn() }
        let seen = try CrashObservation(snapshot, root: root)
        for history in histories { try seen.check(history) }
        try seen.checkShared(histories)
        // A slow query: whatever is folded, merged and removed meanwhile, its snapshot stays as it is.
        guard dice.happens(percent: 10) else { return }
        for _ in 0..<dice.number(1...10) {
            guard try CrashObservation(snapshot, root: root) == seen else {
                throw CrashViolation("a snapshot has changed under its reader")
            }
        }
    }

    /// All is quiet: the index holds exactly what the model does, and is sound.
    mutating func checkAtRest() throws {
        for writer in histories.indices {
            try histories[writer].readOn()
            histories[writer].settle()
        }
        let seen = try CrashObservation(index.snapshot(), root: root)
        for history in histories { try seen.check(history) }
        try seen.checkShared(histories)
        let findings = try index.verify().filter { !$0.isRemark }
        guard findings.isEmpty else { throw CrashViolation("verify: \(findings.map(\.description))") }
    }

    /// Everything was made one run while all is quiet: its folder has no other, and nothing that writing one left.
    func checkNoRunIsLeft() throws {
        let names = try Folder.entries(of: index.path).map { String(decoding: $0.name, as: UTF8.self) }
        let runs = names.filter { $0.hasPrefix("run-") }
        guard runs.count <= 1, !runs.contains(where: { $0.hasSuffix(".new") }) else {
            throw CrashViolation("compacted, the index has \(runs)")
        }
    }

    /// Has the side files begin anew with what is there now: what was left open by a kill is as it is.
    func restartHistories() throws {
        let seen = try CrashObservation(index.snapshot(), root: root)
        for var history in histories {
            if let open = history.openOperation {
                var done = history.states
                open.apply(to: &done)
                try CrashJournal(history.path).find(open.number, isDone: seen.states[history.writer] ?? [:] == done)
                try history.readOn()
                history.settle()
            }
            let fresh = history.path.adding(suffix: ".new")
            if try File.exists(fresh) { try File.remove(fresh) }
            try File.open(fresh, .creating).append(Array(history.baseLine.utf8))
            try File.rename(fresh, to: history.path)
        }
    }

    /// Operations that began, over all writers.
    var operationCount: Int { histories.reduce(0) { $0 + $1.lastNumber } }
}
