// Files on the real kernel: what is written is read, errors name file and cause.

import Platform
import Support
import Testing

@Suite("File on the system's kernel") struct FileTests {
    @Test func `reads back what was written, at any offset`() throws {
        let folder = try TemporaryFolder()
        let file = try File.open(folder.appending("a"), .creating)
        try file.write([1, 2, 3], at: 4)
        try file.synchronize()
        #expect(try file.readAll() == [0, 0, 0, 0, 1, 2, 3])
        #expect(try file.read(at: 5, count: 10) == [2, 3])
        #expect(try file.read(at: 7, count: 10) == [])
        var buffer = [UInt8](repeating: 9, count: 6)
        #expect(try file.read(at: 4, into: &buffer, from: 2, count: 4) == 3)
        #expect(buffer == [9, 9, 1, 2, 3, 9])
        #expect(try file.status().sizeBytes == 7)
    }

    @Test func `appending writes at the end, whoever wrote before`() throws {
        let folder = try TemporaryFolder()
        let one = try File.open(folder.appending("a"), .appending)
        let two = try File.open(folder.appending("a"), .appending)
        try one.append([1])
        try two.append([2])
        try one.append([3])
        #expect(try two.readAll() == [1, 2, 3])
    }

    @Test func `a failure names operation, path and cause`() throws {
        let folder = try TemporaryFolder()
        let path = folder.appending("none")
        #expect(throws: FileFault(.open, path, .noEntry)) { _ = try File.open(path) }
        try folder.write([], to: "there")
        let there = folder.appending("there")
        #expect(throws: FileFault(.open, there, .exists)) { _ = try File.open(there, .creating) }
        #expect(FileFault(.open, "/a", .noEntry).description == "cannot open /a: No such file or directory")
        #expect(Errno.noSpace.symbolicName == "ENOSPC")
        #expect(Errno(code: 99_999).description == "unknown error (errno 99999)")
        #expect(throws: FileFault(.read, there, .fileTooLarge)) {
            let file = try File.open(there, .writing)
            try file.write([1, 2, 3], at: 0)
            _ = try file.readAll(maximumBytes: 2)
        }
    }

    @Test func `a mapping shows the bytes, and an empty file maps to none`() throws {
        let folder = try TemporaryFolder()
        let mapping = try File.open(folder.write([7, 8, 9], to: "a")).map()
        let bytes = mapping.bytes
        #expect(bytes.byteCount == 3)
        #expect(crc32c(bytes) == crc32c([7, 8, 9]))
        #expect(try File.open(folder.write([], to: "b")).map().byteCount == 0)
        #expect(Mapping(copying: [1, 2]).byteCount == 2)
    }

    @Test func `uncached reads see the same bytes, at any offset`() throws {
        let folder = try TemporaryFolder()
        let content = (0..<10_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let path = try folder.write(content, to: "a")
        let file: File
        do throws(FileFault) { file = try File.open(path, .readingUncached) } catch {
            // File systems in memory have no way past the cache.
            #expect(error.cause == .invalidArgument)
            return
        }
        for (offset, count) in [(0, 10_000), (1, 5), (4_095, 2), (4_096, 4_096), (9_999, 50), (10_000, 1), (20_000, 1)]
        {
            #expect(try file.readUncached(at: offset, count: count) == Array(content.dropFirst(offset).prefix(count)))
        }
    }

    @Test func `rename replaces, link refuses a taken name, exists tells`() throws {
        let folder = try TemporaryFolder()
        let (a, b) = (try folder.write([1], to: "a"), try folder.write([2], to: "b"))
        #expect(throws: FileFault(.link, b, .exists)) { try File.link(a, as: b) }
        try File.rename(a, to: b)
        #expect(try File.open(b).readAll() == [1])
        #expect(try !File.exists(a))
        try File.link(b, as: a)
        #expect(try File.status(of: a).isSameFile(as: File.status(of: b)))
        #expect(try File.status(of: a).linkCount == 2)
        try File.remove(b)
        #expect(try File.exists(a))
    }

    @Test func `descriptors are closed with their owner and close on exec`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write([1], to: "a")
        let number: Int32
        do {
            let file = try File.open(path)
            number = file.descriptor
            let flags = try File.open(Path("/proc/self/fdinfo/\(number)")).read(at: 0, count: 4096)
            // The flags are octal, and O_CLOEXEC is 02000000.
            let line = try #require(String(decoding: flags, as: UTF8.self).split(separator: "\n").dropFirst().first)
            let value = try #require(Int(line.split(separator: "\t")[1], radix: 8))
            #expect(value & 0o2000000 != 0)
        }
        let link = try? File.status(of: Path("/proc/self/fd/\(number)"))
        #expect(try link?.isSameFile(as: File.status(of: path)) != true)
    }

    @Test func `the file system under a path tells its room`() throws {
        let system = try FileSystem.holding("/proc")
        #expect(!system.isNetwork)
        #expect(try FileSystem.holding("/").totalBytes > 0)
    }
}
