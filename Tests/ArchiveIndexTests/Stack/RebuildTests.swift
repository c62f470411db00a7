// Rebuilds: the new index is what the files say, whatever the old one was and whatever went on meanwhile.

import DICOM
import Platform
import Support
import Testing

@testable import ArchiveIndex

@Suite("Rebuilding an index, FORMAT.md 8.9") struct RebuildTests {
    static let index: Path = "/area/index"

    /// An index with two runs and a journal over a tree; root 0 and root 1.
    static func archive(_ disk: CrashableDisk, count: Int = 20) throws -> (IndexFolder, StandInTree) {
        let folder = try IndexFolder.create(at: index, kernel: disk)
        #expect(try folder.root(of: "/mnt") == 1)
        let tree = StandInTree()
        for number in 0..<count { tree.put(Samples.regular(number)) }
        try tree.scan(into: folder)
        for number in 5_000..<5_003 {
            tree.put(Samples.regular(number, root: 0))
            try folder.append([Samples.regular(number, root: 0)])
        }
        return (folder, tree)
    }

    static func names(_ disk: CrashableDisk) throws -> [String] {
        try Folder.entries(of: index, kernel: disk).map { String(decoding: $0.name, as: UTF8.self) }
    }

    @Test func `the new index says what the files say, and nothing of the old one is left`() throws {
        let disk = CrashableDisk()
        let (folder, tree) = try Self.archive(disk)
        let before = try folder.current()
        // What the old index has wrong of a file, and what it holds of one that is gone.
        var other = Samples.regular(3)
        other.fields.study = Samples.set(.study, [(.studyDescription, .LO, "another")])
        tree.put(other)
        tree.files[RootedPath(root: 1, path: Samples.regular(4).place.path)] = nil
        // Nobody else has the old files open.
        folder.forget()
        let rebuild = try Rebuild(at: Self.index, kernel: disk)
        #expect(rebuild.oldFault == nil && !rebuild.isResumed && !rebuild.losesRoots)
        try tree.scan(into: rebuild.index)
        _ = try rebuild.swap(tree)
        #expect(try Answers(folder.snapshot()) == tree.answers())
        let after = try folder.current()
        #expect(after.identity == before.identity && after.generation > before.generation && after.runs.count == 1)
        #expect(try folder.verify().isEmpty)
        #expect(
            try Self.names(disk).sorted() == ["current", "journal-3", "lock", "roots", "run-\(after.runs[0].number)"])
    }

    @Test func `what goes on meanwhile is in it: stores, imports, removals, folds and merges`() throws {
        let disk = CrashableDisk()
        let (folder, tree) = try Self.archive(disk)
        let rebuild = try Rebuild(at: Self.index, kernel: disk)
        try tree.scan(into: rebuild.index)
        func store(_ number: Int) throws {
            tree.put(Samples.regular(number, root: 0))
            try folder.append([Samples.regular(number, root: 0)])
        }
        for number in 100..<105 { try store(number) }
        #expect(try rebuild.catchUp(tree) == 5)
        #expect(try rebuild.catchUp(tree) == 0)
        try folder.fold()
        try store(105)
        try folder.compact()
        // An import of changed, new and vanished files, which merges.
        var changed = Samples.regular(5)
        changed.fields.place.sizeBytes += 8
        tree.put(changed)
        tree.put(Samples.regular(106))
        tree.files[RootedPath(root: 1, path: Samples.regular(6).place.path)] = nil
        try tree.scan(into: folder)
        try store(107)
        #expect(try rebuild.catchUp(tree) == 5)
        #expect(try folder.root(of: "/other") == 2)
        let study = Samples.regular(450)
        tree.put(study)
        try tree.scan(into: folder)
        #expect(try folder.remove([.study(study.studyInstanceUID)], nowNs: .max / 2).files == 1)
        // At the last moment, while stores wait.
        try store(108)
        _ = try rebuild.swap(tree)
        tree.files[RootedPath(root: 1, path: study.place.path)] = nil
        let snapshot = try folder.snapshot()
        let mark = try #require(try snapshot.file(root: 1, path: study.place.path))
        #expect(mark.kind == .foreign(reason: ForeignFile.takenOut))
        #expect(try Self.instances(Answers(snapshot)) == Self.instances(tree.answers()))
        #expect(try folder.verify().isEmpty)
        try store(109)
        #expect(try Self.instances(Answers(folder.snapshot())) == Self.instances(tree.answers()))
    }

    /// Without foreign files.
    static func instances(_ answers: Answers) -> [String] { answers.lines.filter { !$0.hasPrefix("file foreign") } }

    @Test func `a store between the last look and the swap waits for it`() throws {
        let disk = CrashableDisk()
        let (folder, tree) = try Self.archive(disk)
        let rebuild = try Rebuild(at: Self.index, kernel: disk)
        try tree.scan(into: rebuild.index)
        tree.put(Samples.regular(100, root: 0))
        try folder.append([Samples.regular(100, root: 0)])
        // Reading in the swap happens under both locks.
        var isFirst = true
        tree.onRead = {
            if isFirst {
                isFirst = false
                tree.put(Samples.regular(101, root: 0))
                try folder.append([Samples.regular(101, root: 0)])
                return
            }
            #expect(throws: IndexFault.self) { _ = try folder.lock(.append, waitingSeconds: 0) }
            #expect(throws: IndexFault.self) { _ = try folder.lock(.publish, waitingSeconds: 0) }
        }
        _ = try rebuild.swap(tree)
        #expect(tree.readCount == 2)
        #expect(try Answers(folder.snapshot()) == tree.answers())
    }

    @Test func `a reader's snapshot stays as it was`() throws {
        let disk = CrashableDisk()
        let (folder, tree) = try Self.archive(disk)
        let snapshot = try folder.snapshot()
        let before = try Answers(snapshot)
        tree.files[RootedPath(root: 1, path: Samples.regular(4).place.path)] = nil
        let rebuild = try Rebuild(at: Self.index, kernel: disk)
        try tree.scan(into: rebuild.index)
        _ = try rebuild.swap(tree)
        #expect(try Answers(snapshot) == before)
        #expect(try Answers(folder.snapshot()) != before)
    }

    @Test(arguments: ["current", "run-1", "journal-1", "run-1 later"])
    func `an index that is damaged is made anew`(what: String) throws {
        let disk = CrashableDisk()
        let file = String(what.prefix { $0 != " " })
        let isFoundLater = what != file
        var (folder, tree) = try Self.archive(disk, count: isFoundLater ? 1_500 : 20)
        // Beyond the first block of a run the damage is found when it is read, not when the run is opened.
        let offset = isFoundLater ? 20_000 : try disk.bytes(of: Self.index.appending(file)).count - 20
        func damage() throws {
            try disk.flip(bit: 3, ofByte: file == "journal-1" ? 70 : offset, of: Self.index.appending(file))
        }
        if !isFoundLater { try damage() }
        folder = IndexFolder(Self.index, instancesFolder: nil, kernel: disk, readsWithoutMapping: false)
        let rebuild = try Rebuild(at: Self.index, kernel: disk)
        #expect((rebuild.oldFault != nil) == !isFoundLater)
        try tree.scan(into: rebuild.index)
        if isFoundLater {
            // Stores go on, and a merge meets the damage.
            tree.put(Samples.regular(2_000, root: 0))
            try folder.append([Samples.regular(2_000, root: 0)])
            try damage()
            folder = IndexFolder(Self.index, instancesFolder: nil, kernel: disk, readsWithoutMapping: false)
            #expect(throws: IndexFault.self) { try folder.compact() }
        } else {
            // Written by a store that could not be acknowledged.
            tree.put(Samples.regular(100, root: 0))
        }
        _ = try rebuild.catchUp(tree)
        _ = try rebuild.swap(tree)
        #expect(try Answers(folder.snapshot()) == tree.answers())
        #expect(try folder.verify().isEmpty)
        try folder.append([Samples.regular(101, root: 0)])
        tree.put(Samples.regular(101, root: 0))
        #expect(try Answers(IndexFolder.open(at: Self.index, kernel: disk).snapshot()) == tree.answers())
    }

    @Test func `without roots every folder has to be named`() throws {
        let disk = CrashableDisk()
        let (folder, tree) = try Self.archive(disk)
        _ = try folder.remove([.instance(Samples.regular(0).sopInstanceUID)], nowNs: .max / 2)
        try disk.flip(bit: 0, ofByte: 40, of: Self.index.appending("roots"))
        let fault = #expect(throws: IndexFault.self) { _ = try Rebuild(at: Self.index, kernel: disk) }
        #expect(fault?.description.hasSuffix("fileroom-index rebuild FOLDER…") == true)
        let rebuild = try Rebuild(at: Self.index, folders: ["/mnt"], kernel: disk)
        #expect(rebuild.losesRoots)
        #expect(try rebuild.roots() == [0: "/area/instances", 1: "/mnt"])
        try tree.scan(into: rebuild.index)
        _ = try rebuild.swap(tree)
        #expect(try folder.roots() == [0: "/area/instances", 1: "/mnt"])
        #expect(try folder.removals().isEmpty)
        #expect(try Answers(folder.snapshot()) == tree.answers())
        #expect(try folder.verify().isEmpty)
    }

    @Test func `one at a time; one that was stopped is gone on with, by what roots says now`() throws {
        let disk = CrashableDisk()
        let (folder, tree) = try Self.archive(disk)
        let removed = Samples.regular(2)
        do {
            let rebuild = try Rebuild(at: Self.index, kernel: disk)
            try tree.scan(into: rebuild.index)
            #expect(throws: IndexFault.self) { _ = try Rebuild(at: Self.index, kernel: disk) }
        }
        _ = try folder.remove([.instance(removed.sopInstanceUID)], nowNs: .max / 2)
        let rebuild = try Rebuild(at: Self.index, kernel: disk)
        #expect(rebuild.isResumed)
        let path = removed.place.path
        #expect(try rebuild.index.snapshot().file(root: 1, path: path)?.kind == .foreign(reason: ForeignFile.takenOut))
        _ = try folder.undo([.instance(removed.sopInstanceUID)])
        _ = try rebuild.swap(tree)
        #expect(try Answers(folder.snapshot()) == tree.answers())
    }

    @Test func `what was stopped is thrown away where it can't be read, is told to be, or means other folders`() throws
    {
        for trouble in 0..<3 {
            let disk = CrashableDisk()
            let (folder, tree) = try Self.archive(disk)
            do {
                let rebuild = try Rebuild(at: Self.index, kernel: disk)
                try tree.scan(into: rebuild.index)
                try rebuild.index.compact()
                if trouble == 2 { _ = try rebuild.index.root(of: "/elsewhere") }
            }
            let run = Self.index.appending("rebuild").appending("run-1")
            if trouble == 0 { try File.remove(run, kernel: disk) }
            let rebuild = try Rebuild(at: Self.index, startsOver: trouble == 1, kernel: disk)
            #expect(!rebuild.isResumed, "\(trouble)")
            #expect(try Answers(rebuild.index.snapshot()).lines.isEmpty)
            try tree.scan(into: rebuild.index)
            _ = try rebuild.swap(tree)
            #expect(try Answers(folder.snapshot()) == tree.answers())
        }
    }

    @Test func `what is removed or undone meanwhile counts also for files that only the new index knows`() throws {
        let disk = CrashableDisk()
        let (folder, tree) = try Self.archive(disk)
        #expect(try folder.root(of: "/other") == 2)
        tree.put(Samples.regular(600, root: 2))
        try tree.scan(into: folder, roots: [2])
        let undone = Removal.instance(Samples.regular(7).sopInstanceUID)
        _ = try folder.remove([undone], nowNs: .max / 2)
        // The old index never heard of these.
        tree.put(Samples.regular(450))
        tree.put(Samples.regular(601, root: 2))
        let rebuild = try Rebuild(at: Self.index, kernel: disk)
        try tree.scan(into: rebuild.index, roots: [0, 1, 2])
        let copy = Samples.regular(450)
        _ = try folder.remove([.study(copy.studyInstanceUID)], nowNs: .max / 2)
        try folder.remove(root: 2)
        _ = try folder.undo([undone])
        _ = try rebuild.swap(tree)
        for path in [RootedPath(root: 1, path: copy.place.path)] + tree.files.keys.filter({ $0.root == 2 }) {
            tree.files[path] = nil
        }
        #expect(try Self.instances(Answers(folder.snapshot())) == Self.instances(tree.answers()))
        #expect(try folder.snapshot().file(root: 1, path: copy.place.path)?.kind == .foreign(reason: 15))
        #expect(try folder.fileCounts(ofRoot: 2) == (0, 0))
        #expect(try folder.goneRoots() == [2] && folder.verify().isEmpty)
    }

    @Test func `a root of which nothing is found any more is told`() throws {
        let disk = CrashableDisk()
        let (_, tree) = try Self.archive(disk)
        let rebuild = try Rebuild(at: Self.index, kernel: disk)
        try tree.scan(into: rebuild.index, roots: [0])
        #expect(try rebuild.emptyRoots() == [1])
        try tree.scan(into: rebuild.index)
        #expect(try rebuild.emptyRoots() == [])
    }

    @Test func `stores of another thread go on through many rebuilds, and none is lost`() throws {
        let area = try TemporaryFolder()
        let path = area.appending("index")
        let folder = try IndexFolder.create(at: path)
        let stored = Guarded<[InstanceEntry]>([])
        let isOver = Guarded(false)
        let writer = try Thread(named: "stores") {
            let folder = try! IndexFolder.open(at: path)
            for number in 0..<200 {
                let entry = Samples.regular(number, root: 0)
                // The file is there first.
                stored.withLock { $0.append(entry) }
                try! folder.append([entry])
                if number % 50 == 49 { try! folder.compact() }
            }
            isOver.withLock { $0 = true }
        }
        var rebuilds = 0
        while rebuilds < 3 || !isOver.withLock({ $0 }) {
            let tree = StandInTree()
            func look() { for entry in stored.withLock({ $0 }) { tree.put(entry) } }
            tree.onRead = look
            let rebuild = try Rebuild(at: path)
            // What the old index knows by now, the walk must find.
            look()
            try tree.scan(into: rebuild.index)
            _ = try rebuild.catchUp(tree)
            _ = try rebuild.swap(tree)
            rebuilds += 1
        }
        writer.join()
        let tree = StandInTree()
        for entry in stored.withLock({ $0 }) { tree.put(entry) }
        #expect(try Answers(folder.snapshot()) == tree.answers())
        #expect(tree.files.count == 200)
        #expect(try folder.verify().isEmpty)
    }
}
