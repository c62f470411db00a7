// Taking out on purpose: gone from every answer, noted, kept out by every import, and brought back by an undo.

import DICOM
import Platform
import Support
import Testing

@testable import ArchiveIndex

@Suite("Removing on purpose, FORMAT.md 8.8") struct RemovingTests {
    static let index: Path = "/area/index"
    /// Later than all samples.
    static let nowNs: Int64 = 1_800_000_000_000_000_000

    static func archive(_ disk: CrashableDisk, numbers: [Int] = Array(0..<12)) throws -> IndexFolder {
        let folder = try IndexFolder.create(at: index, kernel: disk)
        #expect(try folder.root(of: "/mnt") == 1)
        try add(numbers.map { Samples.regular($0) }, to: folder)
        return folder
    }

    static func add(_ entries: [InstanceEntry], to folder: IndexFolder) throws {
        let session = folder.importSession()
        try session.add(entries)
        try session.finish()
    }

    static func paths(_ folder: IndexFolder, root: Int = 1) throws -> Set<[UInt8]> {
        var found: Set<[UInt8]> = []
        var files = try folder.snapshot().files(root: root)
        while let file = try files.next() {
            if file.kind == .instance { found.insert(file.place.path) }
        }
        return found
    }

    static func answers(_ entries: [InstanceEntry]) throws -> Answers {
        let tree = StandInTree()
        for entry in entries { tree.put(entry) }
        return try tree.answers()
    }

    @Test(arguments: [Level.patient, .study, .series, .image])
    func `what is removed is gone, stays out, and comes back after an undo`(level: Level) throws {
        let disk = CrashableDisk()
        // Two patients of two studies of two series.
        let entries = [0, 1, 100, 400, 401, 800, 1_200].map { Samples.regular($0) }
        let folder = try Self.archive(disk, numbers: [])
        try Self.add(entries, to: folder)
        let first = entries[0]
        let removal: Removal =
            switch level {
            case .patient: .patient(id: first.patientID, issuer: [])
            case .study: .study(first.studyInstanceUID)
            case .series: .series(first.seriesInstanceUID)
            case .image: .instance(first.sopInstanceUID)
            }
        let named = entries.filter(removal.names)
        #expect(named.count == [Level.patient: 5, .study: 3, .series: 2, .image: 1][level])
        let left = Set(entries.filter { !removal.names($0) }.map(\.place.path))
        let report = try folder.remove([removal], nowNs: Self.nowNs)
        #expect(report.files == named.count && report.filesDatedLater == 0 && !report.wasNoted)
        #expect(try Self.paths(folder) == left)
        #expect(try folder.snapshot().instances(first.sopInstanceUID).isEmpty)
        #expect(try folder.removals().throughNs == [removal: Self.nowNs - 2_000_000_000])
        // An import that has read the files brings nothing back, and what is left of them is known as taken out.
        try Self.add(entries, to: folder)
        #expect(try Self.paths(folder) == left)
        let mark = try #require(try folder.snapshot().file(root: 1, path: first.place.path))
        #expect(mark.kind == .foreign(reason: 15) && mark.place.sizeBytes == first.place.sizeBytes)
        #expect(mark.place.inode == first.place.inode && mark.place.isTrusted)
        #expect(try folder.verify().isEmpty)
        // A changed file comes in, and so does a store.
        var changed = first
        changed.fields.place.modificationNs = Self.nowNs + 1
        try Self.add([changed], to: folder)
        #expect(try Self.paths(folder) == left.union([first.place.path]))
        try Self.add([first], to: folder)
        let undone = try folder.undo([removal])
        #expect(undone.wasNoted && undone.files == named.count)
        #expect(try folder.snapshot().file(root: 1, path: first.place.path) == nil)
        try Self.add(entries, to: folder)
        #expect(try Answers(folder.snapshot()) == Self.answers(entries))
        #expect(try folder.undo([removal]).wasNoted == false)
    }

    @Test func `of a study with two patients only what was sent with the removed one goes`() throws {
        let disk = CrashableDisk()
        var other = Samples.regular(1)
        other.fields.patientID = Array("OTHER".utf8)
        let folder = try Self.archive(disk, numbers: [0])
        try Self.add([other], to: folder)
        let report = try folder.remove([.patient(id: other.patientID, issuer: [])], nowNs: Self.nowNs)
        #expect(report.files == 1 && report.studies == 1 && report.instances == 1)
        #expect(try Self.paths(folder) == [Samples.regular(0).place.path])
        #expect(try folder.remove([.patient(id: [1, 2], issuer: [3])], nowNs: Self.nowNs).files == 0)
    }

