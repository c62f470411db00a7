// A C-MOVE's associations to destinations of every temper: every instance ends as it did, once, and says why.

import ArchiveIndex
import DICOM
import DIMSE
import Platform
import Support
import Testing
import UpperLayer

@testable import ServiceClasses

@Suite("Sub-operations of C-MOVE, PS3.4 §C.4.2.3, §C.4.2.1.5") struct MoverTests {
    typealias Script = ScriptedDestination.Script

    /// Files to move, all of one class and syntax.
    struct Files {
        let folder: TemporaryFolder
        let references: [InstanceReference]

        init(_ count: Int) throws {
            folder = try TemporaryFolder()
            var references: [InstanceReference] = []
            for number in 1...count {
                let uid = Sample.uid("1.2.3.\(number)")
                var set = Sample.dataSet(uid)
                set.set(.sopInstanceUID, uid: uid)
                try folder.write(try Sample.file(.explicitVRLittleEndian, set), to: "f\(number)")
                let place = try Sample.place(
                    "f\(number)", in: folder.path,
                    dataSetOffset: Sample.head(TransferSyntax.explicitVRLittleEndian.uid, uid).count)
                references.append(
                    Sample.reference(number, transferSyntax: TransferSyntax.explicitVRLittleEndian.uid, places: [place])
                )
            }
            self.references = references
        }
    }

