// Collecting changes: when they are due, what covers what, and which files have to stay as they are for how long.

import Platform
import Testing

@testable import Archive

@Suite("Changed paths") struct ChangedPathsTests {
    /// A moment so many seconds after the first event.
    static func at(_ seconds: Double) -> MonotonicInstant {
        MonotonicInstant(nanoseconds: 1_000_000_000_000).advanced(bySeconds: seconds)
    }

    static func parts(_ batch: ChangedPaths.Batch?) -> [String]? {
        batch?.parts.map { String(decoding: $0, as: UTF8.self) }
    }

    @Test func `nothing is due while nothing was noted`() {
        var changes = ChangedPaths()
        #expect(changes.due == nil)
        #expect(changes.take(at: Self.at(100)) == nil)
    }

    @Test func `what changed is taken a second after the last change, once`() {
        var changes = ChangedPaths()
        changes.note(Array("b".utf8), settleSeconds: 0, at: Self.at(0))
        changes.note(Array("a".utf8), settleSeconds: 0, at: Self.at(0.8))
        #expect(changes.due == Deadline(Self.at(1.8)))
        #expect(changes.take(at: Self.at(1.7)) == nil)
        #expect(Self.parts(changes.take(at: Self.at(1.8))) == ["a", "b"])
        #expect(changes.due == nil)
        #expect(changes.take(at: Self.at(60)) == nil)
    }

    @Test func `where changes come all the time they are taken after five seconds`() {
        var changes = ChangedPaths()
        for tenth in 0..<49 { changes.note(Array("\(tenth)".utf8), settleSeconds: 0, at: Self.at(Double(tenth) / 10)) }
        #expect(changes.due == Deadline(Self.at(5)))
        #expect(changes.take(at: Self.at(4.9)) == nil)
        #expect(changes.take(at: Self.at(5))?.parts.count == 49)
    }

    @Test func `what lies in a changed folder goes with it, and its neighbours don't`() {
        var changes = ChangedPaths()
        for path in ["a/b/c", "a", "a!", "a/b", "ab", "b/c", "b/c/d"] {
            changes.note(Array(path.utf8), settleSeconds: path == "a/b/c" ? 0 : 3, at: Self.at(0))
        }
        let batch = changes.take(at: Self.at(1))
        #expect(Self.parts(batch) == ["a", "a!", "ab", "b/c"])
        #expect(batch?.settleSeconds[Array("a/b/c".utf8)] == 0, "it is whole, wherever it is found")
        changes.note([], settleSeconds: 3, at: Self.at(2))
        changes.note(Array("a".utf8), settleSeconds: 3, at: Self.at(2))
        #expect(Self.parts(changes.take(at: Self.at(3))) == [""])
    }

    @Test func `a file that is open is taken when it is closed`() {
        var changes = ChangedPaths()
        let path = Array("a".utf8)
        changes.postpone(path, bySeconds: 60, at: Self.at(0))
        #expect(changes.due == Deadline(Self.at(60)))
        #expect(changes.take(at: Self.at(59)) == nil)
        #expect(changes.isOpen(path))
        changes.note(path, settleSeconds: 0, at: Self.at(59.5))
        #expect(!changes.isOpen(path))
        #expect(changes.take(at: Self.at(60.5)) == ChangedPaths.Batch(parts: [path], settleSeconds: [path: 0]))
        #expect(changes.take(at: Self.at(600)) == nil)
    }

    @Test func `a file that is never closed is taken after a while, where it stayed as it is for so long`() {
        var changes = ChangedPaths()
        let path = Array("a".utf8)
        changes.postpone(path, bySeconds: 60, at: Self.at(0))
        #expect(changes.take(at: Self.at(60)) == ChangedPaths.Batch(parts: [path], settleSeconds: [path: 60]))
        #expect(!changes.isOpen(path))
        #expect(changes.due == nil)
    }

    @Test func `a file that was whole and is made anew has to be whole again`() {
        var changes = ChangedPaths()
        let path = Array("a".utf8)
        changes.note(path, settleSeconds: 0, at: Self.at(0))
        changes.postpone(path, bySeconds: 60, at: Self.at(0.5))
        #expect(changes.take(at: Self.at(1)) == ChangedPaths.Batch(parts: [path], settleSeconds: [path: 60]))
    }

    @Test func `a folder that is visited says of the open files in it that they are open`() {
        var changes = ChangedPaths()
        changes.note(Array("a".utf8), settleSeconds: 3, at: Self.at(0))
        changes.postpone(Array("a/x".utf8), bySeconds: 60, at: Self.at(0))
        let batch = changes.take(at: Self.at(1))
        #expect(Self.parts(batch) == ["a"])
        #expect(batch?.settleSeconds[Array("a/x".utf8)] == 60)
    }
}

@Suite("Folders that hold for all in them") struct FolderSetTests {
    static func set(_ folders: [String]) -> FolderSet {
        var set = FolderSet()
        for folder in folders { set.insert(Array(folder.utf8)) }
        return set
    }

    @Test func `holds what lies in them, and nothing else`() {
        let set = Self.set(["b", "a/b", "a!"])
        for path in ["b/x", "b/x/y", "a/b/x", "a!/x"] { #expect(set.holds(Array(path.utf8)), "\(path)") }
        for path in ["b", "bb", "a/x", "a/bb", "a", "c/b/x", ""] { #expect(!set.holds(Array(path.utf8)), "\(path)") }
    }

    @Test(arguments: [["a", "a/b", "a/c/d", "b"], ["b", "a/c/d", "a/b", "a"], ["a/c/d", "a", "b", "a/b"]])
    func `one within another adds nothing, in whatever order they come`(folders: [String]) {
        let set = Self.set(folders)
        for path in ["a/x", "a/b/x", "a/c/x", "a/c/d/x", "a/z", "b/x"] {
            #expect(set.holds(Array(path.utf8)), "\(path)")
        }
        #expect(!set.holds(Array("c/x".utf8)))
    }

    @Test func `the root holds everything, and no folder nothing`() {
        #expect(Self.set([""]).holds(Array("a/b".utf8)))
        #expect(!Self.set([]).holds(Array("a/b".utf8)))
    }
}
