// Folders: listing with kinds, files by name, making with parents.

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
        #expect(try listing.entry(1).inode == folder.status(of: listing.name(1)).inode)
        try Folder.open(temporary.appending("folder")).list(into: &listing)
        #expect(names(listing) == ["inner"])
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

    @Test func `opens a file by its name in the folder`() throws {
        let temporary = try TemporaryFolder()
        let content = (0..<5_000).map { UInt8(truncatingIfNeeded: $0) }
        try temporary.write(content, to: "a")
        let folder = try Folder.open(temporary.path)
        var listing = FolderListing()
        try folder.list(into: &listing)
        let file = try folder.openFile(listing.name(0))
        #expect(file.path == temporary.appending("a"))
        var buffer = ReadBuffer(capacity: 16)
        #expect(try file.read(at: 4_000, count: 2_000, into: &buffer) == 1_000)
        #expect(crc32c(buffer.bytes) == crc32c(Array(content.suffix(1_000))))
        #expect(try file.read(at: 0, count: 1_000, into: &buffer) == 1_000)
        #expect(crc32c(buffer.bytes) == crc32c(Array(content.prefix(1_000))))
    }

    @Test func `links are not followed unless told to`() throws {
        let temporary = try TemporaryFolder()
        try temporary.write([1, 2, 3], to: "outside/a")
        try Folder.make(temporary.appending("in"))
        let made = try ClientProcess.run("ln", ["-s", "../outside/a", temporary.appending("in/link").description])
        #expect(made.isSuccess)
        let folder = try Folder.open(temporary.appending("in"))
        var listing = FolderListing()
        try folder.list(into: &listing)
        #expect(listing.kind(0) == .link)
        #expect(try folder.status(of: listing.name(0)).kind == .link)
        #expect(try folder.status(of: listing.name(0), followingLink: true).sizeBytes == 3)
        #expect(throws: FileFault(.open, temporary.appending("in/link"), .tooManyLinks)) {
            _ = try folder.openFile(listing.name(0))
        }
        #expect(try folder.openFile(listing.name(0), followingLink: true).read(at: 0, count: 10) == [1, 2, 3])
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
