// The version rule (FORMAT.md 1.2): a newer minor is read and not written to, another major is refused in words.

import DICOM
import Platform
import Support
import Testing

@testable import ArchiveIndex

@Suite("Versions, FORMAT.md 1.2") struct VersionTests {
    static let index: Path = "/area/index"

    static func area() throws -> CrashableDisk {
        let disk = CrashableDisk()
        let folder = try IndexFolder.create(at: index, kernel: disk)
        _ = try folder.root(of: "/mnt")
        let session = folder.importSession()
        for number in 0..<3 { try session.add(Samples.regular(number)) }
        try session.publish()
        try folder.append([Samples.regular(3)])
        return disk
    }

    /// Writes a text file as another version would: with its version and further lines.
    static func rewrite(_ name: String, version: String, adding line: String? = nil, on disk: CrashableDisk) throws {
        let path = index.appending(name)
        var lines = String(decoding: try disk.bytes(of: path), as: UTF8.self).split(separator: "\n").map(String.init)
        lines[0] = lines[0].split(separator: " ")[0] + " " + version
        lines.removeLast()
        if let line { lines.append(line) }
        let bytes = Array((lines.joined(separator: "\n") + "\n").utf8)
        let crc = hexadecimalDigits(checksum(bytes))
        try disk.replace(path, with: bytes + Array("crc \(crc)\n".utf8))
    }

    @Test(arguments: ["current", "roots"])
    func `a newer minor version is read, and lines that it adds are passed over`(name: String) throws {
        let disk = try Self.area()
        let truth = try Answers(IndexFolder.open(at: Self.index, kernel: disk).snapshot())
        try Self.rewrite(name, version: "1.7", adding: "shelf 3 left", on: disk)
        let folder = try IndexFolder.open(at: Self.index, kernel: disk)
        #expect(try Answers(folder.snapshot()) == truth)
        #expect(try folder.roots()[1] == "/mnt")
    }

    @Test func `a newer minor version is not written to`() throws {
        let disk = try Self.area()
        try Self.rewrite("current", version: "1.2", on: disk)
        let folder = try IndexFolder.open(at: Self.index, kernel: disk)
        let before = try disk.bytes(of: Self.index.appending("journal-1"))
        for write in [
            { try folder.append([Samples.regular(9)]) }, { try folder.fold() }, { try folder.compact() },
            { _ = try folder.root(of: "/other") },
            {
                let session = folder.importSession()
                try session.add(Samples.regular(9))
                try session.publish()
            },
        ] as [() throws -> Void] {
            let fault = #expect(throws: IndexFault.self) { try write() }
            #expect(fault?.description.contains("newer version of Fileroom") == true)
        }
        #expect(try disk.bytes(of: Self.index.appending("journal-1")) == before)
    }

    @Test func `roots of a newer minor version are not replaced`() throws {
        let disk = try Self.area()
        try Self.rewrite("roots", version: "1.1", adding: "shelf 3 left", on: disk)
        let folder = try IndexFolder.open(at: Self.index, kernel: disk)
        #expect(throws: IndexFault.self) { try folder.root(of: "/other") }
        try folder.append([Samples.regular(9)])
    }

    @Test(arguments: ["0.0-20261122", "0.9", "1", "1.0.0", "x"])
    func `another version is refused in words`(version: String) throws {
        let disk = try Self.area()
        try Self.rewrite("current", version: version, on: disk)
        let fault = #expect(throws: IndexFault.self) { try IndexFolder.open(at: Self.index, kernel: disk).snapshot() }
        guard case .foreignVersion(file: "current", _)? = fault else {
            Issue.record("\(String(describing: fault))")
            return
        }
    }

    @Test(arguments: ["2.0", "17.3"])
    func `a newer major version is refused, and not made anew`(version: String) throws {
        let disk = try Self.area()
        try Self.rewrite("current", version: version, on: disk)
        let fault = #expect(throws: IndexFault.self) { try IndexFolder.open(at: Self.index, kernel: disk).snapshot() }
        #expect(fault?.description.contains("newer version of Fileroom") == true)
        #expect(throws: IndexFault.self) { _ = try Rebuild(at: Self.index, kernel: disk) }
        #expect(throws: IndexFault.self) { _ = try Rebuild(at: Self.index, ignoresOld: true, kernel: disk) }
    }

