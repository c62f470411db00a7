// Watched areas: real folders and real events, with the time as an argument, so that nothing waits.

import ArchiveIndex
import DICOM
import Platform
import Support
import Testing

@testable import Archive

@Suite("Watched areas") struct AreaWatchTests {
    /// What a watch has said.
    final class News {
        var all: [WatchNews] = []

        var batches: [WatchBatch] {
            all.compactMap { if case .batch(let batch) = $0 { batch } else { nil } }
        }
        var words: [String] {
            all.compactMap { news in
                switch news {
                case .away(let path): "away \(String(decoding: path.lastComponent, as: UTF8.self))"
                case .back(let path): "back \(String(decoding: path.lastComponent, as: UTF8.self))"
                case .watching(let folders): "watching \(folders)"
                case .removed(let path): "removed \(String(decoding: path.lastComponent, as: UTF8.self))"
                case .lost: "lost"
                default: nil
                }
            }
        }
    }

    /// A tree, its index and a watch of it.
    final class Watched {
        let folder: TemporaryFolder
        let tree: Path
        let index: IndexFolder
        let news = News()
        private(set) var watch: AreaWatch!
        private var now = MonotonicInstant.now()

        init() throws {
            folder = try TemporaryFolder()
            tree = folder.appending("tree")
            try Folder.make(tree)
            index = try IndexFolder.create(at: folder.appending("index"))
        }

        /// Of the same tree and index, as a program that is started anew.
        init(again first: Watched) throws {
            folder = first.folder
            tree = first.tree
            index = try IndexFolder.open(at: folder.appending("index"))
        }

        func write(_ number: Int, to name: String) throws {
            try folder.writeAged(Sample.file(.explicitVRLittleEndian, ImporterTests.set(number)), to: "tree/\(name)")
        }

        func start() throws {
            let root = WatchedRoot(number: try index.root(of: tree), folder: tree, part: [], excluded: [])
            let news = news
            watch = try AreaWatch([root], index: index, options: WatchOptions(), stop: nil) { news.all.append($0) }
            try watch.start(at: now)
        }

        /// Takes the events that are there, and lets `seconds` go by.
        func step(_ seconds: Double = 2) throws {
            _ = try watch.step(at: now)
            now = now.advanced(bySeconds: seconds)
            _ = try watch.step(at: now)
        }

        /// The paths that the index knows, in their order.
        func known() throws -> [String] {
            var paths: [String] = []
            var cursor = try index.snapshot().files(root: 1)
            while let file = try cursor.next() { paths.append(String(decoding: file.place.path, as: UTF8.self)) }
            return paths
        }
    }

    @Test func `starts with what is there, and goes on with what comes`() throws {
        let watched = try Watched()
        try watched.write(1, to: "s/1")
        try watched.start()
        #expect(try watched.known() == ["s/1"])
        #expect(watched.news.words == ["watching 2"])
        try watched.write(2, to: "s/2")
        try watched.write(3, to: "new/deep/3")
        try watched.step()
        #expect(try watched.known() == ["new/deep/3", "s/1", "s/2"])
        try watched.write(4, to: "new/deep/4")
        try watched.step()
        #expect(try watched.known() == ["new/deep/3", "new/deep/4", "s/1", "s/2"])
        #expect(watched.news.batches.map(\.cause) == [.start, .change, .change])
        #expect(try watched.index.verify().isEmpty)
    }

    @Test func `a batch goes into the journal`() throws {
        let watched = try Watched()
        try watched.write(1, to: "1")
        try watched.start()
        try watched.write(2, to: "2")
        try watched.step()
        try File.remove(watched.tree.appending("1"))
        try watched.step()
        let figures = try watched.index.statistics()
        #expect(figures.journalEntries == 3 && figures.instances == 1)
        #expect(figures.files.allSatisfy { !$0.name.hasPrefix("run-") })
    }

