// Imports: each file read once, told honestly, and never written to.

import ArchiveIndex
import DICOM
import Platform
import Support
import Testing

@testable import Archive

@Suite("Imports, design: Import") struct ImporterTests {
    /// A tree beside its index.
    struct Archive {
        let folder = try! TemporaryFolder()
        let tree: Path
        let indexPath: Path

        init() throws {
            tree = folder.appending("tree")
            indexPath = folder.appending("index")
            try Folder.make(tree)
        }

        func write(_ bytes: [UInt8], to name: String) throws { try folder.writeAged(bytes, to: "tree/\(name)") }

        /// Instances by number, in folders of five.
        func writeInstances(_ numbers: ClosedRange<Int>) throws {
            for number in numbers {
                try write(
                    Sample.file(.explicitVRLittleEndian, ImporterTests.set(number)), to: "s\(number / 5)/\(number)")
            }
        }

        /// Imports the tree as a program would.
        @discardableResult
        func run(
            jobs: Int = 2, followsLinks: Bool = false, prunes: Bool = false, excluding: Set<Path> = [],
            stop: WakeDescriptor? = nil
        ) throws -> ImportReport {
            var options = ImportOptions()
            options.jobs = jobs
            options.followsLinks = followsLinks
            options.prunes = prunes
            let index = try IndexFolder.create(at: indexPath)
            let importer = Importer(options: options, stop: stop)
            let session = index.importSession()
            try importer.run(
                root: index.root(of: tree), folder: tree, excluding: excluding, snapshot: index.snapshot(),
                session: session)
            try session.finish()
            return importer.progress
        }

        /// What the index says: each instance and where it lies.
        func instances() throws -> [String] {
            var lines: [String] = []
            var studies = try IndexFolder.open(at: indexPath).snapshot().studies()
            while let study = try studies.next() {
                var series = try study.series()
                while let one = try series.next() {
                    var instances = try one.instances()
                    while let instance = try instances.next() {
                        for content in try instance.contents() {
                            let places = content.places.map { String(decoding: $0.path, as: UTF8.self) }
                            lines.append("\(instance.sopInstanceUID) \(places.joined(separator: " "))")
                        }
                    }
                }
            }
            return lines.sorted()
        }

        /// What there is below the tree: names, bytes and everything that the file system says of them.
        func state() throws -> [State] {
            var found = [State(path: tree, status: try File.status(of: tree), bytes: [])]
            var folders = [tree]
            while let folder = folders.popLast() {
                for entry in try Folder.entries(of: folder) {
                    let path = folder.appending(entry.path)
                    let status = try File.status(of: path, followingLink: false)
                    if status.kind == .folder { folders.append(path) }
                    let bytes = status.kind == .file ? try File.open(path).readAll() : []
                    found.append(State(path: path, status: status, bytes: bytes))
                }
            }
            return found.sorted { $0.path < $1.path }
        }

        struct State: Equatable {
            let path: Path
            let status: FileStatus
            let bytes: [UInt8]
        }
    }

    static func set(_ number: Int) -> DataSet {
        var set = Sample.dataSet(UID("\(Sample.series).\(number)") ?? Sample.instance)
        set.set(.instanceNumber, .IS, text: "\(number)")
        return set
    }

    /// Seven instances, two foreign files, a DICOMDIR and two that are refused.
    static func mixed() throws -> Archive {
        let archive = try Archive()
        try archive.writeInstances(1...7)
        try archive.write(Sample.foreign, to: "README.TXT")
        try archive.write([], to: "empty")
        try archive.write(Sample.directory(), to: "DICOMDIR")
        try archive.write(Sample.withoutStudy(), to: "refused/no-study.dcm")
        try archive.write(Array(Sample.file().prefix(300)), to: "refused/cut.dcm")
        return archive
    }

    @Test func `takes each file once and says what it was`() throws {
        let archive = try Self.mixed()
        let report = try archive.run()
        #expect(report.seen == 12 && report.indexed == 7 && report.unchanged == 0)
        #expect(report.notDICOM == 3 && report.failed == 2 && report.vanished == 0)
        #expect(report.unreadable.isEmpty && report.remarks.isEmpty && !report.isStopped)
        let refused = report.refused.sorted { $0.path < $1.path }
        #expect(refused.map(\.path.lastComponent) == [Array("cut.dcm".utf8), Array("no-study.dcm".utf8)])
        #expect(refused[0].reason.hasPrefix("damaged: truncated"))
        #expect(refused[1].reason == "no Study Instance UID (0020,000D)")
        #expect(try archive.instances() == (1...7).map { "\(Sample.series).\($0) s\($0 / 5)/\($0)" })
    }