    @Test func `a line that isn't known is damage in a version that is`() throws {
        let disk = try Self.area()
        try Self.rewrite("current", version: "1.0", adding: "shelf 3 left", on: disk)
        #expect(throws: IndexFault.self) { try IndexFolder.open(at: Self.index, kernel: disk).snapshot() }
    }

    /// Appends a frame of another kind to the journal.
    static func append(kind: UInt8, on disk: CrashableDisk) throws {
        var journal = try #require(try Journal(1, in: index, kernel: disk))
        _ = try journal.readOn()
        var frame = JournalFrame(
            salt: journal.head.salt, sequence: journal.nextSequence, previous: journal.position.previous,
            kind: .entries,
            payload: [1, 2, 3])
        frame.kindCode = kind
        try File.open(index.appending("journal-1"), .writing, kernel: disk)
            .write(frame.encoded().bytes, at: journal.endOffset)
    }

    @Test func `a frame of a kind from 128 on is passed over, and what stands behind it counts`() throws {
        let disk = try Self.area()
        try Self.append(kind: 200, on: disk)
        let folder = try IndexFolder.open(at: Self.index, kernel: disk)
        try folder.append([Samples.regular(4)])
        let again = try IndexFolder.open(at: Self.index, kernel: disk)
        #expect(try again.snapshot().instances(Samples.regular(3).sopInstanceUID).count == 1)
        #expect(try again.snapshot().instances(Samples.regular(4).sopInstanceUID).count == 1)
        #expect(try again.verify().isEmpty)
        try again.fold()
        #expect(try again.snapshot().instances(Samples.regular(4).sopInstanceUID).count == 1)
    }

    @Test func `a frame of another unknown kind is refused as a newer version's`() throws {
        let disk = try Self.area()
        try Self.append(kind: 9, on: disk)
        let fault = #expect(throws: IndexFault.self) { try IndexFolder.open(at: Self.index, kernel: disk).snapshot() }
        #expect(fault?.description.contains("newer version of Fileroom") == true)
    }

    @Test func `a run of a newer minor version may have tables and columns besides`() throws {
        var writer = try RunWriter(to: nil)
        for entry in OrderedEntry.sorted([SignedEntry(entry: Samples.regular(1))]) { try writer.add(entry) }
        var bytes = try writer.finish().bytes
        let trailer = try RunTrailer(
            decoding: Array(bytes.suffix(RunLayout.trailerBytes)), fileBytes: bytes.count, file: "run")
        // A table 99 without rows behind ours.
        let tail = bytes[trailer.tailOffset..<(trailer.tailOffset + trailer.tailBytes)]
        var grown = Array(tail.dropLast(4))
        grown.appendLittleEndian(UInt32(99))
        grown += [9, 9, 1, 7]
        for _ in 0..<3 { grown.appendLittleEndian(UInt64(0)) }
        grown += tail.suffix(4)
        var end = RunTrailer(
            tailCRC: checksum(grown), bodyBytes: trailer.bodyBytes, tailOffset: trailer.tailOffset,
            tailBytes: grown.count, fileBytes: trailer.tailOffset + grown.count + RunLayout.trailerBytes
        ).encoded()
        bytes = Array(bytes[..<trailer.tailOffset]) + grown
        let old = bytes + end
        // Version 1.0 has no such table.
        #expect(throws: IndexFault.self) {
            try Run(.memory(Mapping(copying: old)), byteCount: old.count, file: "run")
        }
        end[10] = 1
        end.replaceSubrange(52..<56, with: [])
        end.appendLittleEndian(checksum(end))
        let new = bytes + end
        let run = try Run(.memory(Mapping(copying: new)), byteCount: new.count, file: "run")
        let snapshot = Snapshot(sources: [run], generation: 1, journalSequence: 0)
        #expect(try snapshot.instances(Samples.regular(1).sopInstanceUID).count == 1)
    }
}
