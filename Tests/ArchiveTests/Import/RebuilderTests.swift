// Rebuilds from files: what an import kept out stays out, what changed meanwhile is read again, and what can't be read stops it.

import DICOM
import Platform
import Support
import Testing

@testable import Archive
@testable import ArchiveIndex

@Suite("Rebuilds from files, design: On disk") struct RebuilderTests {
    typealias Tree = ImporterTests.Archive

    static func rebuilder(_ archive: Tree, partial: Bool = false, stop: WakeDescriptor? = nil) throws -> Rebuilder {
        let rebuild = try Rebuild(at: archive.indexPath)
        let visits = try rebuild.roots().sorted { $0.key > $1.key }.map {
            Rebuilder.Visit(root: $0.key, folder: $0.value, excluding: [])
        }
        return Rebuilder(rebuild, visits: visits, options: ImportOptions(), takesPartial: partial, stop: stop)
    }

    @Test func `a rebuild finds what an import finds, and keeps out what was removed`() throws {
        let archive = try ImporterTests.mixed()
        try archive.run()
        let all = try archive.instances()
        let index = try IndexFolder.open(at: archive.indexPath)
        let gone = UID("\(Sample.series).3")!
        _ = try index.remove([.instance(gone)], nowNs: WallClock.now().nanosecondsSince1970)
        let left = all.filter { !$0.hasPrefix("\(gone) ") }
        #expect(try archive.instances() == left && left.count == 6)
        let report = try archive.run()
        #expect(report.takenOut == 1 && report.failed == 2 && report.indexed == 0)
        let rebuilder = try Self.rebuilder(archive)
        guard case .swapped = try rebuilder.run() else {
            Issue.record("it didn't swap")
            return
        }
        let rebuilt = rebuilder.importer.progress
        #expect(rebuilt.indexed == 6 && rebuilt.takenOut == 1 && rebuilt.notDICOM == 3 && rebuilt.failed == 2)
        #expect(try archive.instances() == left)
        _ = try index.undo([.instance(gone)])
        let again = try archive.run()
        #expect(again.indexed == 1 && again.takenOut == 0)
        #expect(try archive.instances() == all)
    }

    @Test func `files that are named are read again: changed, new, foreign, gone, unreadable`() throws {
        let archive = try Tree()
        try archive.writeInstances(1...4)
        try archive.run()
        let index = try IndexFolder.open(at: archive.indexPath)
        try File.remove(archive.tree.appending("s0/1"))
        try File.remove(archive.tree.appending("s0/2"))
        try archive.write(Sample.foreign, to: "s0/2")
        try archive.writeInstances(9...9)
        try Folder.make(archive.tree.appending("s0/folder"))
        let session = index.importSession()
        let paths = ["gone/1", "s0/1", "s0/2", "s0/3", "s0/folder", "s1/9"].map { Array($0.utf8) }
        let faults = try Rereading(followsLinks: false, removals: Removals()).read(
            paths, root: 1, folder: archive.tree, into: session)
        try session.finish()
        #expect(faults.isEmpty)
        #expect(try archive.instances() == [3, 4, 9].map { "\(Sample.series).\($0) s\($0 / 5)/\($0)" })
        #expect(try index.snapshot().file(root: 1, path: Array("s0/2".utf8))?.kind == .foreign(reason: 1))
    }

    @Test func `a root that is empty or can't be read leaves the old index, unless a part will do`() throws {
        let archive = try ImporterTests.mixed()
        try archive.run()
        let all = try archive.instances()
        let elsewhere = archive.folder.appending("elsewhere")
        try File.rename(archive.tree, to: elsewhere)
        #expect(try Self.rebuilder(archive).run() == .incomplete(emptyRoots: [1], emptyFolders: []))
        try Folder.make(archive.tree)
        #expect(try Self.rebuilder(archive).run() == .incomplete(emptyRoots: [1], emptyFolders: []))
        #expect(try archive.instances() == all)
        guard case .swapped = try Self.rebuilder(archive, partial: true).run() else {
            Issue.record("it didn't swap")
            return
        }
        #expect(try archive.instances().isEmpty)
    }

