// Folders: listing with kinds, first bytes of files, making with parents.

import Platform
import Support
import Testing

@Suite("Folder") struct FolderTests {
    private func names(_ listing: FolderListing) -> [String] {
        (0..<listing.count).map { String(decoding: listing.name($0), as: UTF8.self) }
    }

    @Test func `lists names with kind and inode, without dots`() throws {
        let temporary = try TemporaryFolder()
        try temporary.write([1], to: "file")
        try temporary.write([1], to: "...")
        try temporary.write([1], to: "folder/inner")
        let folder = try Folder.open(temporary.path)
        var listing = FolderListing()
        try folder.list(into: &listing)
        listing.sortByName()
        #expect(names(listing) == ["...", "file", "folder"])
        #expect([listing.kind(1), listing.kind(2)] == [.file, .folder])
        #expect(try listing.inode(1) == folder.status(of: listing.name(1)).inode)
        let inner = try folder.open(listing.name(2))
        try inner.list(into: &listing)
        #expect(names(listing) == ["inner"])
        #expect(inner.path == temporary.appending("folder"))
    }

    @Test func `lists a folder that takes many reads`() throws {
        let temporary = try TemporaryFolder()
        let expected = (0..<2_500).map { "a-name-that-takes-some-room-\($0)" }.sorted()
        for name in expected { try temporary.write([], to: name) }
        var listing = FolderListing()
        try Folder.open(temporary.path).list(into: &listing)
        #expect(names(listing).sorted() == expected)
        #expect(try Folder.entries(of: temporary.path).map { String(decoding: $0.name, as: UTF8.self) } == expected)
    }

    @Test func `reads first bytes and status in one step`() throws {
        let temporary = try TemporaryFolder()
        let content = (0..<5_000).map { UInt8(truncatingIfNeeded: $0) }
        try temporary.write(content, to: "a")
        let folder = try Folder.open(temporary.path)
        var listing = FolderListing()
        try folder.list(into: &listing)
        var buffer = ReadBuffer(capacity: 16)
        let status = try folder.readPrefix(ofEntry: 0, in: listing, count: 1_000, into: &buffer)
        #expect(status.sizeBytes == 5_000)
        #expect(buffer.byteCount == 1_000)
        #expect(crc32c(buffer.bytes) == crc32c(Array(content.prefix(1_000))))
        _ = try folder.readPrefix(ofEntry: 0, in: listing, count: 9_000, into: &buffer)
        #expect(buffer.byteCount == 5_000)
        let file = try folder.openFile(listing.name(0))
        #expect(try file.read(at: 4_000, count: 2_000, into: &buffer) == 1_000)
        #expect(crc32c(buffer.bytes) == crc32c(Array(content.suffix(1_000))))
    }

    @Test func `links are not followed unless told to, and a folder has no first bytes`() throws {
        let temporary = try TemporaryFolder()
        try temporary.write([1, 2, 3], to: "outside/a")
        try Folder.make(temporary.appending("in"))
        let made = try ClientProcess.run("ln", ["-s", "../outside/a", temporary.appending("in/link").description])
        #expect(made.isSuccess)
        let folder = try Folder.open(temporary.appending("in"))
        var listing = FolderListing()
        try folder.list(into: &listing)
        #expect(listing.kind(0) == .link)
        var buffer = ReadBuffer()
        #expect(throws: FileFault(.read, temporary.appending("in/link"), .tooManyLinks)) {
            var buffer = ReadBuffer()
            _ = try folder.readPrefix(ofEntry: 0, in: listing, count: 10, into: &buffer)
        }
        _ = try folder.readPrefix(ofEntry: 0, in: listing, count: 10, into: &buffer, followingLink: true)
        #expect(buffer.byteCount == 3)
        #expect(try folder.status(ofEntry: 0, in: listing).kind == .link)
        let outer = try Folder.open(temporary.path)
        try outer.list(into: &listing)
        #expect(try outer.readPrefix(ofEntry: 0, in: listing, count: 10, into: &buffer).kind == .folder)
        #expect(buffer.byteCount == 0)
    }

    @Test func `makes folders with parents, and says which`() throws {
        let temporary = try TemporaryFolder()
        let deep = temporary.appending("a/b/c")
        #expect(throws: FileFault.self) { try Folder.make(deep) }
        let made = try Folder.make(deep, parents: true)
        #expect(made == ["a", "a/b", "a/b/c"].map { temporary.appending($0) })
        #expect(try Folder.make(deep, parents: true).isEmpty)
        try Folder.synchronize(deep)
        #expect(throws: FileFault(.removeFolder, temporary.appending("a"), .folderNotEmpty)) {
            try Folder.remove(temporary.appending("a"))
        }
    }

    @Test func `resolved follows links and is absolute`() throws {
        let temporary = try TemporaryFolder()
        try Folder.make(temporary.appending("a"))
        #expect(try temporary.appending("a/../a/.").resolved() == temporary.path.resolved().appending("a"))
        #expect(try Path.currentFolder().isAbsolute)
    }
}
