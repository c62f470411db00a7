// Room: what is kept free on the disk, and the quotas on what was stored.

import ArchiveIndex
import DICOM
import Platform
import Support
import Testing

@testable import Archive

@Suite("Room of an area, hardening R6") struct AreaRoomTests {
    static func disk(
        freeBytes: UInt64 = 1 << 40, totalBytes: UInt64 = 1 << 41, freeInodes: UInt64 = 1 << 20,
        totalInodes: UInt64 = 1 << 21
    ) -> CrashableDisk {
        let disk = CrashableDisk()
        disk.setFileSystem(
            FileSystem(
                freeBytes: freeBytes, totalBytes: totalBytes, freeInodes: freeInodes, totalInodes: totalInodes))
        return disk
    }

    static func policy(_ change: (inout AreaLimits) -> Void = { _ in }) -> StorePolicy {
        var policy = StorePolicy()
        change(&policy.limits)
        return policy
    }

    /// A table that was counted.
    static func usage(bytes: Int = 0, studies: Int = 0) throws -> AreaUsage {
        let usage = AreaUsage(try SharedTable(count: 2 * AreaUsage.slots), area: 1)
        usage.set(bytes: bytes, studies: studies)
        return usage
    }

    /// The same instance in a study of its own.
    static func sending(_ number: Int, study: Int, pixelBytes: Int = 1_200) -> Sending {
        Sending(number, pixelBytes: pixelBytes) { set in
            set.set(.studyInstanceUID, uid: UID("\(Sample.study).\(study)") ?? Sample.study)
        }
    }

    static func quota(_ result: Result<StoreOutcome, StoreFault>) -> StoreFault.Quota? {
        if case .overQuota(let quota)? = result.fault { quota } else { nil }
    }

    // MARK: The disk

    @Test(arguments: [
        (1 << 30, 1 << 40, false), (1 << 40, 1 << 41, true), ((1 << 30) - 1, 10 << 30, false),
        (1 << 30, 10 << 30, true),
        ((1 << 41) / 100, 1 << 41, true), ((1 << 41) / 100 - 1, 1 << 41, false), (0, 0, false),
    ])
    func `a GiB and a hundredth of the disk are kept free`(free: Int, total: Int, isRoom: Bool) throws {
        let trial = try StoreTrial(Self.disk(freeBytes: UInt64(free), totalBytes: UInt64(total)))
        let result = trial.send([Sending()])[0]
        #expect(result.isSuccess == isRoom)
        guard !isRoom else { return }
        #expect(Self.quota(result) == .freeBytes(left: UInt64(free), minimum: UInt64(max(1 << 30, total / 100))))
        #expect(try !File.exists(StoreTrial.paths.instances, kernel: trial.disk), "nothing is left")
        // Room comes back, and stores go on by themselves.
        trial.disk.setFileSystem(
            FileSystem(freeBytes: 1 << 40, totalBytes: 1 << 41, freeInodes: 1 << 20, totalInodes: 1 << 21))
        #expect(trial.send([Sending()])[0].isSuccess)
    }

    @Test func `inodes are kept free where the file system counts them`() throws {
        let short = try StoreTrial(Self.disk(freeInodes: 9_999))
        #expect(Self.quota(short.send([Sending()])[0]) == .freeInodes(left: 9_999, minimum: 10_000))
        #expect(try StoreTrial(Self.disk(freeInodes: 10_000)).send(Sending()).isStored)
        #expect(try StoreTrial(Self.disk(freeInodes: 0, totalInodes: 0)).send(Sending()).isStored)
    }