    @Test func `a second import opens nothing again, and remembers the foreign and the refused`() throws {
        let archive = try Self.mixed()
        let first = try archive.run()
        let before = try archive.instances()
        // Whoever opened these now would find something else: same size, same time, same inode.
        let swapped = [
            ("s0/1", [UInt8](repeating: 0, count: try Sample.file(.explicitVRLittleEndian, Self.set(1)).count)),
            ("README.TXT", [UInt8](repeating: 0x20, count: Sample.foreign.count)),
            ("refused/no-study.dcm", [UInt8](repeating: 0, count: try Sample.withoutStudy().count)),
        ]
        for (name, bytes) in swapped {
            try archive.folder.overwrite("tree/\(name)", with: bytes)
            #expect(Tree.age(archive.tree.appending(name)))
        }
        let second = try archive.run()
        #expect(second.seen == 12 && second.indexed == 0 && second.unchanged == 7)
        #expect(second.notDICOM == 3 && second.failed == 2 && second.vanished == 0)
        #expect(second.refused.map(\.path).sorted() == first.refused.map(\.path).sorted())
        #expect(Set(second.refused.map(\.reason)) == ["damaged", "no Study Instance UID (0020,000D)"])
        #expect(try archive.instances() == before)
    }

    @Test func `a file that changed within the clock's grain is read again`() throws {
        let archive = try Archive()
        try archive.folder.write(Sample.file(), to: "tree/young")
        try archive.write(Sample.file(.explicitVRLittleEndian, Self.set(2)), to: "old")
        #expect(try archive.run().indexed == 2)
        let second = try archive.run()
        #expect(second.indexed == 1 && second.unchanged == 1)
        #expect(Tree.age(archive.tree.appending("young")))
        #expect(try archive.run().indexed == 1, "it got another time")
        #expect(try archive.run().unchanged == 2)
        #expect(try archive.instances().count == 2)
    }

    @Test func `reads what is new or changed, and notices what has vanished`() throws {
        let archive = try Self.mixed()
        try archive.run()
        try archive.write(Sample.file(.implicitVRLittleEndian, Self.set(8)), to: "s1/8")
        try archive.write(Sample.file(.implicitVRLittleEndian, Self.set(9)), to: "README.TXT.new")
        try File.rename(archive.tree.appending("README.TXT.new"), to: archive.tree.appending("README.TXT"))
        #expect(Tree.age(archive.tree.appending("s0/2"), seconds: Tree.longAgoSeconds + 1))
        try File.remove(archive.tree.appending("s0/1"))
        try File.remove(archive.tree.appending("DICOMDIR"))
        let report = try archive.run()
        #expect(report.seen == 11 && report.indexed == 3 && report.unchanged == 5)
        #expect(report.vanished == 2 && report.notDICOM == 1 && report.failed == 2)
        let now = try archive.instances()
        #expect(now.contains("\(Sample.series).9 README.TXT"), "a foreign file became an instance")
        #expect(now.contains("\(Sample.series).8 s1/8"))
        #expect(now.filter { $0.hasPrefix("\(Sample.series).2 ") } == ["\(Sample.series).2 s0/2"], "touched, and once")
    }

    @Test func `a file that holds another instance now holds the first no more`() throws {
        let archive = try Archive()
        try archive.write(Sample.file(.explicitVRLittleEndian, Self.set(1)), to: "a")
        try archive.run()
        try archive.folder.overwrite("tree/a", with: Sample.file(.explicitVRLittleEndian, Self.set(2)))
        #expect(Tree.age(archive.tree.appending("a"), seconds: Tree.longAgoSeconds + 1))
        let report = try archive.run()
        #expect(report.indexed == 1 && report.vanished == 0)
        #expect(try archive.instances() == ["\(Sample.series).2 a"])
    }

    @Test func `one instance in two files is one instance with two places`() throws {
        let archive = try Archive()
        for name in ["b/copy", "a/first"] { try archive.write(Sample.file(), to: name) }
        #expect(try archive.run().indexed == 2)
        #expect(try archive.instances() == ["\(Sample.instance) a/first b/copy"])
    }