    @Test func `one that is gone on with forgets what went meanwhile, also of a folder that is empty now`() throws {
        let archive = try Tree()
        try archive.writeInstances(1...9)
        try archive.run()
        // What a rebuild that was stopped after its visits has left.
        do {
            let rebuild = try Rebuild(at: archive.indexPath)
            let session = rebuild.index.importSession()
            try Importer(options: ImportOptions()).run(
                root: 1, folder: archive.tree, excluding: [], snapshot: rebuild.index.snapshot(), session: session)
            try session.finish()
        }
        for number in 1...4 { try File.remove(archive.tree.appending("s0/\(number)")) }
        #expect(try archive.run(prunes: true).pruned == 4)
        let left = try archive.instances()
        #expect(left.count == 5)
        let again = try Self.rebuilder(archive)
        guard case .swapped = try again.run() else {
            Issue.record("it didn't swap")
            return
        }
        #expect(try archive.instances() == left)
    }

    @Test func `a root that goes away during the walk stops it`() throws {
        let archive = try ImporterTests.mixed()
        try archive.run()
        let all = try archive.instances()
        let rebuilder = try Self.rebuilder(archive)
        try rebuilder.read(
            [], root: 1, folder: archive.tree, into: IndexFolder.open(at: archive.indexPath).importSession())
        // From here on it is known which folder the root is.
        let elsewhere = archive.folder.appending("elsewhere")
        try File.rename(archive.tree, to: elsewhere)
        try Folder.make(archive.tree)
        try File.rename(elsewhere.appending("s0"), to: archive.tree.appending("s0"))
        #expect(throws: IndexFault.self) { try rebuilder.run() }
        #expect(try archive.instances() == all)
    }

    @Test func `a folder that is empty and wasn't leaves the old index, unless a part will do or it goes`() throws {
        let archive = try Tree()
        try archive.writeInstances(1...9)
        try Folder.make(archive.tree.appending("always empty"))
        try archive.run()
        let all = try archive.instances()
        let folder = archive.tree.appending("s0")
        try File.rename(folder, to: archive.folder.appending("aside"))
        try Folder.make(folder)
        #expect(try Self.rebuilder(archive).run() == .incomplete(emptyRoots: [], emptyFolders: [folder]))
        #expect(try archive.instances() == all)
        try Folder.remove(folder)
        guard case .swapped = try Self.rebuilder(archive).run() else {
            Issue.record("it didn't swap")
            return
        }
        #expect(try archive.instances() == all.filter { !$0.contains(" s0/") })
        let other = archive.tree.appending("s1")
        try File.rename(other, to: archive.folder.appending("aside too"))
        try Folder.make(other)
        guard case .swapped = try Self.rebuilder(archive, partial: true).run() else {
            Issue.record("it didn't swap")
            return
        }
        #expect(try archive.instances().isEmpty)
    }

    @Test func `a root that goes away while changes are read again stops it`() throws {
        let archive = try ImporterTests.mixed()
        try archive.run()
        let rebuilder = try Self.rebuilder(archive)
        let index = try IndexFolder.open(at: archive.indexPath)
        func readAgain() throws {
            try rebuilder.read([Array("s0/1".utf8)], root: 1, folder: archive.tree, into: index.importSession())
        }
        try readAgain()
        let elsewhere = archive.folder.appending("elsewhere")
        try File.rename(archive.tree, to: elsewhere)
        #expect(throws: IndexFault.self) { try readAgain() }
        try Folder.make(archive.tree)
        #expect(throws: IndexFault.self, "it is another folder") { try readAgain() }
        try Folder.remove(archive.tree)
        try File.rename(elsewhere, to: archive.tree)
        try readAgain()
    }

    @Test func `one that is stopped leaves the old index, and the next goes on`() throws {
        let archive = try ImporterTests.mixed()
        try archive.run()
        let all = try archive.instances()
        let stop = try WakeDescriptor()
        stop.wake()
        #expect(try Self.rebuilder(archive, stop: stop).run() == .stopped)
        #expect(try archive.instances() == all)
        #expect(try Rebuild(at: archive.indexPath).isResumed)
        guard case .swapped = try Self.rebuilder(archive).run() else {
            Issue.record("it didn't swap")
            return
        }
        #expect(try archive.instances() == all)
    }
}
