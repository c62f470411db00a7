// Power cuts, kills and failing calls at every call of the recipe (hardening.md R1, R3 to R5, R7): what was acknowledged is known and
// whole, no row names what isn't, and whoever comes next goes on. By default some calls, other ones for each scenario; with
// FILEROOM_SEEDS, in release, every call under that many cuts.

import ArchiveIndex
import DICOM
import Platform
import Support
import Testing

@testable import Archive

/// Instances that are stored one batch after the other, and what is to be known after each.
struct StoreScenario: Sendable, CustomTestStringConvertible {
    let testDescription: String
    var policy = StorePolicy()
    let batches: [[Sending]]
    /// Of these known then: an index into all that is sent.
    let known: [[Sending]]
    /// The last one is refused as a duplicate.
    var isRefused = false

    private static let first = Sending(1)
    private static let other = Sending(1, pixel: 255)

    static let all: [StoreScenario] = [
        StoreScenario(testDescription: "one", batches: [[first]], known: [[first]]),
        StoreScenario(
            testDescription: "a long one", batches: [[Sending(1, pixelBytes: 150_000)]],
            known: [[Sending(1, pixelBytes: 150_000)]]),
        StoreScenario(
            testDescription: "three at once, then one", batches: [[first, Sending(2), Sending(3)], [Sending(4)]],
            known: [[first, Sending(2), Sending(3)], [first, Sending(2), Sending(3), Sending(4)]]),
        StoreScenario(testDescription: "the same again", batches: [[first], [first]], known: [[first], [first]]),
        StoreScenario(
            testDescription: "keep-both", policy: StorePolicy(duplicates: .keepBoth), batches: [[first], [other]],
            known: [[first], [first, other]]),
        StoreScenario(
            testDescription: "keep-first", policy: StorePolicy(duplicates: .keepFirst), batches: [[first], [other]],
            known: [[first], [first]], isRefused: true),
        StoreScenario(
            testDescription: "replace", policy: StorePolicy(duplicates: .replace), batches: [[first], [other]],
            known: [[first], [other]]),
    ]

    /// What may be known while batch `number` is stored, and, the last, when it is.
    func outcomes(of number: Int) -> [[String]] {
        [number == 0 ? [] : known[number - 1], known[number]].map { FoundArea.contents(of: $0) }
    }

    func isExpected(_ result: Result<StoreOutcome, StoreFault>, of batch: Int) -> Bool {
        switch result {
        case .success: !isRefused || batch < batches.count - 1
        case .failure(let fault): fault == .duplicate && isRefused && batch == batches.count - 1
        }
    }
}

@Suite("A crash after every call of the recipe, hardening.md R1, R3 to R5, R7") struct StoreCrashTests {
    static let givenSeeds = Program.environment("FILEROOM_SEEDS").flatMap { UInt64($0) }

    /// Every call, or each `stride`th, from another one on for each scenario.
    static func sample(_ numbers: [Int], stride step: Int, _ scenario: StoreScenario) -> [Int] {
        guard givenSeeds == nil else { return numbers }
        return stride(from: scenario.testDescription.utf8.count % step, to: numbers.count, by: step).map { numbers[$0] }
    }

    /// The scenario on a disk that keeps its moments, with the call that each batch was acknowledged with.
    static func played(
        _ scenario: StoreScenario
    ) throws -> (disk: CrashableDisk, calls: [Int], lastCalls: [Int]) {
        let disk = CrashableDisk(keepsMoments: true)
        let trial = try StoreTrial(disk, scenario.policy)
        let first = disk.callCount
        var lastCalls: [Int] = []
        for (number, batch) in scenario.batches.enumerated() {
            for result in trial.send(batch) {
                #expect(scenario.isExpected(result, of: number), "\(scenario.testDescription): \(result)")
            }
            lastCalls.append(disk.callCount)
        }
        let found = try FoundArea(disk.afterKill(), scenario.testDescription)
        #expect(found.contents == scenario.outcomes(of: scenario.batches.count - 1).last)
        #expect(found.incoming.isEmpty && found.orphans.isEmpty && found.emptyFolders.isEmpty)
        #expect(disk.openDescriptors < 10, "descriptors stay open")
        return (disk, Array(first...disk.callCount), lastCalls)
    }