    @Test func `any number of readers finds the same`() throws {
        let archive = try Self.mixed()
        try archive.writeInstances(8...150)
        try archive.run(jobs: 1)
        let one = try archive.instances()
        #expect(one.count == 150)
        try TemporaryFolder.remove(archive.indexPath)
        let report = try archive.run(jobs: 8)
        #expect(report.indexed == 150 && report.notDICOM == 3 && report.failed == 2)
        #expect(try archive.instances() == one)
    }

    @Test func `a dry run reads and counts, and writes nothing`() throws {
        let archive = try Self.mixed()
        let before = try archive.state()
        let importer = Importer(options: ImportOptions())
        try importer.run(root: -1, folder: archive.tree, excluding: [], snapshot: .empty, session: nil)
        let report = importer.progress
        #expect(report.indexed == 7 && report.notDICOM == 3 && report.failed == 2 && report.refused.count == 2)
        #expect(try archive.state() == before)
        #expect(try Folder.entries(of: archive.folder.path).map(\.path) == ["tree"], "no index was made")
    }

    @Test func `a stopped import publishes what it read, and takes nothing for vanished`() throws {
        let archive = try Self.mixed()
        try archive.run()
        let before = try archive.instances()
        try archive.write(Sample.file(.explicitVRLittleEndian, Self.set(8)), to: "s1/8")
        let stop = try WakeDescriptor()
        stop.wake()
        let stopped = try archive.run(stop: stop)
        #expect(stopped.isStopped && stopped.seen == 0 && stopped.indexed == 0 && stopped.vanished == 0)
        #expect(try archive.instances() == before)
        stop.clear()
        let resumed = try archive.run(stop: stop)
        #expect(!resumed.isStopped && resumed.indexed == 1 && resumed.unchanged == 7)
    }

    @Test func `originals stay as they are, to the last byte and time`() throws {
        let archive = try Self.mixed()
        #expect(Tree.link(archive.tree.appending("link"), to: "s0/1"))
        let before = try archive.state()
        try archive.run()
        try archive.run(followsLinks: true)
        #expect(try archive.state() == before)
    }

    @Test func `a read-only tree is a normal case`() throws {
        let archive = try Self.mixed()
        let state = try archive.state()
        for entry in state {
            #expect(Tree.setPermissions(entry.status.kind == .folder ? 0o555 : 0o444, of: entry.path))
        }
        defer { for entry in state { _ = Tree.setPermissions(0o755, of: entry.path) } }
        let before = try archive.state()
        let report = try archive.run()
        #expect(report.indexed == 7 && report.failed == 2 && report.unreadable.isEmpty)
        #expect(try archive.run().unchanged == 7)
        #expect(try archive.state() == before, "no folder was written to")
    }

    @Test func `a file that may not be read is told, and tried again`() throws {
        let archive = try Archive()
        try archive.writeInstances(1...1)
        try Tree.asOwner(of: archive.folder.path) {
            #expect(Tree.setPermissions(0, of: archive.tree.appending("s0/1")))
            for _ in 0..<2 {
                let report = try archive.run()
                #expect(report.seen == 1 && report.failed == 1)
                #expect(report.refused.first?.reason.hasPrefix("cannot open") == true)
            }
            #expect(Tree.setPermissions(0o600, of: archive.tree.appending("s0/1")))
            #expect(try archive.run().indexed == 1)
        }
    }

    @Test func `a tree that isn't there is told, and nothing of it has vanished`() throws {
        let archive = try Archive()
        try archive.writeInstances(1...3)
        try archive.run()
        try File.rename(archive.tree, to: archive.folder.appending("elsewhere"))
        let report = try archive.run()
        #expect(report.unreadable == [FileFault(.open, archive.tree, .noEntry)])
        #expect(report.seen == 0 && report.vanished == 0)
        #expect(try archive.instances().count == 3)
    }

