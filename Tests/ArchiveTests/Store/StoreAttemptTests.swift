// Duplicates: what counts as the same data set, what the policies make of others, and what threads make of both.

import DICOM
import Platform
import Support
import Testing

@testable import Archive
@testable import ArchiveIndex

@Suite("Duplicates, PS3.4 §B.2.3, hardening T17") struct StoreAttemptTests {
    static let uid = Sending().uid

    /// The contents that are known of the sample, the one that is served first.
    static func contents(_ trial: StoreTrial) throws -> [InstanceContent] { try trial.store.index().contents(of: uid) }

    /// The files of it in that order.
    static func files(_ trial: StoreTrial) throws -> [[UInt8]] {
        let roots = try trial.store.index().roots()
        return try contents(trial).flatMap(\.places).map { place in
            try trial.disk.bytes(of: (roots[place.root] ?? "").appending(Path(bytes: place.path)))
        }
    }

    /// The data set with a group length before each of `groups`.
    static func grouped(_ sending: Sending, _ groups: [UInt16], value: UInt8 = 9) -> Sending {
        var bytes: [UInt8] = []
        var cursor = ElementCursor(as: .explicitLittle)
        let set = sending.dataSet.rawSpan
        var last: UInt16 = 0
        while let element = try? cursor.next(in: set) {
            let group = element.tag.group
            if group != last, groups.contains(group) {
                bytes += [UInt8(group & 255), UInt8(group >> 8), 0, 0] + Array("UL".utf8) + [4, 0, value, 0, 0, 0]
            }
            last = group
            guard (try? cursor.skip(element, in: set)) != nil else { break }
            bytes += sending.dataSet[element.headerOffset..<cursor.offset]
        }
        return Sending(sending.announced, bytes)
    }

    /// A sample whose header takes several reads.
    static func long(last: UInt8 = 0) -> Sending {
        Sending(1) { set in
            var item = DataSet()
            item.set(Tag(0x0040, 0xA160), .UT, bytes: [UInt8](repeating: 0x61, count: 500_000))
            set[Tag(0x0040, 0xA730)] = DataElement(Tag(0x0040, 0xA730), .SQ, .items([item, item]))
            set.set(Tag(0x0040, 0xA491), .OB, bytes: [last, last])
        }
    }

    // MARK: What is the same

    static let same: [(name: String, first: Sending, second: Sending)] = [
        ("the same file", Sending(), Sending()),
        ("other File Meta Information", Sending(), Sending().withOtherHead),
        ("group lengths in the second", Sending(), grouped(Sending(), [0x0008, 0x0010, 0x0020])),
        ("group lengths in the first", grouped(Sending(), [0x0008, 0x0010, 0x0020]), Sending()),
        ("one of the pixel data, too", Sending(), grouped(Sending(), [0x0008, 0x7FE0])),
        ("other group lengths", grouped(Sending(), [0x0010], value: 1), grouped(Sending(), [0x0010], value: 2)),
        ("a group length first of all", grouped(Sending(), [0x0008]), grouped(Sending(), [0x0008, 0x7FE0], value: 3)),
        ("long headers", long(), grouped(long(), [0x0008, 0x0040, 0x7FE0])),
        (
            "both deflated", Sending(1, .deflatedExplicitVRLittleEndian),
            Sending(1, .deflatedExplicitVRLittleEndian).withOtherHead
        ),
    ]

    @Test(arguments: 0..<same.count, [StorePolicy.Duplicates.keepBoth, .keepFirst, .replace])
    func `the same data set is a success and kept once`(row: Int, duplicates: StorePolicy.Duplicates) throws {
        let (name, first, second) = Self.same[row]
        let trial = try StoreTrial(CrashableDisk(), StorePolicy(duplicates: duplicates))
        #expect(try trial.send(first).isStored)
        #expect(try trial.send(second) == .wasHere, "\(name)")
        let found = try FoundArea(trial.disk, name)
        #expect(found.contents == FoundArea.contents(of: [first]) && found.orphans.isEmpty, "\(name)")
    }