    /// What may be found of a scenario that got as far as `call`: acknowledged with this very call, it is there.
    static func possible(_ scenario: StoreScenario, _ lastCalls: [Int], at call: Int) -> [[String]] {
        guard let number = lastCalls.firstIndex(where: { $0 >= call }) else { return [] }
        let outcomes = scenario.outcomes(of: number)
        return lastCalls[number] == call ? outcomes.suffix(1) : outcomes
    }

    /// Whoever comes next sweeps, and is sent everything once more; it is there once, also when the power fails then.
    static func goOn(_ disk: CrashableDisk, _ scenario: StoreScenario, _ what: String) throws {
        _ = try IncomingFolder(ofInstances: StoreTrial.paths.instances, kernel: disk).sweep()
        #expect(try FoundArea(disk, what).incoming.isEmpty, "\(what): not swept")
        let trial = try StoreTrial(disk, scenario.policy)
        for (number, batch) in scenario.batches.enumerated() {
            for result in trial.send(batch) {
                // Where the other one got in, the first may be the duplicate.
                #expect(scenario.isExpected(result, of: number), "\(what), going on: \(result)")
            }
        }
        let last = scenario.outcomes(of: scenario.batches.count - 1).last
        let found = try FoundArea(disk, what)
        #expect(found.contents == last, "\(what), going on")
        #expect(found.orphans.isEmpty && found.incoming.isEmpty, "\(what), going on: \(found.orphans)")
        let cut = try FoundArea(disk.afterPowerCut(.losesAll), "\(what), going on, cut")
        #expect(cut.contents == last, "\(what), going on, and the power fails")
    }

    // MARK: What was stored without syncs

    /// A disk on which an instance was stored, and nobody asked for it to be there after a power cut.
    static func storedLoosely(_ sending: Sending) throws -> CrashableDisk {
        let disk = CrashableDisk(keepsMoments: true)
        var policy = StorePolicy()
        policy.durability = .none
        #expect(try StoreTrial(disk, policy).send(sending).isStored)
        #expect(try FoundArea(disk.afterPowerCut(.losesAll), "stored loosely").contents.isEmpty)
        return disk
    }

    @Test(arguments: [StorePolicy.Durability.instance, .association])
    func `the same again is acknowledged when what is here can't be lost any more`(
        durability: StorePolicy.Durability
    ) throws {
        let sending = Sending(1, pixelBytes: 20_000)
        let disk = try Self.storedLoosely(sending)
        var policy = StorePolicy()
        policy.durability = durability
        #expect(try StoreTrial(disk, policy).send(sending) == .wasHere)
        for cut in PowerCut.some(4) {
            let found = try FoundArea(disk.afterPowerCut(cut), "\(cut)")
            #expect(found.contents == FoundArea.contents(of: [sending]), "\(cut)")
        }
    }

    @Test func `what can't be put on stable storage isn't what is acknowledged, now and later`() throws {
        let sending = Sending(1)
        let undisturbed = try Self.storedLoosely(sending)
        let first = undisturbed.callCount
        _ = try StoreTrial(undisturbed).send(sending)
        let calls = undisturbed.calls
        // The file, its folder, the journal and what else there is. Where the sync of a folder above them fails this one is
        // refused, too, but nobody can tell later whether the folder's name, made without a sync, is still there.
        let syncs = (first..<calls.count).filter { number in
            let components = calls[number].path.relative(to: StoreTrial.paths.instances)?.components
            return calls[number].kind == .synchronize
                && (components.map { $0.count > 1 } ?? (calls[number].path != StoreTrial.paths.folder))
        }
        #expect(syncs.count >= 2, "\(syncs.map { calls[$0] })")
        for sync in syncs {
            let disk = try Self.storedLoosely(sending)
            disk.setTroubles([.failing(call: sync + 1, .inputOutput)])
            let trial = try StoreTrial(disk)
            for attempt in 1...3 {
                let what = "\(calls[sync]), attempt \(attempt)"
                let isStored = trial.send([sending])[0].isSuccess
                let found = try FoundArea(disk.afterPowerCut(.losesAll), isLoose: true, what)
                #expect(!isStored || found.contents.contains(FoundArea.mark(sending.file)), "\(what)")
                #expect(isStored || attempt < 2, "\(what): not stored")
            }
        }
    }