    @Test func `what lies in a folder that can't be read has not vanished`() throws {
        let archive = try Archive()
        let far = String(repeating: "f", count: 200)
        for number in 1...3 {
            try archive.write(Sample.file(.explicitVRLittleEndian, Self.set(number)), to: "\(number)")
            try archive.write(Sample.file(.explicitVRLittleEndian, Self.set(number + 3)), to: "\(far)/\(number)")
        }
        try archive.run()
        // Where even root can't read: the same tree so deep that the path of its one folder passes the kernel's limit.
        var deep = archive.folder.path
        while deep.bytes.count < 3_700 { deep = deep.appending(String(repeating: "d", count: 200)) }
        deep = deep.appending(String(repeating: "e", count: 4_000 - deep.bytes.count))
        try Folder.make(deep.parent, parents: true)
        try File.rename(archive.tree, to: deep)
        defer { try? File.rename(deep, to: archive.tree) }
        let index = try IndexFolder.open(at: archive.indexPath)
        let importer = Importer(options: ImportOptions())
        try importer.run(root: 1, folder: deep, excluding: [], snapshot: index.snapshot(), session: nil)
        #expect(importer.progress.unreadable == [FileFault(.open, deep.appending(far), .nameTooLong)])
        #expect(importer.progress.unchanged == 3)
        #expect(importer.progress.vanished == 0)
    }

    @Test func `what has vanished leaves the index where that is wanted, and only then`() throws {
        let archive = try Self.mixed()
        try archive.run()
        let before = try archive.instances()
        for name in ["s0/1", "s1/6", "README.TXT"] { try File.remove(archive.tree.appending(name)) }
        let kept = try archive.run()
        #expect(kept.vanished == 3 && kept.pruned == 0)
        #expect(try archive.instances() == before)
        let pruned = try archive.run(prunes: true)
        #expect(pruned.vanished == 3 && pruned.pruned == 3)
        #expect(try archive.instances() == before.filter { !$0.hasSuffix(" s0/1") && !$0.hasSuffix(" s1/6") })
        #expect(try archive.run(prunes: true).vanished == 0)
    }