    /// A mover that is told nothing by anybody, and its tally.
    static func mover(
        to addresses: @escaping @Sendable () -> Result<[SocketAddress], ResolutionFault>, _ files: Files,
        rules: MoveRules = quick(), responseSeconds: Double = 20, priority: Priority = .medium, window: Int = 1
    ) throws -> (Mover, RetrievalTally) {
        var limits = AssociationLimits.standard
        limits.responseSeconds = responseSeconds
        limits.associateSeconds = 2
        let title = try #require(AETitle("DEST"))
        let target = MoveTarget(title: title, words: "DEST at ws7:104", addresses: addresses)
        let tally = RetrievalTally(total: files.references.count, roots: [1: files.folder.path])
        let ours = try #require(AETitle("FILEROOM"))
        let area = ServedArea(
            title: ours, indexPath: files.folder.path.appending("index"),
            instancesFolder: files.folder.path.appending("instances"))
        var rules = rules
        rules.window = window
        let plan = Mover.Plan(
            target: target, rules: rules, title: ours,
            files: InstanceFiles(roots: [1: files.folder.path], area: area, marked: UnavailableInstances()),
            originator: MoveOriginator(title: try #require(AETitle("VIEWER")), messageID: 9), priority: priority,
            limits: limits, trace: nil)
        return (try Mover(plan, tally), tally)
    }

    /// Waits hardly at all before it tries again.
    static func quick(retries: Int = 1, parallelism: Int = 1) -> MoveRules {
        var rules = MoveRules()
        rules.retries = retries
        rules.parallelism = parallelism
        rules.retrySeconds = 0.01
        return rules
    }

    /// Moves all files, and waits for the end.
    static func moved(
        to destination: ScriptedDestination, _ files: Files, rules: MoveRules = quick(), responseSeconds: Double = 20,
        priority: Priority = .medium, window: Int = 1
    ) throws -> SubOperationCounts {
        let address = destination.address
        let (mover, tally) = try mover(
            to: { .success([address]) }, files, rules: rules, responseSeconds: responseSeconds, priority: priority,
            window: window)
        try run(mover, files)
        return tally.counts
    }

    static func run(_ mover: Mover, _ files: Files) throws {
        try mover.start(MoveBatch.batches(of: files.references))
        let end = Deadline(afterSeconds: 60)
        while !mover.hasEnded, !end.hasPassed {
            mover.news.wait(until: end)
            mover.news.clear()
        }
        #expect(mover.hasEnded)
    }

    /// Completed, warning, failed.
    static func numbers(_ counts: SubOperationCounts) -> [Int] { [counts.completed, counts.warning, counts.failed] }

    // MARK: Well-behaved destinations

    @Test func `one association carries all of a batch, and says whose C-MOVE it is for`() throws {
        let destination = try ScriptedDestination(Script())
        let counts = try Self.moved(to: destination, Files(5), priority: .high)
        #expect(Self.numbers(counts) == [5, 0, 0] && counts.reason == nil)
        #expect(destination.associations == 1)
        #expect(destination.stores.map(\.instance) == (1...5).map { "1.2.3.\($0)" })
        for store in destination.stores {
            // PS3.7 §9.1.1.1: Move Originator; §9.1.1.1.5: the C-MOVE's priority.
            #expect(store.originator?.text == "VIEWER" && store.originatorMessageID == 9)
            #expect(store.priority == Priority.high.rawValue && store.callingTitle.text == "FILEROOM")
        }
    }

    @Test func `warnings are counted as such, failures listed, and most of the reasons told`() throws {
        let files = try Files(7)
        let destination = try ScriptedDestination(
            Script(statuses: [0x0000, 0xB000, 0xB006, 0xB007, 0xBABE, 0xA700, 0x0111]))
        let counts = try Self.moved(to: destination, files)
        #expect(Self.numbers(counts) == [1, 4, 2])
        #expect(counts.failedInstances.map(\.text) == ["1.2.3.6", "1.2.3.7"])
        #expect(counts.finalStatus(wasCancelled: false) == .subOperationsCompleteWithFailures)
        #expect(counts.reason == "the destination answered A700H out of resources")
    }

    // MARK: More than one association

    @Test func `so many associations at a time send each instance once`() throws {
        let destination = try ScriptedDestination(Script(thinksSeconds: 0.01))
        let counts = try Self.moved(to: destination, Files(40), rules: Self.quick(parallelism: 4))
        #expect(Self.numbers(counts) == [40, 0, 0])
        #expect(destination.openAtMost == 4 && destination.associations == 4)
        #expect(Set(destination.stores.map(\.instance)).count == 40 && destination.stores.count == 40)
        #expect(Set(destination.stores.map(\.association)).count == 4)
    }

    @Test func `a destination that refuses a second association is sent to over the first`() throws {
        let destination = try ScriptedDestination(
            Script(thinksSeconds: 0.01), Script(answer: .reject(.localLimitExceeded)))
        let counts = try Self.moved(to: destination, Files(10), rules: Self.quick(parallelism: 3))
        #expect(Self.numbers(counts) == [10, 0, 0])
        #expect(Set(destination.stores.map(\.association)) == [1])
    }

    @Test func `there are no more associations than instances`() throws {
        let destination = try ScriptedDestination(Script(thinksSeconds: 0.05))
        let counts = try Self.moved(to: destination, Files(2), rules: Self.quick(parallelism: 16))
        #expect(Self.numbers(counts) == [2, 0, 0] && destination.associations <= 2)
    }

    @Test func `what a lost association of several had under way goes over the others`() throws {
        let destination = try ScriptedDestination(
            Script(thinksSeconds: 0.02), Script(end: (2, .abort), thinksSeconds: 0.02), Script(thinksSeconds: 0.02))
        let counts = try Self.moved(to: destination, Files(30), rules: Self.quick(parallelism: 2))
        #expect(Self.numbers(counts) == [30, 0, 0])
    }

    // MARK: Destinations that break off

    @Test(arguments: [Script.End.abort, .close, .release])
    func `what wasn't answered is sent again, what was isn't`(end: Script.End) throws {
        let destination = try ScriptedDestination(Script(end: (3, end)), Script())
        let counts = try Self.moved(to: destination, Files(6))
        #expect(Self.numbers(counts) == [6, 0, 0])
        let sent = destination.stores.map(\.instance)
        #expect(sent == ["1", "2", "3", "4", "4", "5", "6"].map { "1.2.3.\($0)" })
        #expect(destination.stores.map(\.association) == [1, 1, 1, 1, 2, 2, 2])
    }

    @Test func `without retries the instance at which it broke off has failed, and the rest arrives`() throws {
        let destination = try ScriptedDestination(Script(end: (3, .abort)), Script())
        let counts = try Self.moved(to: destination, Files(6), rules: Self.quick(retries: 0))
        #expect(Self.numbers(counts) == [5, 0, 1] && counts.failedInstances.map(\.text) == ["1.2.3.4"])
        #expect(counts.reason == "aborted by the user (0/0): DEST at ws7:104")
    }

    @Test func `one that breaks off at every instance is given up, and all have failed`() throws {
        let destination = try ScriptedDestination(Script(end: (0, .close)))
        let counts = try Self.moved(to: destination, Files(20), rules: Self.quick(retries: 0))
        #expect(Self.numbers(counts) == [0, 0, 20])
        #expect(counts.finalStatus(wasCancelled: false) == .unableToPerformSubOperations)
        #expect(destination.associations == Mover.breaksMaximum)
        #expect(counts.reason == "closed the association: DEST at ws7:104")
    }

    @Test func `one that breaks off at one instance gets all others, however often that is tried`() throws {
        let breaking = Script(end: (0, .close))
        let destination = try ScriptedDestination(breaking, breaking, breaking, breaking, breaking, breaking, Script())
        let counts = try Self.moved(to: destination, Files(4), rules: Self.quick(retries: 5))
        #expect(Self.numbers(counts) == [3, 0, 1] && counts.failedInstances.map(\.text) == ["1.2.3.1"])
    }

    @Test func `one that takes a single instance an association gets all of them`() throws {
        let destination = try ScriptedDestination(Script(end: (1, .release)))
        let counts = try Self.moved(to: destination, Files(8))
        #expect(Self.numbers(counts) == [8, 0, 0] && destination.associations == 8)
    }

    @Test func `one that doesn't answer is waited for so long and no longer`() throws {
        let destination = try ScriptedDestination(Script(end: (1, .stall)), Script())
        let counts = try Self.moved(to: destination, Files(3), rules: Self.quick(retries: 0), responseSeconds: 0.3)
        #expect(Self.numbers(counts) == [2, 0, 1])
        #expect(counts.reason?.hasPrefix("no response within") == true)
    }

    @Test func `one that breaks off over a window gets all of it without one, PS3.7 §D.3.3.3`() throws {
        for script in [Script(end: (2, .abort)), Script(end: (0, .close)), Script(answer: .close)] {
            let destination = try ScriptedDestination(script, Script())
            let counts = try Self.moved(to: destination, Files(6), rules: Self.quick(retries: 0), window: 8)
            let isAfterAnswers = script.end?.afterResponses == 2
            // Where a response came, it isn't the window's fault.
            #expect(Self.numbers(counts) == (isAfterAnswers ? [5, 0, 1] : [6, 0, 0]))
            #expect(destination.associations == 2)
        }
    }

    // MARK: Destinations that can't be had

    @Test func `one that rejects for a while is tried again`() throws {
        let destination = try ScriptedDestination(Script(answer: .reject(.temporaryCongestion)), Script())
        #expect(Self.numbers(try Self.moved(to: destination, Files(3))) == [3, 0, 0])
        #expect(destination.associations == 2)
    }

    @Test func `one that rejects for good isn't`() throws {
        let destination = try ScriptedDestination(Script(answer: .reject(.callingAETitleNotRecognised)))
        let counts = try Self.moved(to: destination, Files(3), rules: Self.quick(retries: 5))
        #expect(Self.numbers(counts) == [0, 0, 3] && destination.associations == 1)
        #expect(counts.reason?.hasPrefix("rejected: calling AE title not recognised") == true)
    }

    @Test(arguments: [0, 2]) func `one that closes at once is tried as often as is said`(retries: Int) throws {
        let destination = try ScriptedDestination(Script(answer: .close))
        let counts = try Self.moved(to: destination, Files(3), rules: Self.quick(retries: retries))
        #expect(Self.numbers(counts) == [0, 0, 3] && destination.associations == 1 + retries)
    }

    @Test func `one that accepts no context fails every instance, for want of it`() throws {
        let destination = try ScriptedDestination(Script(answer: .acceptNothing))
        let counts = try Self.moved(to: destination, Files(3))
        #expect(Self.numbers(counts) == [0, 0, 3] && destination.associations == 1)
        #expect(counts.reason?.contains("CT Image Storage") == true)
    }

    @Test func `a name without address is asked for again with each attempt`() throws {
        let files = try Files(2)
        let asked = Guarded(0)
        let (mover, tally) = try Self.mover(
            to: {
                asked.withLock { $0 += 1 }
                return .failure(ResolutionFault(host: "ws7", words: "no such name"))
            }, files, rules: Self.quick(retries: 2))
        try Self.run(mover, files)
        #expect(asked.withLock { $0 } == 3 && tally.counts.failed == 2)
        #expect(tally.counts.reason == "no such host (no such name): DEST at ws7:104")
    }

    @Test func `words of a destination's fault leave room in an Error Comment for what matters`() {
        let reject = AssociationFault.rejected(.calledAETitleNotRecognised)
        let faults: [AssociationFault] = [
            reject, .aborted(.user), .closed(.response), .timedOut(.response, seconds: 120),
            .timedOut(.associateAnswer, seconds: 30), .timedOut(.message, seconds: 30), .sendBlocked(seconds: 60),
            .notConnected(to: "ws7", .system("connect to", nil, .connectionRefused)),
        ]
        for fault in faults {
            #expect(DestinationFault.association(fault).words.utf8.count <= 64, "\(fault)")
        }
    }

    // MARK: Stopping

    @Test(arguments: [
        Script(answer: .stall), Script(end: (1, .stall)), Script(answer: .reject(.temporaryCongestion)),
    ])
    func `a stop ends every kind of wait at once`(script: Script) throws {
        let files = try Files(4)
        let destination = try ScriptedDestination(script)
        var rules = MoveRules()
        (rules.retries, rules.retrySeconds) = (50, 30)
        let address = destination.address
        let (mover, tally) = try Self.mover(to: { .success([address]) }, files, rules: rules)
        try mover.start(MoveBatch.batches(of: files.references))
        let isUnderWay = Deadline(afterSeconds: 20)
        while destination.associations == 0, !isUnderWay.hasPassed {
            mover.news.wait(until: Deadline(afterSeconds: 0.01))
        }
        let started = MonotonicInstant.now()
        mover.stop(graceSeconds: 0.2)
        #expect(mover.hasEnded && MonotonicInstant.now().seconds(since: started) < 10)
        #expect(tally.counts.remaining > 0 && tally.counts.failed <= 1)
    }

    @Test func `a stop waits for what others have under way, and cuts what doesn't come to its end`() throws {
        let stalling = Script(end: (0, .stall))
        let destination = try ScriptedDestination(Script(thinksSeconds: 0.05), stalling, stalling)
        let address = destination.address
        let files = try Files(40)
        let (mover, tally) = try Self.mover(
            to: { .success([address]) }, files, rules: Self.quick(parallelism: 3))
        try mover.start(MoveBatch.batches(of: files.references))
        let isUnderWay = Deadline(afterSeconds: 20)
        while destination.stores.count < 4 || destination.associations < 3, !isUnderWay.hasPassed {
            mover.news.wait(until: Deadline(afterSeconds: 0.01))
            mover.news.clear()
        }
        mover.stop(graceSeconds: 0.3)
        let counts = tally.counts
        #expect(mover.hasEnded && counts.failed == 2 && counts.remaining > 0)
        #expect(counts.completed + counts.failed == destination.stores.count)
    }

    @Test func `what is under way when it stops may arrive, nothing else is begun`() throws {
        let files = try Files(50)
        let destination = try ScriptedDestination(Script(thinksSeconds: 0.1))
        let address = destination.address
        let (mover, tally) = try Self.mover(to: { .success([address]) }, files)
        try mover.start(MoveBatch.batches(of: files.references))
        mover.news.wait(until: Deadline(afterSeconds: 20))
        mover.stop(graceSeconds: 20)
        let counts = tally.counts
        #expect(mover.hasEnded && counts.failed == 0 && counts.remaining > 0)
        #expect(counts.completed == destination.stores.count)
    }
}
