// Paths are bytes, and taken apart without the file system.

import Platform
import Testing

@Suite("Path") struct PathTests {
    @Test(arguments: [
        ("/a/b", "/a", "b"), ("/a", "/", "a"), ("a", ".", "a"), ("a/b/", "a", "b"), ("/", "/", ""),
        ("//a//b//", "//a", "b"),
    ])
    func `parent and last component`(text: String, parent: String, last: String) {
        #expect(Path(text).parent == Path(parent))
        #expect(Path(text).lastComponent == Array(last.utf8))
    }

    @Test func `appending puts one slash between, and an absolute path stands for itself`() {
        #expect(Path("/a").appending("b") == "/a/b")
        #expect(Path("/a/").appending("b/c") == "/a/b/c")
        #expect(Path("/a").appending("/b") == "/b")
        #expect(Path("").appending("b") == "b")
        #expect(Path("/a").appending("") == "/a")
    }

    @Test(arguments: [
        ("/a/./b/../c", "/a/c"), ("/../a", "/a"), ("a/../..", ".."), ("./", "."), ("", "."), ("/", "/"),
        ("a//b", "a/b"),
    ])
    func `normalized works dots out by text`(text: String, normal: String) {
        #expect(Path(text).normalized == Path(normal))
    }

    @Test func `relative paths are found by components, not by characters`() {
        #expect(Path("/data/a/b").relative(to: "/data/a") == "b")
        #expect(Path("/data/ab").relative(to: "/data/a") == nil)
        #expect(Path("/data").relative(to: "/data/") == "")
        #expect(Path("/data").relative(to: "/") == "data")
        #expect(Path("data").relative(to: "/") == nil)
    }

    @Test func `bytes that are not UTF-8 are kept, and what follows a NUL is cut`() {
        #expect(Path(bytes: [0x61, 0xFF]).bytes == [0x61, 0xFF])
        #expect(Path(bytes: [0x61, 0xFF]).description == "a\u{FFFD}")
        #expect(Path("a\0b") == "a")
    }
}
