// Rescans: what the index knows beside what the tree holds, file by file.

import ArchiveIndex
import Platform
import Support
import Testing

@testable import Archive

@Suite("Comparing a tree with the index, design: Import") struct RescanTests {
    /// A tree, and an index that may know its files.
    struct Known {
        let folder: TemporaryFolder
        let index: IndexFolder
        let tree: Path

        init() throws {
            folder = try TemporaryFolder()
            index = try IndexFolder.create(at: folder.appending("index"))
            tree = folder.appending("tree")
            try Folder.make(tree)
        }

        /// Lets the index know a file as it is on disk, or as `change` makes it.
        func learn(_ name: String, _ change: (inout Place) -> Void = { _ in }) throws {
            let status = try? File.status(of: tree.appending(name))
            var place = Place(
                root: 1, path: Array(name.utf8), sizeBytes: status?.sizeBytes ?? 1,
                modificationNs: status?.modificationNs ?? 1, inode: status?.inode ?? 1, isTrusted: true,
                dataSetOffset: 0)
            change(&place)
            let session = index.importSession()
            try session.add(ForeignFile(place, reason: 1))
            try session.finish()
        }

        func rescan() throws -> Rescan { try Rescan(index.snapshot(), root: 1) }
    }

    static func walked(_ name: String, isLink: Bool = false) -> WalkedFile {
        WalkedFile(path: Array(name.utf8), folder: [], name: Array(name.utf8), isLink: isLink)
    }

    @Test func `a file with its size, time and inode is unchanged`() throws {
        let known = try Known()
        try known.folder.write([1, 2, 3], to: "tree/a")
        try known.learn("a")
        var rescan = try known.rescan()
        #expect(try rescan.isUnchanged(Self.walked("a"), below: known.tree))
        #expect(rescan.found?.place.path == Array("a".utf8) && rescan.found?.kind == .foreign(reason: 1))
        try rescan.finish()
        #expect(rescan.vanished == 0)
    }

    @Test func `another size, time or inode is a change, and so is a time that isn't trusted`() throws {
        let changes: [(inout Place) -> Void] = [
            { $0.sizeBytes += 1 }, { $0.modificationNs += 1 }, { $0.modificationNs -= 1 }, { $0.inode += 1 },
            { $0.isTrusted = false },
        ]
        for (number, change) in changes.enumerated() {
            let known = try Known()
            try known.folder.write([1, 2, 3], to: "tree/a")
            try known.learn("a", change)
            var rescan = try known.rescan()
            #expect(try !rescan.isUnchanged(Self.walked("a"), below: known.tree), "change \(number)")
            try rescan.finish()
            #expect(rescan.vanished == 0, "a changed file hasn't vanished")
        }
    }

    @Test func `a file that isn't there to be asked is changed`() throws {
        let known = try Known()
        try known.learn("a")
        var rescan = try known.rescan()
        #expect(try !rescan.isUnchanged(Self.walked("a"), below: known.tree))
        #expect(rescan.vanished == 0)
    }

    @Test func `what the walk doesn't meet has vanished, wherever it stood`() throws {
        let known = try Known()
        for name in ["b", "d", "e"] { try known.folder.write([1], to: "tree/\(name)") }
        for name in ["a", "b", "c", "d", "f", "g"] { try known.learn(name) }
        var rescan = try known.rescan()
        let found = try ["b", "d", "e"].map { try rescan.isUnchanged(Self.walked($0), below: known.tree) }
        #expect(found == [true, true, false])
        #expect(rescan.vanished == 2, "a and c")
        try rescan.finish()
        #expect(rescan.vanished == 4, "f and g")
    }

    @Test func `what has vanished for sure is told again, of a part and of all, however many`() throws {
        let known = try Known()
        let session = known.index.importSession()
        func name(_ number: Int) -> [UInt8] {
            Array((number % 3 == 0 ? "p/" : "q").utf8) + Array("\(1_000 + number)".utf8)
        }
        for path in (0..<400).map(name) + [Array("p".utf8), Array("p.".utf8)] {
            let place = Place(
                root: 1, path: path, sizeBytes: 1, modificationNs: 1, inode: 1, isTrusted: true, dataSetOffset: 0)
            try session.add(ForeignFile(place, reason: 1))
        }
        try session.finish()
        let snapshot = try known.index.snapshot()
        func vanished(_ part: String, but met: [String], doubtful: String? = nil) throws -> [String] {
            var rescan = try Rescan(snapshot, root: 1, part: Array(part.utf8))
            if let doubtful { rescan.doubtfulFolders.insert(Array(doubtful.utf8)) }
            for name in met { _ = try rescan.isUnchanged(Self.walked(name), below: known.tree) }
            try rescan.finish()
            var found: [String] = []
            try rescan.vanishedFiles.forEach(in: snapshot, root: 1) { (file) throws(IndexFault) in
                found.append(String(decoding: file.place.path, as: UTF8.self))
            }
            #expect(found.count == rescan.vanishedFiles.count)
            return found
        }
        let below = (0..<400).filter { $0 % 3 == 0 }.map { "p/\(1_000 + $0)" }
        let beside = (0..<400).filter { $0 % 3 != 0 }.map { "q\(1_000 + $0)" }
        #expect(
            try vanished("p", but: ["p/1003", "p/1399"]) == ["p"] + below.filter { !["p/1003", "p/1399"].contains($0) })
        #expect(try vanished("", but: []) == ["p", "p."] + below + beside)
        #expect(try vanished("", but: beside, doubtful: "p") == ["p", "p."])
        #expect(try vanished("", but: ["p", "p."] + below + beside.dropLast()) == [beside.last])
        #expect(try vanished("nothing", but: []).isEmpty)
    }

    @Test func `a walk that met nothing has lost everything`() throws {
        let known = try Known()
        for name in ["a", "b"] { try known.learn(name) }
        var rescan = try known.rescan()
        try rescan.finish()
        #expect(rescan.vanished == 2)
        var empty = try Rescan(.empty, root: 1)
        #expect(try !empty.isUnchanged(Self.walked("a"), below: known.tree))
        try empty.finish()
        #expect(empty.vanished == 0)
    }

    @Test func `compares names as the tree orders them`() throws {
        let known = try Known()
        let names = ["a-/1", "a./1", "a/1", "a0"]
        for name in names {
            try known.folder.write([1], to: "tree/\(name)")
            try known.learn(name)
        }
        var rescan = try known.rescan()
        var walk = try TreeWalk(root: known.tree, followsLinks: false, excluding: [])
        while let file = walk.next() { #expect(try rescan.isUnchanged(file, below: known.tree)) }
        try rescan.finish()
        #expect(rescan.vanished == 0)
    }

    @Test func `a link is what it leads to`() throws {
        let known = try Known()
        try known.folder.write([1, 2], to: "tree/real")
        #expect(Tree.link(known.tree.appending("link"), to: "real"))
        try known.learn("link")
        var rescan = try known.rescan()
        #expect(try rescan.isUnchanged(Self.walked("link", isLink: true), below: known.tree))
        var other = try known.rescan()
        #expect(try !other.isUnchanged(Self.walked("link"), below: known.tree), "a file became a link")
    }
}