    @Test func `what is deleted goes, also the last in its folder, and the folder`() throws {
        let watched = try Watched()
        for number in 1...4 { try watched.write(number, to: "s\(number % 2)/\(number)") }
        try watched.start()
        try File.remove(watched.tree.appending("s0/2"))
        try File.remove(watched.tree.appending("s0/4"))
        try watched.step()
        #expect(try watched.known() == ["s1/1", "s1/3"])
        try TemporaryFolder.remove(watched.tree.appending("s1"))
        try watched.step()
        #expect(try watched.known() == [])
    }

    @Test func `a folder that is renamed takes what is in it along, and is watched under its new name`() throws {
        let watched = try Watched()
        for number in 1...3 { try watched.write(number, to: "a/deep/\(number)") }
        try watched.start()
        try File.rename(watched.tree.appending("a"), to: watched.tree.appending("b"))
        try watched.step()
        #expect(try watched.known() == ["b/deep/1", "b/deep/2", "b/deep/3"])
        try watched.write(4, to: "b/deep/4")
        try File.remove(watched.tree.appending("b/deep/1"))
        try watched.step()
        #expect(try watched.known() == ["b/deep/2", "b/deep/3", "b/deep/4"])
        #expect(watched.news.batches.last?.parts == 2)
        try File.rename(watched.tree.appending("b"), to: watched.folder.appending("outside"))
        try watched.step()
        #expect(try watched.known() == [])
        try watched.folder.writeAged(Sample.foreign, to: "outside/deep/5")
        try watched.step()
        #expect(try watched.known() == [], "what left the root is its own business")
    }

    @Test func `a file that is being written waits for its end`() throws {
        let watched = try Watched()
        try watched.start()
        let bytes = try Sample.file()
        let file = try File.open(watched.tree.appending("slow"), .creating)
        try file.append(Array(bytes.prefix(200)))
        try watched.step(50)
        #expect(try watched.known() == [])
        try file.append(Array(bytes.dropFirst(200)))
        _ = consume file
        try watched.step()
        #expect(watched.news.batches.last?.report.indexed == 1)
        #expect(watched.news.batches.allSatisfy { $0.report.failed == 0 })
        #expect(try watched.known() == ["slow"])
    }

    @Test func `a file that was refused is read again when it changes`() throws {
        let watched = try Watched()
        try watched.start()
        let bytes = try Sample.file()
        let path = try watched.folder.write(Array(bytes.prefix(200)), to: "tree/cut")
        try watched.step()
        #expect(watched.news.batches.last?.report.failed == 1)
        try File.open(path, .appending).append(Array(bytes.dropFirst(200)))
        try watched.step()
        #expect(watched.news.batches.last?.report.indexed == 1)
    }

    @Test func `a root that goes takes nothing along, and is visited when it is back`() throws {
        let watched = try Watched()
        for number in 1...3 { try watched.write(number, to: "\(number)") }
        try watched.start()
        let aside = watched.folder.appending("aside")
        try File.rename(watched.tree, to: aside)
        try File.remove(aside.appending("1"))
        try watched.step(6)
        #expect(watched.news.words.last == "away tree")
        // A folder to mount on.
        try Folder.make(watched.tree)
        try watched.step(6)
        #expect(try watched.known() == ["1", "2", "3"])
        #expect(watched.news.words.last == "away tree")
        try Folder.remove(watched.tree)
        try File.rename(aside, to: watched.tree)
        try watched.step(6)
        #expect(watched.news.words.last == "back tree")
        #expect(try watched.known() == ["2", "3"])
        try watched.write(4, to: "4")
        try watched.step()
        #expect(try watched.known() == ["2", "3", "4"])
    }

    @Test func `a root that is another when it is back takes nothing out`() throws {
        let watched = try Watched()
        for number in 1...3 { try watched.write(number, to: "\(number)") }
        try watched.start()
        try File.rename(watched.tree, to: watched.folder.appending("aside"))
        try watched.step(6)
        try watched.write(9, to: "other")
        try watched.step(6)
        #expect(watched.news.words.last == "back tree")
        #expect(try watched.known() == ["1", "2", "3", "other"])
        // What it has is known by now, and tells no more of the old one.
        for hours in 1...2 {
            try watched.step(Double(hours) * 3_700)
            #expect(watched.news.batches.last?.cause == .rescan)
            #expect(try watched.known() == ["1", "2", "3", "other"])
        }
        try File.rename(watched.tree, to: watched.folder.appending("other disk"))
        try watched.step(7_500)
        try File.rename(watched.folder.appending("aside"), to: watched.tree)
        try watched.step(7_600)
        #expect(try watched.known() == ["1", "2", "3"], "now it is sure that the other one's file isn't here")
    }