    @Test func `a file as new as the removal is taken out, one of the future too, and a store of that moment stays`()
        throws
    {
        let disk = CrashableDisk()
        let folder = try Self.archive(disk, numbers: [])
        var fresh = Samples.regular(0)
        fresh.fields.place.modificationNs = Self.nowNs - 5
        var future = Samples.regular(1)
        future.fields.place.modificationNs = Self.nowNs + 1_000_000_000_000
        try Self.add([fresh, future], to: folder)
        let removal = Removal.study(fresh.studyInstanceUID)
        #expect(try folder.remove([removal], nowNs: Self.nowNs).filesDatedLater == 1)
        #expect(try Self.paths(folder).isEmpty)
        #expect(try folder.removals().throughNs == [removal: Self.nowNs])
        var stored = Samples.regular(2, root: 0)
        stored.fields.place.modificationNs = Self.nowNs + 1
        try folder.append([stored])
        #expect(try Self.paths(folder, root: 0) == [stored.place.path])
        let report = try folder.remove([removal], nowNs: Self.nowNs + 2)
        #expect(report.wasNoted && report.files == 1)
        #expect(try Self.paths(folder, root: 0).isEmpty)
    }

    @Test func `a file that is known in another state by now isn't taken out`() throws {
        let disk = CrashableDisk()
        let folder = try Self.archive(disk)
        let old = Samples.regular(0)
        var changed = Samples.regular(1)
        changed.fields.place = old.place
        changed.fields.place.sizeBytes += 1
        try Self.add([changed], to: folder)
        try folder.publish(
            ImportBatch(takenOut: [ForeignFile(takenOut: old.place)]))
        #expect(try Self.paths(folder).contains(old.place.path))
        try folder.publish(
            ImportBatch(
                unmarked: [RootedPath(root: 1, path: old.place.path)]))
        #expect(try Self.paths(folder).contains(old.place.path))
    }

