// Names of stored files: what stands in the way is gone round, waited for or taken over, and nothing is overwritten.

import ArchiveIndex
import DICOM
import Platform
import Support
import Testing

@testable import Archive

@Suite("Final names, hardening R7, T1") struct FinalNameTests {
    static let instances = StoreTrial.paths.instances

    static func policy(_ layout: String, _ naming: FileNaming = .sopUID) throws -> StorePolicy {
        var policy = StorePolicy()
        policy.layout = try FileLayout(layout, naming: naming)
        return policy
    }

    /// Where they lie, in order.
    static func paths(_ trial: StoreTrial, _ sendings: [Sending]) throws -> [String] {
        try sendings.map { sending in
            switch try trial.send(sending) {
            case .stored(let path), .keptBoth(let path), .replaced(let path): "\(path)"
            case .wasHere: "was here"
            }
        }
    }

    @Test func `a taken name gets a number, before its extension`() throws {
        let trial = try StoreTrial(CrashableDisk(), Self.policy("{PatientID}/{Modality}.dcm"))
        let names = try Self.paths(trial, (1...4).map { Sending($0) })
        #expect(names == ["P 1/CT.dcm", "P 1/CT_2.dcm", "P 1/CT_3.dcm", "P 1/CT_4.dcm"])
        #expect(try FoundArea(trial.disk, "numbers").contents == FoundArea.contents(of: (1...4).map { Sending($0) }))
    }