    @Test func `a folder that was empty before the start may be a disk that isn't mounted, for as long as it is empty`()
        throws
    {
        let watched = try Watched()
        try watched.write(1, to: "disk/1")
        try watched.write(2, to: "2")
        try watched.start()
        try File.remove(watched.tree.appending("disk/1"))
        let again = try Watched(again: watched)
        try again.start()
        #expect(try again.known() == ["2", "disk/1"])
        // A whole visit an hour later knows no more.
        try again.step(3_700)
        #expect(again.news.batches.last?.cause == .rescan)
        #expect(try again.known() == ["2", "disk/1"])
        try again.write(3, to: "disk/3")
        try again.step()
        try again.step(3_700)
        #expect(try again.known() == ["2", "disk/3"], "now it is sure that 1 is gone")
    }

    @Test func `what was taken out on purpose stays out when its file is met again, and comes in when that is newer`()
        throws
    {
        let watched = try Watched()
        for number in 1...2 { try watched.write(number, to: "\(number)") }
        try watched.start()
        let removed = try #require(UID("\(Sample.series).1"))
        let report = try watched.index.remove(
            [.instance(removed)], nowNs: WallClock.now().nanosecondsSince1970)
        #expect(report.files == 1)
        // As old as before, but another file.
        try File.remove(watched.tree.appending("1"))
        try watched.write(1, to: "1")
        try watched.step()
        #expect(watched.news.batches.last?.report.takenOut == 1)
        #expect(try watched.index.snapshot().file(root: 1, path: Array("1".utf8))?.kind != .instance)
        try File.remove(watched.tree.appending("1"))
        try watched.folder.write(Sample.file(.explicitVRLittleEndian, ImporterTests.set(1)), to: "tree/1")
        try watched.step()
        #expect(watched.news.batches.last?.report.indexed == 1)
        #expect(try watched.index.snapshot().file(root: 1, path: Array("1".utf8))?.kind == .instance)
    }

    @Test func `a root that is removed is left alone until it is one again`() throws {
        let watched = try Watched()
        try watched.write(1, to: "1")
        try watched.start()
        try watched.index.remove(root: 1)
        try watched.write(2, to: "2")
        try watched.step(6)
        try watched.step(6)
        #expect(watched.news.words == ["watching 1", "removed tree"])
        #expect(watched.news.batches.count == 1)
        #expect(try watched.known().isEmpty)
        #expect(try watched.index.root(of: watched.tree) == 1)
        try watched.step(6)
        #expect(watched.news.words.last == "back tree")
        #expect(try watched.known() == ["1", "2"])
    }

    @Test func `when events are lost, everything is visited`() throws {
        let watched = try Watched()
        try watched.write(1, to: "s/1")
        try watched.write(2, to: "s/2")
        try watched.start()
        try File.remove(watched.tree.appending("s/2"))
        // More than the kernel's queue holds: 16,384 events, and a move is two.
        let busy = [watched.tree.appending("busy"), watched.tree.appending("busy too")]
        try watched.folder.writeAged(Sample.foreign, to: "tree/busy")
        for number in 0..<10_000 { try File.rename(busy[number % 2], to: busy[(number + 1) % 2]) }
        try watched.write(3, to: "made while nobody was told/3")
        try watched.step(0.5)
        try watched.step()
        #expect(watched.news.words.contains("lost"))
        #expect(try watched.known() == ["busy", "made while nobody was told/3", "s/1"])
        try watched.write(4, to: "made while nobody was told/4")
        try watched.step()
        #expect(try watched.known().count == 4)
    }
}