    // MARK: Power cuts and kills

    @Test(arguments: StoreScenario.all)
    func `what was acknowledged is known and whole after a power cut at any call`(scenario: StoreScenario) throws {
        let (disk, numbers, lastCalls) = try Self.played(scenario)
        let calls = disk.calls
        for call in Self.sample(numbers, stride: 7, scenario) {
            let possible = Self.possible(scenario, lastCalls, at: call)
            for cut in PowerCut.some(Int(Self.givenSeeds ?? 1), from: UInt64(call)) {
                let crashed = disk.afterPowerCut(cut, atCall: call)
                let what = "\(scenario.testDescription), call \(call) of \(calls.count) \(calls[call - 1]), \(cut)"
                #expect(possible.contains(try FoundArea(crashed, what).contents), "\(what)")
                if cut != .keepsAll { try Self.goOn(crashed, scenario, what) }
            }
        }
    }

    @Test(arguments: StoreScenario.all)
    func `after a kill at any call the leftovers are swept, and the next store takes its file over`(
        scenario: StoreScenario
    ) throws {
        let (disk, numbers, lastCalls) = try Self.played(scenario)
        let calls = disk.calls
        for call in Self.sample(numbers, stride: 4, scenario) {
            let killed = disk.afterKill(atCall: call)
            let what = "\(scenario.testDescription), killed at call \(call) of \(calls.count) \(calls[call - 1])"
            let found = try FoundArea(killed, what)
            #expect(Self.possible(scenario, lastCalls, at: call).contains(found.contents), "\(what)")
            #expect(found.orphans.count <= scenario.batches.map(\.count).max() ?? 0, "\(what)")
            try Self.goOn(killed, scenario, what)
        }
    }

    // MARK: Failing calls

    static let causes: [Errno] = [.inputOutput, .noSpace, Errno(code: 30), Errno(code: 24)]

    /// Whether a call can fail so.
    static func mayFail(_ call: DiskCall, _ cause: Errno) -> Bool {
        switch cause {
        case .noSpace: call.takesSpace
        case Errno(code: 30): call.isChange && call.kind != .synchronize  // EROFS
        case Errno(code: 24): call.kind == .open || call.kind == .list  // EMFILE
        default: true
        }
    }

    /// A call on a file that may be known.
    static func readsKnown(_ call: DiskCall) -> Bool {
        let isStored = call.path.relative(to: StoreTrial.paths.instances).map { $0.components.count > 2 } ?? false
        return isStored && [.open, .read, .status, .synchronize].contains(call.kind)
    }