    @Test func `data sets are compared piece by piece, however long their headers are`() throws {
        let trial = try StoreTrial()
        let (first, second) = (Self.long(), Self.grouped(Self.long(), [0x0008, 0x0040]))
        let arrived = try [first, second].map { try trial.arrive($0) }
        guard case .stored(let path) = try trial.store.store([arrived[0]]).results[0].get() else {
            Issue.record("not stored")
            return
        }
        let before = trial.disk.callCount
        #expect(try trial.store.store([arrived[1]]).results[0].get() == .wasHere)
        let reads = trial.disk.calls[before...].filter {
            $0.kind == .read && $0.path.lastComponent == path.lastComponent
        }
        // To be walked through and to be compared, in pieces.
        #expect(reads.count >= 2 * first.file.count / DataSetComparison.pieceBytes)
        // What differs behind all that is another one.
        guard case .keptBoth = try trial.send(Self.grouped(Self.long(last: 1), [0x0008, 0x0040, 0x7FE0])) else {
            Issue.record("taken for the same")
            return
        }
    }

    @Test func `what stands where another has a group length is another data set`() throws {
        let trial = try StoreTrial()
        #expect(try trial.send(Self.grouped(Sending(), [0x0010])).isStored)
        let asLong = Sending(1) { $0.set(Tag(0x0009, 0x0010), .LO, text: "1234") }
        #expect(asLong.file.count == Self.grouped(Sending(), [0x0010]).file.count)
        guard case .keptBoth = try trial.send(asLong) else {
            Issue.record("not kept")
            return
        }
        // And others stand elsewhere.
        #expect(try trial.send(Self.grouped(Sending(), [0x0008])) == .wasHere)
    }

    static let other: [(name: String, second: Sending)] = [
        ("other pixel data", Sending(1, pixel: 1)),
        ("longer pixel data", Sending(1, pixelBytes: 1_202)),
        ("another header", Sending(1) { $0.set(.patientName, .PN, text: "Other^Name") }),
        ("a header of the same length", Sending(1) { $0.set(.patientID, .LO, text: "P 2") }),
        ("another transfer syntax", Sending(1, .implicitVRLittleEndian)),
        ("deflated", Sending(1, .deflatedExplicitVRLittleEndian)),
        ("a group length and other pixel data", grouped(Sending(1, pixel: 1), [0x0008])),
        ("another series", Sending(1) { $0.set(.seriesInstanceUID, uid: UID(literal: "1.2.3.9")) }),
        ("another study", Sending(1) { $0.set(.studyInstanceUID, uid: UID(literal: "1.2.3.8")) }),
    ]

