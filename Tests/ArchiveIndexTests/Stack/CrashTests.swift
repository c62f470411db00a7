// Power cuts and failing calls at every call of random histories (hardening.md R1–R5): what was acknowledged is there, nothing
// else. By default some calls of some histories, other ones for each seed; with FILEROOM_SEEDS, in release, every call of that
// many.

import DICOM
import Platform
import Support
import Testing

@testable import ArchiveIndex

@Suite("A crash after every call, hardening.md R1 to R5") struct CrashTests {
    static let index: Path = "/area/index"
    static let givenSeeds = Program.environment("FILEROOM_SEEDS").flatMap { UInt64($0) }
    static let isThorough = givenSeeds != nil
    static let seeds: ClosedRange<UInt64> = 1...(givenSeeds ?? 2)
    static let steps = 10

    /// Every call, or each `stride`th, from another one on for each seed.
    static func sample(_ numbers: [Int], stride step: Int, _ seed: UInt64) -> [Int] {
        isThorough ? numbers : stride(from: Int(seed) * 5 % step, to: numbers.count, by: step).map { numbers[$0] }
    }

    /// Two handles on a new index.
    static func begin(_ disk: CrashableDisk) throws(IndexFault) -> [IndexFolder] {
        let folder = try IndexFolder.create(at: index, kernel: disk)
        _ = try folder.root(of: "/mnt")
        return [folder, try IndexFolder.open(at: index, kernel: disk)]
    }

    /// What the index says of all its files.
    static func known(_ folder: IndexFolder) throws(IndexFault) -> [RootedPath: KnownFile] {
        let snapshot = try folder.snapshot()
        var found: [RootedPath: KnownFile] = [:]
        for root in 0...1 {
            var files = try snapshot.files(root: root)
            while let file = try files.next() { found[RootedPath(file.place)] = file }
        }
        return found
    }