    @Test func `instances of one name that are stored together don't wait for each other`() throws {
        let trial = try StoreTrial(CrashableDisk(), Self.policy("{PatientID}/{Modality}.dcm"))
        let begun = MonotonicInstant.now()
        for result in trial.send((1...5).map { Sending($0) }) { #expect(try result.get().isStored) }
        #expect(MonotonicInstant.now().seconds(since: begun) < 5)
        #expect(try FoundArea(trial.disk, "together").known.count == 5)
    }

    @Test func `after many of one name they are no longer tried in order`() throws {
        let trial = try StoreTrial(CrashableDisk(), Self.policy("{PatientID}/{Modality}.dcm"))
        let names = try Self.paths(trial, (1...36).map { Sending($0) })
        #expect(names[31] == "P 1/CT_32.dcm" && Set(names).count == 36)
        #expect(names.dropFirst(32).allSatisfy { $0.hasPrefix("P 1/CT_") && $0.hasSuffix(".dcm") })
    }

    @Test func `sequential numbers count on in their folder, also in the next process`() throws {
        let disk = CrashableDisk()
        let policy = try Self.policy("{PatientID}", .sequential)
        let first = try StoreTrial(disk, policy)
        #expect(try Self.paths(first, [Sending(1), Sending(2)]) == ["P 1/00000001.dcm", "P 1/00000002.dcm"])
        let other = Sending(3) { $0.set(.patientID, .LO, text: "P 2") }
        #expect(try Self.paths(first, [other]) == ["P 2/00000001.dcm"])
        let second = try StoreTrial(disk, policy)
        #expect(try Self.paths(second, [Sending(4), Sending(5)]) == ["P 1/00000003.dcm", "P 1/00000004.dcm"])
        // The first one doesn't know of those.
        #expect(try Self.paths(first, [Sending(6)]) == ["P 1/00000005.dcm"])
        for result in first.send((7...9).map { Sending($0) }) { #expect(try result.get().isStored) }
        let names = try FoundArea(disk, "sequential").known.keys.map { "\($0)" }.sorted()
        #expect(names == (1...8).map { "P 1/0000000\($0).dcm" } + ["P 2/00000001.dcm"])
    }

    @Test(arguments: ["9223372036854775807.dcm", "99999999999999999999999", "1.2.3.dcm", "-5", "x"])
    func `a name that was never counted disturbs no numbers`(name: String) throws {
        let disk = CrashableDisk()
        try Self.makeIndex(on: disk)
        try Folder.make(Self.instances.appending("P 1"), parents: true, kernel: disk)
        try File.open(Self.instances.appending("P 1/\(name)"), .creating, kernel: disk).append([1])
        let trial = try StoreTrial(disk, Self.policy("{PatientID}", .sequential))
        let expected = name == "1.2.3.dcm" ? "P 1/00000002.dcm" : "P 1/00000001.dcm"
        #expect(try Self.paths(trial, [Sending(1)]) == [expected])
    }

    @Test func `instance numbers, and the UID where there is none`() throws {
        let trial = try StoreTrial(CrashableDisk(), Self.policy("flat", .instanceNumber))
        let without = Sending(2) { $0[.instanceNumber] = nil }
        let negative = Sending(4) { $0.set(.instanceNumber, .IS, text: "-3") }
        let names = try Self.paths(trial, [Sending(1), without, Sending(3), negative])
        #expect(names.prefix(3) == ["00000007.dcm", "\(without.uid).dcm", "00000007_2.dcm"])
        #expect(Set(names).count == 4)
    }

    // MARK: What has the name

    /// Where the sample is to lie.
    static let usual = instances.appending(Sample.study.text).appending(Sample.series.text)
        .appending("\(Sending().uid).dcm")

    /// Without one nothing is stored beside files that are there.
    static func makeIndex(on disk: CrashableDisk) throws {
        _ = try IndexFolder.create(
            at: StoreTrial.paths.index, instancesFolder: StoreTrial.paths.instances, kernel: disk)
    }

    static func occupied(_ bytes: [UInt8]) throws -> CrashableDisk {
        let disk = CrashableDisk()
        try Folder.make(usual.parent, parents: true, kernel: disk)
        try File.open(usual, .creating, kernel: disk).append(bytes)
        try makeIndex(on: disk)
        return disk
    }

    @Test func `a file that a crash left is taken over where it says the same, whatever its File Meta Information`()
        throws
    {
        for left in [Sending(), Sending().withOtherHead] {
            let disk = try Self.occupied(left.file)
            let trial = try StoreTrial(disk)
            #expect(try trial.send(Sending()).isStored)
            let found = try FoundArea(disk, "taken over")
            #expect(found.files.count == 1 && found.contents == FoundArea.contents(of: [Sending()]))
            #expect(try FoundArea(disk.afterPowerCut(.losesAll), "cut").contents == found.contents)
        }
    }

    @Test(arguments: [
        Sending(1, pixel: 1).file, Sending(2).file, Array(Sending().file.prefix(900)), [],
        [UInt8](repeating: 7, count: 9_000),
    ])
    func `any other file that nobody knows is left alone`(bytes: [UInt8]) throws {
        let disk = try Self.occupied(bytes)
        let trial = try StoreTrial(disk)
        guard case .stored(let path) = try trial.send(Sending()) else { return }
        #expect(path.lastComponent == Array("\(Sending().uid)_2.dcm".utf8))
        #expect(try disk.bytes(of: Self.usual) == bytes)
    }

    @Test func `one that another process is storing is waited for, and one that it gave up is not missed`() throws {
        for isGivenUp in [false, true] {
            let disk = try Self.occupied(Sending().file)
            let trial = try StoreTrial(disk)
            // A living writer has its lock.
            let held = Parcel(try File.open(Self.usual, .writing, kernel: disk))
            let other = held.take()
            #expect(try other.tryLock(IncomingFile.lockedRange, .exclusive))
            let result = Guarded<Result<StoreOutcome, StoreFault>?>(nil)
            let waiting = try Thread { @Sendable in
                let found = trial.send([Sending()])[0]
                result.withLock { $0 = found }
            }
            while !disk.calls.contains(where: { $0.kind == .lock && $0.path == Self.usual }) {}
            while disk.calls.count(where: { $0.kind == .lock && $0.path == Self.usual }) < 3 {}
            #expect(result.withLock { $0 } == nil, "it waits")
            if isGivenUp { try File.remove(Self.usual, kernel: disk) }
            try other.unlock(IncomingFile.lockedRange)
            waiting.join()
            #expect(result.withLock { $0?.isSuccess } == true)
            let found = try FoundArea(disk, "waited for")
            #expect(found.files.count == 1 && found.contents == FoundArea.contents(of: [Sending()]))
        }
    }

    @Test func `a folder, or a link, at its place is gone round`() throws {
        let disk = CrashableDisk()
        try Self.makeIndex(on: disk)
        try Folder.make(Self.usual, parents: true, kernel: disk)
        let trial = try StoreTrial(disk)
        guard case .stored(let path) = try trial.send(Sending()) else { return }
        #expect(path.lastComponent == Array("\(Sending().uid)_2.dcm".utf8))

        let folder = try TemporaryFolder()
        let area = StorageAreaPaths(folder: folder.path, index: folder.appending("index"))
        let place = area.instances.appending(Sample.study.text).appending(Sample.series.text)
        try Folder.make(place, parents: true)
        _ = try IndexFolder.create(at: area.index, instancesFolder: area.instances)
        try folder.write(Sending().file, to: "elsewhere")
        #expect(Tree.link(place.appending("\(Sending().uid).dcm"), to: folder.appending("elsewhere").description))
        let store = InstanceStore(area, policy: StorePolicy())
        let arriving = store.begin(Sending().announced, from: store.makeReserve())
        arriving.take(Sending().dataSet.rawSpan)
        guard case .stored(let beside) = try store.store([try arriving.finish()]).results[0].get() else { return }
        #expect(beside.lastComponent == Array("\(Sending().uid)_2.dcm".utf8))
        #expect(try File.status(of: folder.appending("elsewhere")).sizeBytes == Sending().file.count)
    }
}