    @Test func `new, changed, moved and vanished files are told apart`() throws {
        let archive = try Archive()
        try archive.writeInstances(1...9)
        let first = try archive.run()
        #expect(first.new == 9 && first.changed == 0 && first.moved == 0)
        // One new, one in another state, two moved, of which one changed its name alone, and one gone.
        try archive.writeInstances(10...10)
        try archive.write(Sample.file(.explicitVRLittleEndian, ImporterTests.set(1)), to: "written anew")
        try File.rename(archive.tree.appending("written anew"), to: archive.tree.appending("s0/1"))
        try Folder.make(archive.tree.appending("moved"))
        try File.rename(archive.tree.appending("s0/2"), to: archive.tree.appending("moved/2"))
        try File.rename(archive.tree.appending("s0/3"), to: archive.tree.appending("s0/3.dcm"))
        try File.remove(archive.tree.appending("s0/4"))
        let second = try archive.run()
        #expect(second.new == 3 && second.changed == 1 && second.seen == 9)
        #expect(second.vanished == 3 && second.moved == 2 && second.pruned == 0 && second.missed == 1)
        let series = Sample.series
        #expect(
            try archive.instances().filter { $0.hasPrefix("\(series).2 ") || $0.hasPrefix("\(series).3 ") }
                == ["\(series).2 moved/2", "\(series).3 s0/3.dcm"], "at the new place alone")
        #expect(try archive.instances().contains("\(series).4 s0/4"), "what is gone stays without --prune")
        // A copy moves nothing.
        try archive.write(Sample.file(.explicitVRLittleEndian, ImporterTests.set(5)), to: "copy of 5")
        let third = try archive.run(prunes: true)
        #expect(third.new == 1 && third.changed == 0 && third.vanished == 1 && third.moved == 0 && third.pruned == 1)
        #expect(try archive.instances().contains("\(series).5 copy of 5 s1/5"))
    }

    @Test func `a mark in the place of a disk that isn't mounted isn't taken for the disk`() throws {
        let archive = try Archive()
        try archive.writeInstances(1...4)
        try archive.run()
        let before = try archive.instances()
        try File.rename(archive.tree, to: archive.folder.appending("elsewhere"))
        try Folder.make(archive.tree)
        try archive.write(Sample.foreign, to: "NOT_MOUNTED")
        for _ in 0..<2 {
            let report = try archive.run(prunes: true)
            #expect(report.vanished == 4 && report.pruned == 0)
        }
        #expect(try archive.instances() == before)
        #expect(try RebuilderTests.rebuilder(archive).run() == .incomplete(emptyRoots: [1], emptyFolders: []))
        #expect(try archive.instances() == before)
    }

    @Test func `a root that is suddenly empty, or an import that is stopped, takes nothing out`() throws {
        let archive = try Self.mixed()
        try archive.run()
        let before = try archive.instances()
        let stop = try WakeDescriptor()
        stop.wake()
        #expect(try archive.run(prunes: true, stop: stop).pruned == 0)
        try File.rename(archive.tree, to: archive.folder.appending("elsewhere"))
        #expect(try archive.run(prunes: true).pruned == 0)
        try Folder.make(archive.tree)
        let empty = try archive.run(prunes: true)
        #expect(empty.vanished == 12 && empty.pruned == 0)
        #expect(try archive.instances() == before)
    }

    @Test func `the index isn't imported into itself`() throws {
        let archive = try Archive()
        try archive.writeInstances(1...2)
        let index = archive.tree.appending("index")
        let inner = try IndexFolder.create(at: index)
        for _ in 0..<2 {
            let importer = Importer(options: ImportOptions())
            let session = inner.importSession()
            try importer.run(
                root: inner.root(of: archive.tree), folder: archive.tree, excluding: [index],
                snapshot: inner.snapshot(), session: session)
            try session.finish()
            #expect(importer.progress.seen == 2)
        }
    }

    @Test func `links are counted, and followed only where that is wanted`() throws {
        let archive = try Archive()
        try archive.writeInstances(1...1)
        #expect(Tree.link(archive.tree.appending("again"), to: "s0/1"))
        let report = try archive.run()
        #expect(report.links == 1 && report.seen == 1)
        let following = try archive.run(followsLinks: true)
        #expect(following.links == 0 && following.indexed == 1 && following.unchanged == 1)
        #expect(try archive.instances() == ["\(Sample.instance(1)) again s0/1"])
    }

    @Test func `T18 lists instances whose preamble makes them something else as well`() throws {
        let archive = try Archive()
        let heads: [[UInt8]] = [
            Array("MZ".utf8), [0x7F] + Array("ELF".utf8), [0xCF, 0xFA, 0xED, 0xFE], Array("#!/bin/sh\n".utf8),
            Array("PK".utf8) + [3, 4], Array("%PDF-1.7".utf8),
        ]
        for (number, head) in heads.enumerated() {
            let file = try Sample.file(.explicitVRLittleEndian, Self.set(number + 1))
            try archive.write(head + file.dropFirst(head.count), to: "\(number)")
        }
        try archive.write(Sample.file(.explicitVRLittleEndian, Self.set(9)), to: "plain")
        let report = try archive.run()
        #expect(report.indexed == 7)
        #expect(
            report.remarks.map(\.path.lastComponent).sorted { $0[0] < $1[0] } == (0..<6).map { Array("\($0)".utf8) })
    }

    @Test func `T14 a reader's stack holds what sequences 64 deep need`() throws {
        let archive = try Archive()
        try archive.write(
            InstanceHeaderTests.file(with: InstanceHeaderTests.nested(0x0008, 0x1032, depth: 64)), to: "64")
        try archive.write(
            InstanceHeaderTests.file(with: InstanceHeaderTests.nested(0x0008, 0x1032, depth: 100_000)), to: "100000")
        try archive.write(
            InstanceHeaderTests.file(with: InstanceHeaderTests.nestedDefined(0x0008, 0x1032, depth: 100_000)),
            to: "defined")
        let report = try archive.run()
        #expect(report.indexed == 1 && report.failed == 2)
        #expect(report.refused.allSatisfy { $0.reason.contains("sequence depth") })
    }

    @Test func `a header longer than the first read is read further`() throws {
        let archive = try Archive()
        var set = Self.set(1)
        let tag = DICOM.Tag(0x0009, 0x1001)
        set[tag] = DataElement(tag, .OB, .bytes((0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 5) }))
        for syntax in Sample.syntaxes { try archive.write(Sample.file(syntax, set), to: syntax.keyword) }
        #expect(try archive.run().indexed == Sample.syntaxes.count)
    }

    @Test func `names are bytes`() throws {
        let archive = try Archive()
        let path = archive.tree.appending(Path(bytes: [0xFF, 0x0A, 0x20]))
        try File.open(path, .creating).append(Sample.file())
        #expect(try archive.run().indexed == 1)
        let index = try IndexFolder.open(at: archive.indexPath)
        #expect(try index.snapshot().file(root: 1, path: [0xFF, 0x0A, 0x20])?.kind == .instance)
    }
}

extension Sample {
    fileprivate static func instance(_ number: Int) -> String { "\(series).\(number)" }
}
