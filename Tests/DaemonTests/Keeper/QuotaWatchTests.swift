// Room that is made by deleting what came first, on a disk that becomes read-only meanwhile, and what is never deleted.

import ArchiveIndex
import Configuration
import Platform
import Support
import Testing

@testable import Archive
@testable import Daemon

@Suite("Quotas that delete, hardening R4, T17") struct QuotaWatchTests {
    static let parameters = "MaxBytes = 30kb\nQuotaAction = delete-oldest\nRetentionDays = 0"
    static let log = Logger(daemon: "d", level: .error, to: LogSink())

    /// Four studies of two instances each, half as much again as the quota.
    static func full() throws -> CrashableDisk {
        let disk = CrashableDisk()
        let kept = try KeptArea(parameters, kernel: disk)
        for study in 1...4 {
            for instance in 1...2 { _ = try kept.store(study: study, instance: instance, pixelBytes: 4_700) }
        }
        return disk
    }

    /// Attends until `isDone`; time passes between two searches.
    static func attend(
        _ watch: QuotaWatch, _ kept: KeptArea, until isDone: () throws -> Bool
    ) throws {
        let end = Deadline(afterSeconds: 20)
        let index = try kept.index()
        while try !isDone() {
            try #require(!end.hasPassed)
            try watch.attend(index)
        }
    }

    /// Runs until what is left is within the quota.
    static func makeRoom(_ watch: QuotaWatch, _ kept: KeptArea) throws {
        try attend(watch, kept) { try kept.studies().values.reduce(0, +) <= 4 }
    }

    @Test func `the first go, and what is left is within the quota`() throws {
        let kept = try KeptArea(Self.parameters, kernel: try Self.full())
        try Self.makeRoom(QuotaWatch(kept.area, log: Self.log, kernel: kept.kernel), kept)
        #expect(try kept.studies() == ["1.2.3": 2, "1.2.4": 2])
        let usage = try #require(kept.area.usage)
        #expect(usage.studies == 2 && usage.bytes < 30 << 10 && !usage.isBinding)
    }

    @Test func `a study that something arrived for since stays, and the last one always`() throws {
        let disk = try Self.full()
        let kept = try KeptArea(Self.parameters, kernel: disk)
        let watch = QuotaWatch(kept.area, log: Self.log, kernel: disk)
        // The count that the search is made by, and one more for the oldest behind it.
        let studies = try kept.index().snapshot().storedStudies()
        let oldest = try #require(studies.min { $0.lastNs < $1.lastNs })
        _ = try kept.store(study: 1, instance: 3)
        let deletion = StudyDeletion(try kept.index(), kept.area.paths, kernel: disk)
        #expect(try deletion.delete(oldest.studyInstanceUID, throughNs: oldest.lastNs) == nil)
        #expect(try kept.studies()["1.2.1"] == 3)
        // Study 1 came last now: the next ones go.
        try Self.attend(watch, kept) { try kept.studies().count < 3 }
        #expect(try kept.studies() == ["1.2.4": 2, "1.2.1": 3])
        // One that is more than the quota by itself.
        let large = try KeptArea(Self.parameters, kernel: CrashableDisk())
        _ = try large.store(study: 1, pixelBytes: 40_000)
        let alone = QuotaWatch(large.area, log: Self.log, kernel: large.kernel)
        try Self.attend(alone, large) { large.area.usage?.isBinding == true }
        #expect(try large.studies() == ["1.2.1": 1])
    }

    @Test func `while the second of two studies is arriving, a quota of two refuses none`() throws {
        let disk = CrashableDisk()
        let kept = try KeptArea(
            "QuotaAction = delete-oldest\nRetentionDays = 0", studiesMaximum: 2, kernel: disk)
        let usage = try #require(kept.area.usage)
        try kept.store(study: 1)
        let watch = QuotaWatch(kept.area, log: Self.log, kernel: kept.kernel)
        let index = try kept.index()
        try watch.attend(index)
        // There was room for it; its entry isn't in the index yet.
        #expect(usage.reserveStudy(maximum: 2) == nil)
        var calls: Int?
        try Self.attend(watch, kept) {
            // Until a look has searched: no other calls the disk.
            defer { calls = calls ?? disk.callCount }
            return calls.map { disk.callCount > $0 } ?? false
        }
        #expect(!usage.isBinding, "refused at the first search")
        #expect(usage.reserveStudy(maximum: 2) == nil)
        usage.giveBack(bytes: 0, studies: 2)
        // Once they are there, the first go.
        for study in 2...3 { try kept.store(study: study) }
        try Self.attend(watch, kept) { try kept.studies().count < 2 }
        #expect(try kept.studies() == ["1.2.3": 1])
    }

    @Test func `a disk that becomes read-only keeps what is known whole, and once it can be written to all goes on`()
        throws
    {
        let full = try Self.full()
        var number = 0
        var isOver = false
        var leftovers = 0
        while !isOver {
            // Each search takes its time: some of its calls.
            number += 3
            let disk = full.afterKill()
            let kept = try KeptArea(Self.parameters, kernel: disk)
            let usage = try #require(kept.area.usage)
            let watch = QuotaWatch(kept.area, log: Self.log, kernel: disk, pauseSeconds: 3_600)
            let index = try kept.index()
            // The first count; what follows makes room.
            try watch.attend(index)
            let what = "read-only from call \(number) on"
            disk.setTroubles([.readOnly(fromCall: disk.callCount + number)])
            var fault: StoreFault?
            do throws(StoreFault) {
                let end = Deadline(afterSeconds: 20)
                while usage.studies > 2, !end.hasPassed { try watch.attend(index) }
            } catch {
                fault = error
            }
            isOver = usage.studies <= 2
            if isOver { break }
            #expect("\(fault, default: "nothing")".contains("Read-only file system"), "\(what)")
            // It is said, refused to those who store, and not tried over and over.
            #expect(usage.isBinding, "\(what)")
            #expect(throws: StoreFault.self, "\(what)") { try kept.store(study: 9) }
            let calls = disk.callCount
            try watch.attend(index)
            #expect(disk.callCount == calls, "\(what): tried again at once")
            // Of each study that was being deleted, what is known no longer may lie there still; and nothing else.
            let known = try kept.studies(what)
            let orphans = try Self.files(disk).count - known.values.reduce(0, +)
            #expect((0...2).contains(orphans), "\(what)")
            leftovers = max(leftovers, orphans)
            disk.setTroubles([])
            let next = QuotaWatch(kept.area, log: Self.log, kernel: disk)
            try Self.attend(next, kept) { !usage.isBinding }
            #expect(try kept.studies(what).values.allSatisfy { $0 <= 2 }, "\(what)")
            #expect(try kept.index().verify().allSatisfy(\.isRemark), "\(what)")
            #expect(try kept.store(study: 9) != .wasHere, "\(what)")
        }
        #expect(number > 20 && leftovers == 2, "\(number) calls, \(leftovers) left")
    }

    /// All files that were stored.
    static func files(_ disk: CrashableDisk) throws -> [Path] {
        var folders: [Path] = [KeptArea.memory.appending("instances")]
        var files: [Path] = []
        while let folder = folders.popLast() {
            for entry in try Folder.entries(of: folder, kernel: disk) {
                let path = folder.appending(entry.path)
                if entry.kind == .folder { folders.append(path) } else { files.append(path) }
            }
        }
        return files
    }
}