    @Test func `what is kept free is the operator's to say`() throws {
        let policy = Self.policy {
            $0.freeBytesMinimum = { $0 / 2 }
            $0.freeInodesMinimum = 0
        }
        #expect(
            try StoreTrial(Self.disk(freeBytes: 500, totalBytes: 1_000, freeInodes: 0), policy).send(Sending()).isStored
        )
        let short = try StoreTrial(Self.disk(freeBytes: 499, totalBytes: 1_000), policy)
        #expect(Self.quota(short.send([Sending()])[0]) == .freeBytes(left: 499, minimum: 500))
    }

    @Test func `a disk that is full for good refuses, keeps nothing, and takes all once there is room`() throws {
        let undisturbed = try StoreTrial()
        undisturbed.send([Sending(1), Sending(2)])
        let writes = undisturbed.disk.calls.indices.filter { undisturbed.disk.calls[$0].takesSpace }
        for number in writes.dropFirst(2) {
            let disk = CrashableDisk()
            let trial = try StoreTrial(disk)
            disk.setTroubles(
                [.write, .makeFolder, .link].map { .failingFrom(call: number + 1, $0, .noSpace) })
            let results = trial.send([Sending(1), Sending(2)])
            let what = "full from call \(number + 1) \(undisturbed.disk.calls[number]) on"
            let found = try FoundArea(disk.afterKill(), what)
            #expect(found.incoming.isEmpty && found.orphans.isEmpty && found.emptyFolders.isEmpty, "\(what)")
            #expect(results.filter(\.isSuccess).isEmpty || found.known.count == 2, "\(what)")
            disk.setTroubles([])
            for result in trial.send([Sending(1), Sending(2)]) { #expect(result.isSuccess, "\(what): \(result)") }
            #expect(try FoundArea(disk, what).known.count == 2, "\(what)")
        }
    }

    // MARK: Quotas

    @Test func `MaxBytes counts what was stored, to the byte`() throws {
        let size = Sending(1).file.count
        let usage = try Self.usage(bytes: 100)
        let trial = try StoreTrial(Self.disk(), Self.policy { $0.bytesMaximum = 100 + 2 * size }, usage: usage)
        #expect(try trial.send(Sending(1)).isStored && usage.bytes == 100 + size)
        #expect(try trial.send(Sending(1)) == .wasHere && usage.bytes == 100 + size)
        let longer = Sending(2, pixelBytes: 1_202)
        #expect(Self.quota(trial.send([longer])[0]) == .areaBytes(used: 100 + size, maximum: 100 + 2 * size))
        #expect(usage.bytes == 100 + size)
        #expect(try trial.send(Sending(2)).isStored && usage.bytes == 100 + 2 * size)
        // Full: it is refused before it arrives.
        let calls = trial.disk.callCount
        #expect(
            Self.quota(trial.send([Sending(3)])[0]) == .areaBytes(used: 100 + 2 * size, maximum: 100 + 2 * size))
        #expect(trial.disk.callCount == calls)
        #expect(try FoundArea(trial.disk, "full").known.count == 2)
    }

    // MARK: Together

    /// What comes of instances that have all arrived before the first is stored: how many were, and why others weren't.
    static func together(
        _ sendings: [Sending], _ policy: StorePolicy, _ usage: AreaUsage
    ) throws -> (stored: Int, quotas: [StoreFault.Quota], trial: StoreTrial) {
        let trial = try StoreTrial(disk(), policy, usage: usage)
        let results = trial.send(sendings)
        let found = try FoundArea(trial.disk, "together")
        #expect(found.known.count == results.count(where: \.isSuccess) && found.orphans.isEmpty)
        return (found.known.count, results.compactMap(quota), trial)
    }

    @Test func `who arrives together doesn't find the same room`() throws {
        let size = Self.sending(1, study: 1).file.count
        let sendings = (1...6).map { Self.sending($0, study: $0) }
        var usage = try Self.usage()
        var end = try Self.together(sendings, Self.policy { $0.bytesMaximum = 2 * size + 1 }, usage)
        #expect(end.stored == 2 && usage.bytes == 2 * size)
        #expect(
            end.quotas == [StoreFault.Quota](repeating: .areaBytes(used: 2 * size, maximum: 2 * size + 1), count: 4))

        usage = try Self.usage()
        end = try Self.together(sendings, Self.policy { $0.studiesMaximum = 3 }, usage)
        #expect(end.stored == 3 && usage.studies == 3 && usage.bytes == 3 * size)
        #expect(end.quotas == [StoreFault.Quota](repeating: .studies(count: 3, maximum: 3), count: 3))

        // Many of few studies: each counts once.
        let ofTwo = (1...6).map { Self.sending($0, study: $0 % 2) }
        usage = try Self.usage()
        end = try Self.together(ofTwo, Self.policy { $0.studiesMaximum = 2 }, usage)
        #expect(end.stored == 6 && usage.studies == 2)

        usage = try Self.usage()
        end = try Self.together(ofTwo, Self.policy { $0.studyBytesMaximum = 2 * size }, usage)
        #expect(end.stored == 4 && usage.bytes == 4 * size)
        #expect(end.quotas == [StoreFault.Quota](repeating: .studyBytes(used: 2 * size, maximum: 2 * size), count: 2))
    }

    @Test func `threads that store at once stay within the quota`() throws {
        let size = Self.sending(1, study: 1).file.count
        let usage = try Self.usage()
        let policy = Self.policy {
            $0.bytesMaximum = 10 * size
            $0.studiesMaximum = 7
        }
        let trial = try StoreTrial(Self.disk(), policy, usage: usage)
        let threads = try (0..<24).map { number in
            Parcel(try Thread { _ = trial.send([Self.sending(number + 1, study: number + 1)]) })
        }
        for thread in threads { thread.take().join() }
        #expect(try FoundArea(trial.disk, "threads").known.count == 7)
        #expect(usage.bytes == 7 * size && usage.studies == 7)
    }

    @Test func `room that isn't used is given back`() throws {
        let size = Self.sending(1, study: 1).file.count
        let policy = Self.policy {
            $0.bytesMaximum = 2 * size
            $0.studiesMaximum = 1
            $0.studyBytesMaximum = 2 * size
        }
        for kind in [DiskCall.Kind.link, .synchronize] {
            let usage = try Self.usage()
            let trial = try StoreTrial(Self.disk(), policy, usage: usage)
            for attempt in 1...4 {
                trial.disk.setTroubles([.failingFrom(call: trial.disk.callCount + 1, kind, .noSpace)])
                let both = [Self.sending(1, study: attempt), Self.sending(2, study: attempt)]
                for result in trial.send(both) {
                    guard case .file? = result.fault else {
                        Issue.record("\(kind): \(result)")
                        continue
                    }
                }
                #expect(usage.bytes == 0 && usage.studies == 0, "\(kind)")
                trial.disk.setTroubles([])
            }
            #expect(try trial.send(Self.sending(1, study: 9)).isStored)
            #expect(usage.bytes == size && usage.studies == 1 && usage.stored == .init(bytes: size, studies: 1))
        }
    }

    @Test func `a count leaves what is reserved meanwhile, and a dead process's part is given back`() throws {
        let table = try SharedTable(count: AreaUsage.slots)
        let usage = AreaUsage(table, area: 0)
        #expect(usage.reserve(bytes: 30, maximum: 10) == nil, "not counted yet")
        let before = usage.stored
        #expect(before == .init(bytes: 0, studies: 0) && usage.bytes == 30)
        // While the area is counted, something is stored, and something else arrives.
        usage.keep(bytes: 30, studies: 0)
        #expect(usage.reserve(bytes: 7, maximum: 40) == nil && usage.reserveStudy(maximum: 1) == nil)
        usage.set(bytes: 100, studies: 4, before: before)
        #expect(usage.bytes == 137 && usage.studies == 5 && usage.stored == .init(bytes: 130, studies: 4))
        // What a count of the same says changes nothing.
        usage.set(bytes: 130, studies: 4)
        #expect(usage.bytes == 137 && usage.studies == 5)
        #expect(usage.reserve(bytes: 4, maximum: 140) == 137 && usage.reserveStudy(maximum: 5) == 5)
        AreaUsage.giveBack(heldBy: Program.processID &+ 1, in: table)
        #expect(usage.bytes == 137, "another's")
        AreaUsage.giveBack(heldBy: Program.processID, in: table)
        #expect(usage.bytes == 130 && usage.studies == 4 && usage.stored == .init(bytes: 130, studies: 4))
    }

    @Test func `no more than fits is reserved by threads`() throws {
        let usage = try Self.usage(bytes: 100)
        let reserved = Guarded(0)
        let threads = try (0..<4).map { _ in
            Parcel(
                try Thread {
                    for _ in 0..<1_000 where usage.reserve(bytes: 3, maximum: 1_000) == nil {
                        reserved.withLock { $0 += 1 }
                    }
                })
        }
        for thread in threads { thread.take().join() }
        #expect(reserved.withLock { $0 } == 300 && usage.bytes == 1_000 && usage.stored.bytes == 100)
    }

    @Test func `what is replaced counts no more`() throws {
        let usage = try Self.usage()
        var policy = Self.policy { $0.bytesMaximum = 1 << 30 }
        policy.duplicates = .replace
        let trial = try StoreTrial(Self.disk(), policy, usage: usage)
        _ = try trial.send(Sending(1))
        _ = try trial.send(Sending(1, pixelBytes: 3_000))
        #expect(usage.bytes == Sending(1, pixelBytes: 3_000).file.count)
    }

    @Test func `only so many studies are taken, and those that are there grow`() throws {
        let usage = try Self.usage()
        let trial = try StoreTrial(Self.disk(), Self.policy { $0.studiesMaximum = 2 }, usage: usage)
        #expect(try trial.send(Self.sending(1, study: 1)).isStored)
        #expect(try trial.send(Self.sending(2, study: 1)).isStored && usage.studies == 1)
        #expect(try trial.send(Self.sending(3, study: 2)).isStored && usage.studies == 2)
        #expect(Self.quota(trial.send([Self.sending(4, study: 3)])[0]) == .studies(count: 2, maximum: 2))
        #expect(try trial.send(Self.sending(5, study: 2)).isStored && usage.studies == 2)
        #expect(try FoundArea(trial.disk, "studies").known.count == 4)
    }

    @Test func `a study takes so many bytes, whoever stored them`() throws {
        let size = Self.sending(1, study: 1).file.count
        let disk = Self.disk()
        let policy = Self.policy { $0.studyBytesMaximum = 2 * size }
        let first = try StoreTrial(disk, policy)
        let second = try StoreTrial(disk, policy)
        #expect(try first.send(Self.sending(1, study: 1)).isStored)
        #expect(try second.send(Self.sending(2, study: 1)).isStored)
        #expect(
            Self.quota(second.send([Self.sending(3, study: 1)])[0]) == .studyBytes(used: 2 * size, maximum: 2 * size))
        #expect(try second.send(Self.sending(4, study: 2)).isStored, "another study isn't full")
    }

    @Test func `what is indexed in place is nobody's quota`() throws {
        let trial = try StoreAttemptTests.withFileInPlace(.keepBoth, Sending(1))
        let usage = try Self.usage()
        let size = Sending(2).file.count
        let policy = Self.policy {
            $0.studyBytesMaximum = size
            $0.studiesMaximum = 1
        }
        let limited = try StoreTrial(trial.disk, policy, usage: usage)
        #expect(try limited.send(Sending(2)).isStored && usage.studies == 1)
        #expect(Self.quota(limited.send([Sending(3)])[0]) == .studyBytes(used: size, maximum: size))
        #expect(try trial.store.index().snapshot().study(Sample.study)?.stored()?.bytes == size)
    }

    @Test func `nothing is refused for its quota before the area was counted`() throws {
        let usage = AreaUsage(try SharedTable(count: AreaUsage.slots), area: 0)
        let policy = Self.policy {
            $0.bytesMaximum = 1
            $0.studiesMaximum = 0
        }
        let trial = try StoreTrial(Self.disk(), policy, usage: usage)
        #expect(try trial.send(Sending()).isStored)
        usage.set(bytes: Sending().file.count, studies: 1)
        #expect(Self.quota(trial.send([Sending(2)])[0]) != nil)
    }

    @Test func `areas count apart, from several threads, and never below nothing`() throws {
        let table = try SharedTable(count: 2 * AreaUsage.slots)
        let (first, second) = (AreaUsage(table, area: 0), AreaUsage(table, area: 1))
        first.set(bytes: 10, studies: 1)
        #expect(first.isBinding && !second.isBinding)
        let threads = try (0..<4).map { _ in
            Parcel(try Thread { for _ in 0..<1_000 { second.add(bytes: 3, studies: 1) } })
        }
        for thread in threads { thread.take().join() }
        #expect(second.bytes == 12_000 && second.studies == 4_000)
        #expect(first.bytes == 10 && first.studies == 1)
        second.add(bytes: -20_000, studies: -5_000)
        #expect(second.bytes == 0 && second.studies == 0)
    }
}
