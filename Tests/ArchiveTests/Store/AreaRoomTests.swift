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