    @Test(arguments: 0..<other.count) func `keep-both keeps both, and serves the first`(row: Int) throws {
        let (name, second) = Self.other[row]
        let trial = try StoreTrial(CrashableDisk(), StorePolicy(duplicates: .keepBoth))
        #expect(try trial.send(Sending()).isStored)
        guard case .keptBoth = try trial.send(second) else {
            Issue.record("\(name): not kept")
            return
        }
        // Each of them once more.
        for sending in [Sending(), second] { #expect(try trial.send(sending) == .wasHere, "\(name)") }
        let found = try FoundArea(trial.disk, name)
        #expect(found.contents == FoundArea.contents(of: [Sending(), second]) && found.orphans.isEmpty, "\(name)")
        #expect(try Self.files(trial) == [Sending().file, second.file], "\(name): the first is served")
    }

    @Test(arguments: 0..<other.count) func `keep-first refuses the second`(row: Int) throws {
        let (name, second) = Self.other[row]
        let trial = try StoreTrial(CrashableDisk(), StorePolicy(duplicates: .keepFirst))
        #expect(try trial.send(Sending()).isStored)
        #expect(throws: StoreFault.duplicate, "\(name)") { try trial.send(second) }
        #expect(try trial.send(Sending()) == .wasHere)
        let found = try FoundArea(trial.disk, name)
        #expect(found.contents == FoundArea.contents(of: [Sending()]), "\(name)")
        #expect(found.files.count == 1 && found.incoming.isEmpty && found.emptyFolders.isEmpty, "\(name)")
    }

    @Test(arguments: 0..<other.count) func `replace leaves the second alone there`(row: Int) throws {
        let (name, second) = Self.other[row]
        let trial = try StoreTrial(CrashableDisk(), StorePolicy(duplicates: .replace))
        #expect(try trial.send(Sending()).isStored)
        guard case .replaced = try trial.send(second) else {
            Issue.record("\(name): not replaced")
            return
        }
        let found = try FoundArea(trial.disk, name)
        #expect(found.contents == FoundArea.contents(of: [second]) && found.files.count == 1, "\(name)")
        #expect(try trial.send(second) == .wasHere, "\(name)")
    }

    @Test func `what is the same as any that is kept is not refused`() throws {
        let disk = CrashableDisk()
        let both = try StoreTrial(disk, StorePolicy(duplicates: .keepBoth))
        let sendings = [Sending(), Sending(1, pixel: 1), Sending(1, pixelBytes: 900)]
        for sending in sendings { _ = try both.send(sending) }
        for duplicates in [StorePolicy.Duplicates.keepFirst, .replace] {
            let trial = try StoreTrial(disk, StorePolicy(duplicates: duplicates))
            for sending in sendings { #expect(try trial.send(sending) == .wasHere) }
            #expect(try FoundArea(disk, "\(duplicates)").contents == FoundArea.contents(of: sendings))
        }
        let first = try StoreTrial(disk, StorePolicy(duplicates: .keepFirst))
        #expect(throws: StoreFault.duplicate) { try first.send(Sending(1, pixel: 2)) }
        let replacing = try StoreTrial(disk, StorePolicy(duplicates: .replace))
        _ = try replacing.send(Sending(1, pixel: 2))
        #expect(try FoundArea(disk, "replaced").contents == FoundArea.contents(of: [Sending(1, pixel: 2)]))
    }

    @Test func `a file that was replaced stays where somebody has taken its name over meanwhile`() throws {
        let trial = try StoreTrial(CrashableDisk(), StorePolicy(duplicates: .replace))
        guard case .stored(let relative) = try trial.send(Sending()) else { return }
        let path = StoreTrial.paths.instances.appending(relative)
        let other = try File.open(path, .writing, kernel: trial.disk)
        #expect(try other.tryLock(IncomingFile.lockedRange, .exclusive))
        func lockCalls() -> Int { trial.disk.calls.count { $0.kind == .lock && $0.path == path } }
        let before = lockCalls()
        let replacing = try Thread { @Sendable in trial.send([Sending(1, pixel: 1)]) }
        while lockCalls() < before + 2 {}
        let taking = StoreTrial.paths.instances.appending("taking")
        try File.open(taking, .creating, kernel: trial.disk).append(Sending().file)
        try File.rename(taking, to: path, kernel: trial.disk)
        try other.unlock(IncomingFile.lockedRange)
        replacing.join()
        #expect(try trial.disk.bytes(of: path) == Sending().file)
        let found = try FoundArea(trial.disk, "taken over")
        #expect(found.contents == FoundArea.contents(of: [Sending(1, pixel: 1)]) && found.files.count == 2)
    }

    @Test(arguments: [false, true])
    func `what another process has made known is acknowledged when it is on stable storage`(isKilled: Bool) throws {
        let counted = try StoreTrial()
        _ = try counted.send(Sending(2))
        let before = counted.disk.callCount
        _ = try counted.send(Sending())
        // The sync of the journal fails for the first of them, or it is killed before.
        let sync = try #require(
            counted.disk.calls.indices.dropFirst(before).last {
                counted.disk.calls[$0].kind == .synchronize
                    && counted.disk.calls[$0].path.relative(to: StoreTrial.paths.index) != nil
            })
        let disk = CrashableDisk(keepsMoments: true)
        let first = try StoreTrial(disk)
        _ = try first.send(Sending(2))
        if !isKilled { disk.setTroubles([.failing(call: sync + 1, .inputOutput)]) }
        #expect(first.send([Sending()])[0].isSuccess == isKilled)
        let next = isKilled ? disk.afterKill(atCall: sync) : disk
        next.setTroubles([])
        #expect(try FoundArea(next, "known").known.count == 2, "seen, and not durable")
        #expect(try FoundArea(next.afterPowerCut(.losesAll), "cut").known.count == 1)
        #expect(try StoreTrial(next).send(Sending()) == .wasHere)
        #expect(try FoundArea(next.afterPowerCut(.losesAll), "acknowledged").known.count == 2)
    }

    // MARK: What else is known of the UID

    /// An area that knows the sample in place, in `/mnt`.
    static func withFileInPlace(_ duplicates: StorePolicy.Duplicates, _ sending: Sending) throws -> StoreTrial {
        let disk = CrashableDisk()
        try Folder.make("/mnt", kernel: disk)
        try File.open("/mnt/a", .creating, kernel: disk).append(sending.file)
        let trial = try StoreTrial(disk, StorePolicy(duplicates: duplicates))
        let index = try trial.store.index()
        let root = try index.root(of: "/mnt")
        let status = try File.status(of: "/mnt/a", kernel: disk)
        guard case .header(let header) = InstanceHeader.read(sending.file.rawSpan, isWhole: true) else {
            throw StoreFault.unreadable(.notDICOM)
        }
        let place = Place(
            root: root, path: Array("a".utf8), sizeBytes: status.sizeBytes, modificationNs: .max / 4,
            inode: status.inode, isTrusted: true, dataSetOffset: 0)
        try index.append([header.entry(at: place)])
        return trial
    }

    @Test(arguments: [StorePolicy.Duplicates.keepBoth, .keepFirst, .replace])
    func `a file in place counts, is served first, and is never touched`(duplicates: StorePolicy.Duplicates) throws {
        let trial = try Self.withFileInPlace(duplicates, Sending())
        let calls = trial.disk.callCount
        #expect(try trial.send(Sending().withOtherHead) == .wasHere)
        let other = Sending(1, pixelBytes: 1_300)
        let result = trial.send([other])[0]
        if duplicates == .keepFirst {
            #expect(result.fault == .duplicate)
        } else {
            guard case .success(.keptBoth) = result else {
                Issue.record("\(duplicates): \(result)")
                return
            }
            #expect(try Self.files(trial).first == Sending().file)
            #expect(try FoundArea(trial.disk, "stored").contents == FoundArea.contents(of: [other]))
        }
        #expect(try trial.disk.bytes(of: "/mnt/a") == Sending().file)
        let touching = trial.disk.calls.dropFirst(calls).filter { $0.path == "/mnt/a" && $0.isChange }
        // A copy that nobody may have synchronized is, before its sender is told that it is here.
        #expect(touching.allSatisfy { $0.kind == .open || $0.kind == .synchronize }, "\(touching)")
        #expect(touching.contains { $0.kind == .synchronize })
    }

    @Test(arguments: ["vanished", "cut", "a folder"], [StorePolicy.Duplicates.keepBoth, .keepFirst, .replace])
    func `a known file that is no longer what it was is in nobody's way`(
        how: String, duplicates: StorePolicy.Duplicates
    ) throws {
        let trial = try StoreTrial(CrashableDisk(), StorePolicy(duplicates: duplicates))
        guard case .stored(let relative) = try trial.send(Sending()) else { return }
        let path = StoreTrial.paths.instances.appending(relative)
        try File.remove(path, kernel: trial.disk)
        if how == "cut" { try File.open(path, .creating, kernel: trial.disk).append(Array(Sending().file.prefix(700))) }
        if how == "a folder" { try Folder.make(path, kernel: trial.disk) }
        for sending in [Sending(), Sending(1, pixel: 1)] {
            let result = trial.send([sending])[0]
            let isRefused = duplicates == .keepFirst && sending.dataSet != Sending().dataSet
            #expect(result.isSuccess != isRefused, "\(how), \(duplicates): \(result)")
            if isRefused { continue }
            let files = try Self.contents(trial).flatMap(\.places).compactMap { place in
                try? trial.disk.bytes(of: StoreTrial.paths.instances.appending(Path(bytes: place.path)))
            }
            #expect(files.contains(sending.file), "\(how), \(duplicates): whole, and known")
        }
    }

    @Test func `what was taken out on purpose and is sent anew is known again, and stays so in a rebuild`() throws {
        let trial = try StoreTrial()
        _ = try trial.send(Sending())
        let index = try trial.store.index()
        // Long after any time of this disk.
        let removedNs: Int64 = 5_000_000_000_000_000_000
        _ = try index.remove([.study(Sample.study)], nowNs: removedNs)
        #expect(try Self.contents(trial).isEmpty)
        #expect(try trial.send(Sending()).isStored)
        let place = try #require(try Self.contents(trial).first?.places.first)
        let latest = try index.removals().latestNs(naming: Self.entry())
        #expect(latest.map { place.modificationNs > $0 } == true, "a rebuild would take it out")
    }

    static func entry() throws -> InstanceEntry {
        guard case .header(let header) = InstanceHeader.read(Sending().file.rawSpan, isWhole: true) else {
            throw StoreFault.unreadable(.notDICOM)
        }
        return header.entry(at: .unknown)
    }

    // MARK: Together

    @Test(arguments: [StorePolicy.Duplicates.keepBoth, .keepFirst, .replace])
    func `of two with one UID that are stored together the second is judged by the first`(
        duplicates: StorePolicy.Duplicates
    ) throws {
        let trial = try StoreTrial(CrashableDisk(), StorePolicy(duplicates: duplicates))
        let results = trial.send([Sending(), Sending(2), Sending().withOtherHead, Sending(1, pixel: 1)])
        let outcomes = try results.prefix(3).map { try $0.get() }
        #expect(outcomes[0].isStored && outcomes[1].isStored && outcomes[2] == .wasHere)
        let found = try FoundArea(trial.disk, "\(duplicates)").contents
        switch duplicates {
        case .keepBoth: #expect(found == FoundArea.contents(of: [Sending(), Sending(2), Sending(1, pixel: 1)]))
        case .keepFirst: #expect(results[3].fault == .duplicate && found.count == 2)
        case .replace: #expect(found == FoundArea.contents(of: [Sending(2), Sending(1, pixel: 1)]))
        }
    }

    /// What comes of sendings that threads store at one time.
    static func storeAtOnce(_ trial: StoreTrial, _ sendings: [Sending]) throws -> [Result<StoreOutcome, StoreFault>] {
        let results = Guarded([Result<StoreOutcome, StoreFault>?](repeating: nil, count: sendings.count))
        let started = Monitor(0)
        var threads: [Parcel<Thread>] = []
        for (number, sending) in sendings.enumerated() {
            threads.append(
                Parcel(
                    try Thread { @Sendable in
                        started.withLock { $0 += 1 }
                        _ = started.withLock(when: { $0 == sendings.count }) { _ in }
                        let result = trial.send([sending])[0]
                        results.withLock { $0[number] = result }
                    }))
        }
        for thread in threads { thread.take().join() }
        return results.withLock { $0.compactMap { $0 } }
    }

    @Test(arguments: [StorePolicy.Duplicates.keepBoth, .keepFirst, .replace])
    func `the same instance from several threads is stored once, and all succeed`(
        duplicates: StorePolicy.Duplicates
    ) throws {
        for round in 1...4 {
            let trial = try StoreTrial(CrashableDisk(), StorePolicy(duplicates: duplicates))
            let sendings = [Sending(), Sending(), Sending().withOtherHead, Sending(), grouped, Sending()]
            let results = try Self.storeAtOnce(trial, sendings)
            let outcomes = results.compactMap { try? $0.get() }
            #expect(outcomes.count == sendings.count, "round \(round): \(results)")
            #expect(outcomes.filter(\.isStored).count == 1 && outcomes.filter { $0 == .wasHere }.count == 5)
            let found = try FoundArea(trial.disk, "round \(round)")
            #expect(found.known.count == 1 && found.files.count == 1 && found.incoming.isEmpty, "round \(round)")
        }
    }

    private var grouped: Sending { Self.grouped(Sending(), [0x0008]) }

    @Test func `different data sets of one UID from several threads are all kept, and the first is served`() throws {
        for round in 1...4 {
            let trial = try StoreTrial()
            let sendings = (0..<6).map { Sending(1, pixel: UInt8($0), pixelBytes: 1_000 + 2 * ($0 / 2)) }
            let results = try Self.storeAtOnce(trial, sendings)
            let faults = results.compactMap(\.fault)
            #expect(faults.isEmpty, "round \(round): \(faults)")
            let first = results.firstIndex { (try? $0.get().isStored) == true }
            #expect(results.filter { (try? $0.get().isStored) == true }.count == 1, "round \(round)")
            let found = try FoundArea(trial.disk, "round \(round)")
            #expect(found.contents == FoundArea.contents(of: sendings) && found.orphans.isEmpty, "round \(round)")
            #expect(
                try Self.files(trial).first == first.map { sendings[$0].file }, "round \(round): the first is served")
            for sending in sendings { #expect(try trial.send(sending) == .wasHere, "round \(round)") }
        }
    }

    @Test func `different data sets of one UID, of which one is to stay`() throws {
        for (round, duplicates) in [StorePolicy.Duplicates.keepFirst, .replace, .keepFirst, .replace].enumerated() {
            let trial = try StoreTrial(CrashableDisk(), StorePolicy(duplicates: duplicates))
            let sendings = (0..<5).map { Sending(1, pixel: UInt8($0)) }
            let results = try Self.storeAtOnce(trial, sendings)
            let faults = results.compactMap(\.fault)
            let found = try FoundArea(trial.disk, "round \(round)")
            #expect(found.known.count == 1 && found.files.count == 1 && found.incoming.isEmpty, "round \(round)")
            if duplicates == .keepFirst {
                #expect(faults == [StoreFault](repeating: .duplicate, count: 4), "round \(round): \(faults)")
            } else {
                #expect(faults.isEmpty, "round \(round): \(faults)")
            }
        }
    }

    @Test func `who was faster goes first, though his file is dated later`() throws {
        let trial = try StoreTrial()
        _ = try trial.send(Sending(9))
        let index = try trial.store.index()
        var entry = try Self.entry()
        let faster = Path("faster.dcm")
        let path = StoreTrial.paths.instances.appending(faster)
        try File.open(path, .creating, kernel: trial.disk).append(Sending().file)
        entry.fields.place = Place(
            root: 0, path: faster.bytes, sizeBytes: Sending().file.count, modificationNs: .max / 4, inode: 1,
            isTrusted: true, dataSetOffset: entry.place.dataSetOffset)
        let second = Sending(1, pixelBytes: 3_000)
        let links = trial.disk.calls.count { $0.kind == .link }
        let result = Guarded<Result<StoreOutcome, StoreFault>?>(nil)
        var thread: Parcel<Thread>?
        do {
            // The other one is at the journal when this one gets in.
            let lock = try index.lock(.append)
            thread = Parcel(
                try Thread { @Sendable in
                    let found = trial.send([second])[0]
                    result.withLock { $0 = found }
                })
            while trial.disk.calls.count(where: { $0.kind == .link }) == links {}
            #expect(try index.appendUnderLock(ImportBatch(entries: [entry])))
            withExtendedLifetime(lock) {}
        }
        thread?.take().join()
        guard case .success(.keptBoth)? = result.withLock({ $0 }) else {
            Issue.record("not kept")
            return
        }
        #expect(try Self.files(trial) == [Sending().file, second.file])
    }

    @Test func `data sets of one UID that replace each other over and over never lose the file that is known`() throws {
        for round in 1...12 {
            let trial = try StoreTrial(CrashableDisk(), StorePolicy(duplicates: .replace))
            let sendings = (0..<8).map { Sending(1, pixel: UInt8($0 % 2), pixelBytes: 1_000) }
            let faults = try Self.storeAtOnce(trial, sendings).compactMap(\.fault)
            #expect(faults.isEmpty, "round \(round): \(faults)")
            let found = try FoundArea(trial.disk, "round \(round)")
            #expect(found.known.count == 1 && found.incoming.isEmpty, "round \(round): \(found.contents)")
            #expect(sendings.prefix(2).contains { [$0.file] == Array(found.known.values) }, "round \(round)")
        }
    }

    @Test func `associations that hold the same instances in another order don't wait for each other`() throws {
        let trial = try StoreTrial()
        let sendings = (1...6).map { Sending($0) }
        let done = Guarded<[Bool]>([])
        let threads = try [sendings, sendings.reversed()].map { list in
            Parcel(
                try Thread { @Sendable in
                    let results = trial.send(list)
                    done.withLock { $0 += results.map(\.isSuccess) }
                })
        }
        let begun = MonotonicInstant.now()
        for thread in threads { thread.take().join() }
        #expect(MonotonicInstant.now().seconds(since: begun) < 10)
        #expect(done.withLock { $0 }.filter { $0 }.count == 12)
        #expect(try FoundArea(trial.disk, "both").contents == FoundArea.contents(of: sendings))
    }
}

extension StoreOutcome {
    var isStored: Bool {
        if case .stored = self { true } else { false }
    }
}

extension Result {
    var fault: Failure? {
        if case .failure(let fault) = self { fault } else { nil }
    }
}