    @Test func `what an import puts into the journal stays out like what it publishes, and a store comes in`() throws {
        let disk = CrashableDisk()
        let folder = try Self.archive(disk, numbers: [0])
        let entry = Samples.regular(0)
        _ = try folder.remove([.study(entry.studyInstanceUID)], nowNs: Self.nowNs)
        _ = try folder.root(of: "/other")
        try folder.remove(root: 2)
        var newer = Samples.regular(1)
        newer.fields.place.modificationNs = Self.nowNs
        let session = folder.importSession()
        try session.add([entry, Samples.regular(2), newer, Samples.regular(3, root: 2)])
        try session.append()
        #expect(try Self.paths(folder) == [newer.place.path])
        #expect(
            try folder.snapshot().file(root: 1, path: Samples.regular(2).place.path)?.kind == .foreign(reason: 15))
        #expect(try folder.fileCounts(ofRoot: 2) == (0, 0))
        #expect(try folder.current().runs.count == 1)
        let stored = Samples.regular(4, root: 0)
        try folder.append([stored])
        #expect(try Self.paths(folder, root: 0) == [stored.place.path])
    }

    @Test func `a removal waits for an import that appends, and takes out what that one read before the note`() throws {
        let area = try TemporaryFolder()
        let path = area.appending("index")
        let folder = try IndexFolder.create(at: path)
        #expect(try folder.root(of: "/mnt") == 1)
        let entry = Samples.regular(0)
        var lock: OpenFile? = try folder.lock(.append)
        // The import has read `roots`, and has the lock.
        let admitted = try folder.listedRoots().admitted(
            of: ImportBatch(entries: [entry]))
        let isDone = Guarded(false)
        let remover = try Thread(named: "removes") {
            let folder = try! IndexFolder.open(at: path)
            _ = try! folder.remove([.study(entry.studyInstanceUID)], nowNs: Self.nowNs)
            isDone.withLock { $0 = true }
        }
        while try folder.removals().isEmpty {}
        // Who waits for the append lock is the next one.
        var isWaiting = false
        while !isWaiting, !isDone.withLock({ $0 }) {
            do throws(IndexFault) { _ = try folder.lock(.appendNext, waitingSeconds: 0) } catch { isWaiting = true }
        }
        #expect(isWaiting)
        #expect(try folder.appendUnderLock(admitted))
        withExtendedLifetime(lock) {}
        lock = nil
        remover.join()
        #expect(try Self.paths(folder).isEmpty)
        #expect(try folder.snapshot().file(root: 1, path: entry.place.path)?.kind == .foreign(reason: 15))
    }

    @Test func `a root that is removed is gone with its files, keeps its number, and comes back where it is named`()
        throws
    {
        let disk = CrashableDisk()
        let folder = try Self.archive(disk)
        #expect(try folder.root(of: "/other") == 2)
        try Self.add([Samples.regular(50, root: 2)], to: folder)
        let foreign = ForeignFile(
            Place(root: 1, path: [0x78], sizeBytes: 1, modificationNs: 2, inode: 3, isTrusted: true, dataSetOffset: 0),
            reason: 1)
        let session = folder.importSession()
        try session.add(foreign)
        try session.finish()
        #expect(try folder.fileCounts(ofRoot: 1) == (12, 1))
        try folder.remove(root: 1)
        #expect(try folder.fileCounts(ofRoot: 1) == (0, 0))
        #expect(try folder.goneRoots() == [1])
        #expect(try folder.roots()[1] == "/mnt")
        // An import that was going on publishes nothing of it.
        try Self.add([Samples.regular(3), Samples.regular(51, root: 2)], to: folder)
        let late = folder.importSession()
        try late.add(foreign)
        try late.finish()
        #expect(try folder.fileCounts(ofRoot: 1) == (0, 0))
        #expect(try Self.paths(folder, root: 2).count == 2)
        #expect(try folder.root(of: "/third") == 3)
        #expect(try folder.verify().isEmpty)
        #expect(try folder.root(of: "/mnt") == 1)
        #expect(try folder.goneRoots().isEmpty)
        try Self.add([Samples.regular(3)], to: folder)
        #expect(try Self.paths(folder).count == 1)
        try folder.remove(root: 1)
        #expect(try folder.undoRemoval(ofRoot: 1))
        #expect(try !folder.undoRemoval(ofRoot: 1))
        #expect(throws: IndexFault.self) { try folder.remove(root: 0) }
        #expect(throws: IndexFault.self) { try folder.remove(root: 9) }
    }

    /// Removes a study, another one, undoes the first, removes a root; after each step what must be there.
    static func play(_ disk: CrashableDisk, note: (Set<[UInt8]>) -> Void) throws {
        let entries = [0, 1, 400, 800].map { Samples.regular($0) }
        var paths = Set(entries.map(\.place.path))
        let folder = try archive(disk, numbers: [0, 1, 400, 800])
        note(paths)
        func remove(_ removal: Removal) throws {
            _ = try folder.remove([removal], nowNs: nowNs)
            paths.subtract(entries.filter(removal.names).map(\.place.path))
            note(paths)
        }
        try remove(.study(entries[0].studyInstanceUID))
        try remove(.patient(id: entries[3].patientID, issuer: []))
        _ = try folder.undo([.study(entries[0].studyInstanceUID)])
        note(paths)
        try add(entries, to: folder)
        paths = Set(entries[..<3].map(\.place.path))
        note(paths)
        try folder.remove(root: 1)
        note([])
    }

    @Test func `after a power cut at any call what is removed stays removed, and the same once more goes on`() throws {
        let disk = CrashableDisk(keepsMoments: true)
        var steps: [(calls: Int, paths: Set<[UInt8]>)] = []
        try Self.play(disk) { steps.append((disk.callCount, $0)) }
        let start = try #require(steps.first?.calls)
        let isThorough = Program.environment("FILEROOM_SEEDS") != nil
        for call in stride(from: start, through: disk.callCount, by: isThorough ? 1 : 5) {
            let before = try #require(steps.last { $0.calls <= call }).paths
            let after = steps.first { $0.calls > call }?.paths ?? before
            for cut in PowerCut.some(isThorough ? 6 : 1, from: UInt64(call)) {
                let crashed = disk.afterPowerCut(cut, atCall: call)
                let folder = try IndexFolder.open(at: Self.index, kernel: crashed)
                let found = try Self.paths(folder)
                #expect(found.isSuperset(of: before.intersection(after)), "call \(call), \(cut)")
                #expect(found.isSubset(of: before.union(after)), "call \(call), \(cut)")
                #expect(try folder.verify().filter { !$0.isRemark }.isEmpty, "call \(call), \(cut)")
                // What is noted is out after the same once more, whatever the crash left.
                let noted = try folder.removals().throughNs.keys.sorted()
                _ = try folder.remove(noted, nowNs: Self.nowNs)
                try Self.add([0, 1, 400, 800].map { Samples.regular($0) }, to: folder)
                let isGone = try folder.goneRoots().contains(1)
                let expected = [0, 1, 400, 800].map { Samples.regular($0) }
                    .filter { entry in !isGone && !noted.contains { $0.names(entry) } }
                if isGone { try folder.remove(root: 1) }
                #expect(try Self.paths(folder) == Set(expected.map(\.place.path)), "call \(call), \(cut)")
            }
        }
    }
}
