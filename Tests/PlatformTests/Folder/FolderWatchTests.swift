// Watched folders: every kind of event from a real kernel, and the bytes of struct inotify_event.

import Support
import Testing

@testable import Platform

@Suite("Watching folders, inotify(7)") struct FolderWatchTests {
    /// A folder and its watch.
    struct Watched {
        let folder: TemporaryFolder
        let watch: FolderWatch
        let number: FolderWatch.Number

        init() throws {
            folder = try TemporaryFolder()
            watch = try FolderWatch()
            number = try watch.add(folder.path)
        }

        /// What was told by now: the kernel queues an event before the call that caused it returns.
        func events() throws -> [FolderEvent] {
            var events: [FolderEvent] = []
            while try watch.read(into: &events) {}
            return events
        }

        func entry(_ name: String, _ change: FolderEvent.Change, isFolder: Bool = false) -> FolderEvent {
            .entry(number, name: Array(name.utf8), change, isFolder: isFolder)
        }
    }

    @Test func `a file that is made is told, and once more when it is closed`() throws {
        let watched = try Watched()
        let file = try File.open(watched.folder.appending("a"), .creating)
        #expect(try watched.events() == [watched.entry("a", .created)])
        try file.append([1])
        #expect(try watched.events() == [], "not while it is written to")
        _ = consume file
        #expect(try watched.events() == [watched.entry("a", .written)])
    }

    @Test func `links, moves and removals are told`() throws {
        let watched = try Watched()
        try watched.folder.write([1], to: "a")
        let elsewhere = try TemporaryFolder()
        _ = try watched.events()
        try File.link(watched.folder.appending("a"), as: watched.folder.appending("b"))
        #expect(try watched.events().contains(watched.entry("b", .created)))
        try File.rename(watched.folder.appending("a"), to: watched.folder.appending("c"))
        #expect(try watched.events() == [watched.entry("a", .movedOut), watched.entry("c", .movedIn)])
        try File.rename(watched.folder.appending("c"), to: elsewhere.appending("c"))
        #expect(try watched.events() == [watched.entry("c", .movedOut)])
        try File.remove(watched.folder.appending("b"))
        #expect(try watched.events().last == watched.entry("b", .deleted))
    }

    @Test func `folders are told as folders, and what lies in them isn't told`() throws {
        let watched = try Watched()
        try Folder.make(watched.folder.appending("f"))
        try watched.folder.write([1], to: "f/a")
        try File.remove(watched.folder.appending("f/a"))
        try Folder.remove(watched.folder.appending("f"))
        #expect(
            try watched.events() == [
                watched.entry("f", .created, isFolder: true), watched.entry("f", .deleted, isFolder: true),
            ])
    }

    @Test func `a folder that is moved stays watched, and one that is removed doesn't`() throws {
        let watched = try Watched()
        let inner = watched.folder.appending("f")
        try Folder.make(inner)
        let number = try watched.watch.add(inner)
        #expect(try watched.watch.add(inner) == number)
        _ = try watched.events()
        try File.rename(inner, to: watched.folder.appending("g"))
        #expect(try watched.events().last == .moved(number))
        try watched.folder.write([1], to: "g/a")
        #expect(try watched.events().first == .entry(number, name: Array("a".utf8), .created, isFolder: false))
        try File.remove(watched.folder.appending("g/a"))
        try Folder.remove(watched.folder.appending("g"))
        #expect(try watched.events().contains(.gone(number)))
        watched.watch.remove(watched.number)
        #expect(try watched.events() == [.gone(watched.number)])
    }

    @Test func `only folders are watched, and no links unless told to`() throws {
        let watched = try Watched()
        let file = try watched.folder.write([1], to: "a")
        #expect(throws: FileFault(.watch, file, .notAFolder)) { _ = try watched.watch.add(file) }
        let none = watched.folder.appending("none")
        #expect(throws: FileFault(.watch, none, .noEntry)) { _ = try watched.watch.add(none) }
        try Folder.make(watched.folder.appending("f"))
        let link = watched.folder.appending("link")
        #expect(try ClientProcess.run("ln", ["-s", "f", link.description]).isSuccess)
        #expect(throws: FileFault(.watch, link, .notAFolder)) { _ = try watched.watch.add(link) }
        let number = try watched.watch.add(link, followingLink: true)
        #expect(try watched.watch.add(watched.folder.appending("f")) == number, "one folder, one number")
    }

    @Test func `the descriptor is ready when something is to be told`() throws {
        let watched = try Watched()
        let past = Deadline(MonotonicInstant(nanoseconds: 0))
        #expect(try !Poller.wait(for: watched.watch.descriptor, until: past))
        try Folder.make(watched.folder.appending("f"))
        #expect(try Poller.wait(for: watched.watch.descriptor, until: past))
    }

    // MARK: Bytes

    /// An event as the kernel writes it on this host.
    static func bytes(_ watch: Int32, _ mask: UInt32, _ name: String, padding: Int = 0) -> [UInt8] {
        var bytes: [UInt8] = []
        for value in [UInt32(bitPattern: watch), mask, 7, UInt32(name.utf8.count + padding)] {
            unsafe withUnsafeBytes(of: value) { bytes += unsafe Array($0) }
        }
        return bytes + Array(name.utf8) + [UInt8](repeating: 0, count: padding)
    }

    static func decode(_ bytes: [UInt8]) -> [FolderEvent] {
        var events: [FolderEvent] = []
        FolderEvent.append(unsafe bytes.span.bytes, to: &events)
        return events
    }

    @Test func `an overflow, an unmounted file system and a padded name are read`() {
        let bytes =
            Self.bytes(-1, 0x4000, "") + Self.bytes(3, 0x2000, "") + Self.bytes(3, 0x8000, "")
            + Self.bytes(4, 0x4000_0100, "folder", padding: 10) + Self.bytes(4, 0x4000_0004, "")
        #expect(
            Self.decode(bytes) == [
                .overflow, .unmounted(FolderWatch.Number(3)), .gone(FolderWatch.Number(3)),
                .entry(FolderWatch.Number(4), name: Array("folder".utf8), .created, isFolder: true),
            ])
    }

    @Test(arguments: 0..<32) func `an event that is cut off isn't there`(length: Int) {
        let whole = Self.bytes(4, 0x8, "name", padding: 12)
        #expect(whole.count == 32)
        #expect(Self.decode(Array(whole.prefix(length))).isEmpty)
        #expect(Self.decode(whole).count == 1)
    }
}
