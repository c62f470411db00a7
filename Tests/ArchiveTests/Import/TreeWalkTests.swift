// Walks over trees: in the byte order of paths, never out of the root, never without end.

import Platform
import Support
import Testing

@testable import Archive

@Suite("Walking a tree, design: Import, hardening T3") struct TreeWalkTests {
    /// The relative paths of all files, and what was passed over.
    static func walk(
        _ root: Path, followsLinks: Bool = false, excluding excluded: Set<Path> = []
    ) throws -> (paths: [[UInt8]], notes: WalkNotes) {
        var walk = try TreeWalk(root: root, followsLinks: followsLinks, excluding: excluded)
        var paths: [[UInt8]] = []
        while let file = walk.next() {
            #expect(file.path == (file.folder.isEmpty ? file.name : file.folder + [0x2F] + file.name))
            paths.append(file.path)
        }
        return (paths, walk.notes)
    }

    static func texts(_ paths: [[UInt8]]) -> [String] { paths.map { String(decoding: $0, as: UTF8.self) } }

    @Test func `gives files in the byte order of their paths`() throws {
        let folder = try TemporaryFolder()
        // A slash comes after "-" and "." and before "0": folders stand where their paths do, not their names.
        let names = ["B", "a", "a-", "a.b", "b/c", "b-/c", "b./c", "b0", "b", "é", "z/y/x", "z/y0", "z/y.0/a"]
            .filter { $0 != "b" }
        for name in names.shuffled() { try folder.write([1], to: name) }
        let (paths, notes) = try Self.walk(folder.path)
        #expect(
            Self.texts(paths) == ["B", "a", "a-", "a.b", "b-/c", "b./c", "b/c", "b0", "z/y.0/a", "z/y/x", "z/y0", "é"])
        #expect(notes.folders == 7 && notes.links == 0 && notes.others == 0 && notes.unreadable.isEmpty)
    }

    @Test func `gives any tree in the byte order of its paths, each file once`() throws {
        var generator = SeededGenerator.fresh()
        let folder = try TemporaryFolder()
        let letters = Array("-.0a".utf8) + [0xFF]
        var expected: Set<[UInt8]> = []
        var folders: [[UInt8]] = [[]]
        for number in 0..<200 {
            let length = Int.random(in: 1...2, using: &generator)
            var name = (0..<length).map { _ in letters.randomElement(using: &generator) ?? 0x61 }
            if name == [0x2E] || name == [0x2E, 0x2E] { name.append(0x61) }
            let parent = folders.randomElement(using: &generator) ?? []
            let path = parent.isEmpty ? name : parent + [0x2F] + name
            guard !expected.contains(path), !folders.contains(path) else { continue }
            if number % 3 == 0 {
                try Folder.make(folder.path.appending(Path(bytes: path)))
                folders.append(path)
            } else {
                try File.open(folder.path.appending(Path(bytes: path)), .creating).append([1])
                expected.insert(path)
            }
        }
        let (paths, notes) = try Self.walk(folder.path)
        #expect(paths == expected.sorted { $0.lexicographicallyPrecedes($1) })
        #expect(notes.folders == folders.count)
    }

    @Test func `an empty folder has no files, and a missing one throws`() throws {
        let folder = try TemporaryFolder()
        #expect(try Self.walk(folder.path).paths.isEmpty)
        #expect(throws: FileFault(.open, folder.appending("none"), .noEntry)) {
            _ = try TreeWalk(root: folder.appending("none"), followsLinks: false, excluding: [])
        }
    }

    @Test func `counts links and doesn't follow them`() throws {
        let folder = try TemporaryFolder()
        try folder.write([1], to: "in/a")
        #expect(Tree.link(folder.appending("file"), to: "in/a") && Tree.link(folder.appending("folder"), to: "in"))
        #expect(Tree.link(folder.appending("nowhere"), to: "none"))
        let (paths, notes) = try Self.walk(folder.path)
        #expect(Self.texts(paths) == ["in/a"] && notes.links == 3)
    }

    @Test func `T3 follows links only where it may, and only inside the root`() throws {
        let folder = try TemporaryFolder()
        try folder.write([1], to: "outside/secret")
        try folder.write([1], to: "root-beside/secret")
        try folder.write([1], to: "root/in/a")
        let root = folder.appending("root")
        let links = [
            ("file", "in/a"), ("folder", "in"), ("absolute", root.appending("in").description),
            ("out", "../outside"), ("secret", "../outside/secret"), ("etc", "/etc/passwd"),
            // Its path begins as the root's does.
            ("beside", "../root-beside"), ("nowhere", "none"), ("self", "self"),
        ]
        for (name, target) in links { #expect(Tree.link(root.appending(name), to: target)) }
        let (paths, notes) = try Self.walk(root, followsLinks: true)
        #expect(Self.texts(paths) == ["absolute/a", "file", "folder/a", "in/a"])
        #expect(notes.links == 6)
    }

    @Test func `a root that is a link itself is walked`() throws {
        let folder = try TemporaryFolder()
        try folder.write([1], to: "real/in/a")
        #expect(Tree.link(folder.appending("real/again"), to: "in"))
        #expect(Tree.link(folder.appending("root"), to: "real"))
        #expect(try Self.texts(Self.walk(folder.appending("root")).paths) == ["in/a"])
        #expect(try Self.texts(Self.walk(folder.appending("root"), followsLinks: true).paths) == ["again/a", "in/a"])
    }

    @Test func `T3 a loop of links ends`() throws {
        let folder = try TemporaryFolder()
        try folder.write([1], to: "a/b/file")
        #expect(Tree.link(folder.appending("a/b/up"), to: "..") && Tree.link(folder.appending("a/b/top"), to: "../.."))
        #expect(Tree.link(folder.appending("a/b/here"), to: "."))
        let (paths, notes) = try Self.walk(folder.path, followsLinks: true)
        #expect(Self.texts(paths) == ["a/b/file"] && notes.loops == 3 && notes.links == 0)
    }

    @Test func `a folder reached twice, but not through itself, gives its files twice`() throws {
        let folder = try TemporaryFolder()
        try folder.write([1], to: "a/file")
        #expect(Tree.link(folder.appending("b"), to: "a"))
        #expect(try Self.texts(Self.walk(folder.path, followsLinks: true).paths) == ["a/file", "b/file"])
    }

    @Test func `never enters an excluded folder`() throws {
        let folder = try TemporaryFolder()
        for name in ["a", "index/run-1", "sub/index/b"] { try folder.write([1], to: name) }
        let (paths, notes) = try Self.walk(folder.path, excluding: [folder.appending("index")])
        #expect(Self.texts(paths) == ["a", "sub/index/b"] && notes.folders == 3)
        #expect(try Self.walk(folder.path, excluding: [folder.path]).paths.isEmpty)
    }

    @Test func `never enters an excluded folder through a link either`() throws {
        let folder = try TemporaryFolder()
        for name in ["a", "index/run-1"] { try folder.write([1], to: name) }
        #expect(Tree.link(folder.appending("way-in"), to: "index"))
        let (paths, _) = try Self.walk(folder.path, followsLinks: true, excluding: [folder.appending("index")])
        #expect(Self.texts(paths) == ["a"])
    }

    @Test func `notes a folder that is gone when its turn comes, and goes on`() throws {
        let folder = try TemporaryFolder()
        for name in ["a/1", "b/2", "c/3"] { try folder.write([1], to: name) }
        var walk = try TreeWalk(root: folder.path, followsLinks: false, excluding: [])
        #expect(walk.next()?.path == Array("a/1".utf8))
        try TemporaryFolder.remove(folder.appending("b"))
        #expect(walk.next()?.path == Array("c/3".utf8))
        #expect(walk.next() == nil)
        #expect(walk.notes.unreadable == [FileFault(.open, folder.appending("b"), .noEntry)])
    }

    @Test func `notes a folder that may not be read`() throws {
        let folder = try TemporaryFolder()
        for name in ["a/1", "b/2", "c/3"] { try folder.write([1], to: name) }
        try Tree.asOwner(of: folder.path) {
            #expect(Tree.setPermissions(0, of: folder.appending("b")))
            defer { _ = Tree.setPermissions(0o700, of: folder.appending("b")) }
            let (paths, notes) = try Self.walk(folder.path)
            #expect(Self.texts(paths) == ["a/1", "c/3"])
            #expect(notes.unreadable == [FileFault(.open, folder.appending("b"), .accessDenied)])
        }
    }

    @Test func `passes over what is neither file nor folder`() throws {
        let folder = try TemporaryFolder()
        try folder.write([1], to: "file")
        #expect(Tree.pipe(folder.appending("pipe")))
        let (paths, notes) = try Self.walk(folder.path)
        #expect(Self.texts(paths) == ["file"] && notes.others == 1)
    }

    @Test func `walks as deep as paths go, and says where they end`() throws {
        let folder = try TemporaryFolder()
        let path = { (depth: Int) in String(repeating: "d/", count: depth) }
        for depth in [0, 150, 1_500] { try folder.write([1], to: path(depth) + "file") }
        let (paths, notes) = try Self.walk(folder.path)
        #expect(Self.texts(paths).map { $0.utf8.count { $0 == 0x2F } } == [1_500, 150, 0])
        #expect(notes.folders == 1_501 && notes.loops == 0 && notes.unreadable.isEmpty)
        // The same tree below another of its kind: the kernel takes no path to its end.
        let other = try TemporaryFolder()
        try Folder.make(other.appending(path(1_000)), parents: true)
        let deep = other.appending(path(1_000) + "e")
        try File.rename(folder.appending("d"), to: deep)
        defer { try? File.rename(deep, to: folder.appending("d")) }
        let (reached, said) = try Self.walk(other.path)
        #expect(reached.count == 1, "the file 150 folders down")
        #expect(said.unreadable.map(\.cause) == [.nameTooLong])
    }
}