    /// Goes through a scenario, some of whose calls fail; what fails is sent once more.
    ///
    /// - Parameter failing: the call that fails, by its number and as it is where none does.
    static func playThrough(
        _ disk: CrashableDisk, _ scenario: StoreScenario, failing: (number: Int, call: DiskCall)? = nil, _ what: String
    ) throws {
        // What can't be removed stays.
        let isRemoval = failing.map { $0.call.kind == .unlink || $0.call.kind == .removeFolder } ?? false
        // What can't be read any more is in nobody's way; nor is what lies in a folder whose sync has failed.
        let mayBeTwice =
            failing.map {
                Self.readsKnown($0.call)
                    || [.open, .status, .synchronize].contains($0.call.kind)
                        && $0.call.path.relative(to: StoreTrial.paths.index) == nil
            } ?? false
        func isMeant(_ found: FoundArea, _ meant: [String]?) -> Bool {
            mayBeTwice ? Set(found.contents).isSuperset(of: meant ?? []) : found.contents == meant
        }
        let trial = try StoreTrial(disk, scenario.policy)
        for (number, batch) in scenario.batches.enumerated() {
            let outcomes = scenario.outcomes(of: number)
            let results = trial.send(batch)
            let found = try FoundArea(disk.afterKill(), what)
            if results.allSatisfy({ scenario.isExpected($0, of: number) }) {
                #expect(isMeant(found, outcomes.last), "\(what): \(found.contents)")
            } else {
                #expect(
                    batch.count > 1 || outcomes.contains { isMeant(found, $0) },
                    "\(what): \(results), \(found.contents)")
                // What was to be replaced stays where nobody can say whether it still is known.
                let isReplacing = scenario.policy.duplicates == .replace && number > 0
                #expect(isRemoval || isReplacing || found.orphans.isEmpty, "\(what): \(found.orphans)")
                #expect(isRemoval || found.emptyFolders.isEmpty, "\(what): \(found.emptyFolders)")
            }
            #expect(found.incoming.isEmpty, "\(what): \(found.incoming)")
            for cut in PowerCut.some(1) {
                let crashed = try FoundArea(disk.afterPowerCut(cut), what).contents
                let acknowledged = zip(batch, results).filter { scenario.isExpected($0.1, of: number) }.map {
                    FoundArea.mark($0.0.file)
                }
                let isAllThere = scenario.isRefused || acknowledged.allSatisfy(crashed.contains)
                #expect(isAllThere, "\(what), \(cut)")
            }
            if results.allSatisfy({ scenario.isExpected($0, of: number) }) { continue }
            for result in trial.send(batch) {
                let isExpected = scenario.isExpected(result, of: number) || mayBeTwice && result.isSuccess
                #expect(isExpected, "\(what), once more: \(result)")
            }
        }
        let last = scenario.outcomes(of: scenario.batches.count - 1).last
        let found = try FoundArea(disk.afterKill(), what)
        #expect(isMeant(found, last) && found.incoming.isEmpty, "\(what): \(found.contents), \(found.incoming)")
        let cut = try FoundArea(disk.afterPowerCut(.losesAll), what)
        #expect(isMeant(cut, last), "\(what), and the power fails: \(cut.contents)")
    }

    @Test(arguments: StoreScenario.all, causes)
    func `a call that fails leaves nothing behind, and what is sent once more is stored`(
        scenario: StoreScenario, cause: Errno
    ) throws {
        let first = try StoreTrial().disk.callCount
        let undisturbed = CrashableDisk()
        try Self.playThrough(undisturbed, scenario, scenario.testDescription)
        let calls = undisturbed.calls
        let numbers = (first + 1...calls.count).filter { Self.mayFail(calls[$0 - 1], cause) }
        for number in Self.sample(numbers, stride: cause == .inputOutput ? 9 : 13, scenario) {
            let disk = CrashableDisk(troubles: [.failing(call: number, cause)])
            let call = calls[number - 1]
            try Self.playThrough(
                disk, scenario, failing: (number, call),
                "\(scenario.testDescription), \(cause.symbolicName) at call \(number) \(call)")
            #expect(disk.calls[number - 1].kind == call.kind, "another call than \(call) failed")
        }
    }

    @Test func `a folder that a killed process made is not trusted after its sync has failed`() throws {
        let scenario = StoreScenario.all[0]
        let (disk, numbers, _) = try Self.played(scenario)
        for call in Self.sample(numbers, stride: 5, scenario) {
            let next = disk.afterKill(atCall: call)
            let first = next.callCount
            let trial = try StoreTrial(next, scenario.policy)
            trial.send(scenario.batches[0])
            // Those of the index are another floor's.
            let syncs = (first..<next.callCount).filter { number in
                let call = next.calls[number]
                return call.kind == .synchronize && call.path.relative(to: StoreTrial.paths.index) == nil
            }.map { $0 + 1 }
            for sync in syncs {
                let killed = disk.afterKill(atCall: call)
                killed.setTroubles([.failing(call: sync, .inputOutput)])
                let trial = try StoreTrial(killed, scenario.policy)
                let what =
                    "killed at call \(call) \(disk.calls[call - 1]), then \(next.calls[sync - 1]) failed"
                for attempt in 1...2 {
                    let isStored = trial.send(scenario.batches[0])[0].isSuccess
                    let found = try FoundArea(killed.afterPowerCut(.losesAll), what)
                    // Kept twice, where what was known couldn't be synchronized.
                    let isThere = try Set(found.contents) == Set(#require(scenario.outcomes(of: 0).last))
                    #expect(!isStored || isThere, "\(what), attempt \(attempt)")
                }
            }
        }
    }
}

extension Result {
    var isSuccess: Bool {
        if case .success = self { true } else { false }
    }
}