    /// What one finds who comes anew. Of one state it is all there: patients, studies, series and instances as well.
    static func states(_ disk: CrashableDisk, among possible: [FileStates], _ what: String) throws -> FileStates {
        guard try IndexFolder.exists(at: index, kernel: disk) else {
            #expect(possible.contains([:]), "\(what): no index")
            return [:]
        }
        let folder = try IndexFolder.open(at: index, kernel: disk)
        let found = try known(folder)
        let meant = possible.filter { $0.known == found }
        let nearest = possible.last?.known ?? [:]
        #expect(
            !meant.isEmpty,
            "\(what): missing \(nearest.filter { found[$0.key] != $0.value }), extra \(found.filter { nearest[$0.key] != $0.value })"
        )
        let answers = try Answers(folder.snapshot())
        let states = try meant.first { try $0.answers() == answers }
        #expect(states != nil || meant.isEmpty, "\(what): files are right, what they are of is not")
        return states ?? [:]
    }

    /// No repair step: appends, folds and imports, of which one has a file vanish, just go on.
    static func goOn(_ disk: CrashableDisk, from states: FileStates, _ what: String) throws {
        let folder = try IndexFolder.create(at: index, kernel: disk)
        #expect(try folder.root(of: "/mnt") == 1, "\(what)")
        var states = states
        func put(_ number: Int) -> InstanceEntry {
            let entry = Samples.regular(number)
            states[RootedPath(entry.place)] = .instance(entry)
            return entry
        }
        let vanished = states.keys.min()
        try folder.append([put(900)])
        try folder.fold()
        let session = folder.importSession()
        try session.add(put(901))
        if let vanished, let place = states[vanished]?.known.place {
            try session.remove(place)
            states[vanished] = nil
        }
        try session.finish()
        _ = try Self.states(disk, among: [states], "\(what), going on")
        #expect(try folder.verify().filter { !$0.isRemark }.isEmpty, "\(what)")
    }

    // MARK: Power cuts

    @Test(arguments: seeds)
    func `what was acknowledged survives a power cut at any call, and nothing else is there`(seed: UInt64) throws {
        let history = RandomHistory(seed: seed, stepCount: Self.steps)
        let disk = CrashableDisk(keepsMoments: true)
        let folders = try Self.begin(disk)
        // What may be there while a step goes on, and the call with which it was acknowledged.
        var periods: [(lastCall: Int, possible: [FileStates])] = [(disk.callCount, [[:]])]
        for step in history.steps {
            let outcomes = RandomHistory.outcomes(of: step.action, on: periods.last?.possible.last ?? [:])
            try RandomHistory.perform(step.action, on: folders[step.writer])
            periods.append((disk.callCount, outcomes))
        }
        let calls = disk.calls
        for call in Self.sample(Array(0...calls.count), stride: 29, seed) {
            // Acknowledged with this very call, it is there.
            let possible =
                periods.first { $0.lastCall == call }.map { Array($0.possible.suffix(1)) }
                ?? periods.first { $0.lastCall > call }?.possible ?? []
            let cuts = PowerCut.some(Self.isThorough ? 6 : 1, from: UInt64(call))
            for (index, cut) in cuts.enumerated() {
                let crashed = disk.afterPowerCut(cut, atCall: call)
                let what = "seed \(seed), call \(call) of \(calls.count) \(calls[max(0, call - 1)]), \(cut)"
                let found = try Self.states(crashed, among: possible, what)
                // By turns, because it takes long.
                if Self.isThorough || call % cuts.count == index { try Self.goOn(crashed, from: found, what) }
            }
        }
    }

    // MARK: Failing calls

    /// Goes through a history though steps fail, and gives what may be known then.
    static func play(
        _ history: RandomHistory, on folders: [IndexFolder], of disk: CrashableDisk, _ what: String
    ) throws -> [FileStates] {
        var possible: [FileStates] = [[:]]
        for (number, step) in history.steps.enumerated() {
            var isAcknowledged = true
            do { try RandomHistory.perform(step.action, on: folders[step.writer]) } catch { isAcknowledged = false }
            let outcomes = possible.map { RandomHistory.outcomes(of: step.action, on: $0) }
            if isAcknowledged {
                possible = outcomes.compactMap(\.last)
            } else {
                possible = outcomes.flatMap { $0 }
                // All agree on what is there now.
                let what = "\(what), step \(number) failed"
                let found = try states(disk, among: possible, what)
                for folder in folders { #expect(try known(folder) == found.known, "\(what)") }
            }
            possible = possible.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
        }
        return possible
    }

    @Test(arguments: seeds, [Errno.noSpace, .inputOutput, .interrupted])
    func `a call that fails leaves what was acknowledged and nothing else, and what follows works`(
        seed: UInt64, cause: Errno
    ) throws {
        let history = RandomHistory(seed: seed, stepCount: Self.steps)
        // Up to the one that fails, all calls are the same each time.
        let undisturbed = CrashableDisk()
        let first = undisturbed.callCount
        _ = try Self.play(history, on: Self.begin(undisturbed), of: undisturbed, "undisturbed")
        let calls = undisturbed.calls
        let numbers = (first + 1...calls.count).filter { number in
            switch cause {
            case .noSpace: calls[number - 1].takesSpace
            // Of the other calls the kernel's seam makes those again that were interrupted.
            case .interrupted: calls[number - 1].kind == .synchronize
            default: true
            }
        }
        for number in Self.sample(numbers, stride: cause == .inputOutput ? 67 : 23, seed) {
            let disk = CrashableDisk(troubles: [.failing(call: number, cause)])
            let what = "seed \(seed), \(cause) at call \(number) of \(calls.count) \(calls[number - 1])"
            let folders: [IndexFolder]
            // Where it fails at once, it is begun once more.
            do { folders = try Self.begin(disk) } catch { folders = try Self.begin(disk) }
            let possible = try Self.play(history, on: folders, of: disk, what)
            #expect(disk.calls[number - 1] == calls[number - 1], "\(what)")
            let found = try Self.states(disk, among: possible, what)
            #expect(try folders[0].verify().filter { !$0.isRemark }.isEmpty, "\(what)")
            let cuts = PowerCut.some(Self.isThorough ? 3 : 1, from: UInt64(number))
            for (index, cut) in cuts.enumerated() where Self.isThorough || number % cuts.count == index {
                let crashed = disk.afterPowerCut(cut)
                try Self.goOn(
                    crashed, from: Self.states(crashed, among: possible, "\(what), \(cut)"), "\(what), \(cut)")
            }
            try Self.goOn(disk, from: found, what)
        }
    }

    @Test(arguments: [false, true])
    func `what is stored, or removed, after a run whose name could not be synced counts on none`(
        isMerged: Bool
    ) throws {
        var call = 0
        var isOver = false
        while !isOver {
            let disk = CrashableDisk()
            let folders = try Self.begin(disk)
            func entry(_ state: Int) -> InstanceEntry {
                var entry = Samples.regular(1)
                entry.fields.place.sizeBytes += state
                return entry
            }
            func states(_ state: Int) -> FileStates { [RootedPath(entry(state).place): .instance(entry(state))] }
            func publish(_ state: Int) throws(IndexFault) {
                let session = folders[0].importSession()
                try session.add(entry(state))
                try session.publish()
                if isMerged { try folders[0].compact() }
            }
            try publish(0)
            call += 1
            let number = disk.callCount + call
            disk.setTroubles([.failing(call: number, .inputOutput)])
            do throws(IndexFault) { try publish(1) } catch {}
            isOver = disk.callCount < number
            disk.setTroubles([])
            if isMerged { try folders[1].removeSuperseded() } else { try folders[1].append([entry(2)]) }
            for cut in PowerCut.some(isMerged ? 8 : 2, from: UInt64(call)) {
                _ = try Self.states(
                    disk.afterPowerCut(cut), among: isMerged ? [states(0), states(1)] : [states(2)],
                    "call \(number) \(disk.calls[number - 1]), \(cut)")
            }
        }
    }

    @Test(arguments: seeds)
    func `a disk that is full for good loses nothing, and once there is room all goes on`(seed: UInt64) throws {
        let history = RandomHistory(seed: seed, stepCount: Self.steps)
        let undisturbed = CrashableDisk()
        let begun = try Self.begin(undisturbed)
        let first = undisturbed.callCount
        _ = try Self.play(history, on: begun, of: undisturbed, "undisturbed")
        let calls = undisturbed.calls
        let numbers = (first + 1...calls.count).filter { calls[$0 - 1].kind == .write }
        for number in Self.sample(numbers, stride: 11, seed) {
            let disk = CrashableDisk(troubles: [.failingFrom(call: number, .write, .noSpace)])
            let what = "seed \(seed), full from call \(number) of \(calls.count) \(calls[number - 1]) on"
            let folders = try Self.begin(disk)
            let possible = try Self.play(history, on: folders, of: disk, what)
            let found = try Self.states(disk, among: possible, what)
            for cut in PowerCut.some(1, from: UInt64(number)) {
                _ = try Self.states(disk.afterPowerCut(cut), among: possible, "\(what), \(cut)")
            }
            try Self.goOn(disk.afterKill(), from: found, what)
        }
    }
}
