// An index that version 1 wrote when it was frozen, kept as it was: every later version reads it (FORMAT.md 1.2).

import DICOM
import Platform
import Support
import Testing

@testable import ArchiveIndex

@Suite("The golden area of version 1, FORMAT.md 1.2") struct GoldenTests {
    static let folder = Path("\(#filePath)").parent.parent.parent.appending(Path("Golden/version-1"))
    static let index: Path = "/area/index"

    /// A disk with the golden index.
    static func disk() throws -> CrashableDisk {
        let disk = CrashableDisk()
        try Folder.make(index.parent, kernel: disk)
        try Folder.make(index, kernel: disk)
        for entry in try Folder.entries(of: folder.appending("index")) {
            let file = try File.open(folder.appending("index").appending(entry.path))
            try File.open(index.appending(entry.path), .creating, kernel: disk).append(file.readAll())
        }
        return disk
    }

    static var names: [String] { ["current", "journal-2", "roots", "run-6", "run-7"] }

    static func answers() throws -> String {
        String(decoding: try File.open(folder.appending("answers.txt")).readAll(), as: UTF8.self)
    }

    @Test func `has all files that it was committed with`() throws {
        let found = try Folder.entries(of: Self.folder.appending("index")).map {
            String(decoding: $0.name, as: UTF8.self)
        }
        #expect(found.sorted() == Self.names)
    }

    @Test func `is read, verified and answered from as on the first day`() throws {
        let index = try IndexFolder.open(at: Self.index, kernel: Self.disk())
        #expect(try Answers(index.snapshot()).description + "\n" == Self.answers())
        #expect(try index.verify().isEmpty)
        #expect(try index.roots()[1] == "/mnt/old exports")
        #expect(try index.goneRoots() == [2])
        #expect(try index.removals().throughNs.count == 3)
    }

    @Test func `can be written to, folded and merged`() throws {
        let disk = try Self.disk()
        let index = try IndexFolder.open(at: Self.index, kernel: disk)
        try index.compact()
        #expect(try Answers(index.snapshot()).description + "\n" == Self.answers())
        try index.append([Samples.regular(900)])
        let again = try IndexFolder.open(at: Self.index, kernel: disk)
        #expect(try again.snapshot().instances(Samples.regular(900).sopInstanceUID).count == 1)
        #expect(try again.verify().isEmpty)
    }

    @Test(arguments: names)
    func `a flipped bit anywhere is found, and never answered from`(name: String) throws {
        let disk = try Self.disk()
        let path = Self.index.appending(name)
        let truth = try Self.answers()
        let size = try disk.bytes(of: path).count
        // The last frame of a journal can't be told from an append that was cut short: it isn't there then.
        let lastFrame = name.hasPrefix("journal") ? try FlippedByteTests.lastFrame(of: disk.bytes(of: path)) : size
        let withoutLastFrame = try FlippedByteTests.answers(Self.disk(), of: path, cutTo: lastFrame)?.description
        for byte in stride(from: 0, to: size, by: Program.environment("FILEROOM_SEEDS") == nil ? 37 : 1) {
            try disk.flip(bit: byte % 8, ofByte: byte, of: path)
            defer { try? disk.flip(bit: byte % 8, ofByte: byte, of: path) }
            let findings = try? IndexFolder.open(at: Self.index, kernel: disk).verify()
            #expect(findings?.isEmpty != true, "\(name) byte \(byte)")
            if let answers = try FlippedByteTests.answers(disk)?.description {
                #expect(
                    answers + "\n" == truth || byte >= lastFrame && answers == withoutLastFrame, "\(name) byte \(byte)")
            }
        }
    }

    /// Writes the golden area: once, when a version is frozen. Never again for the same version.
    @Test(.enabled(if: Program.environment("FILEROOM_WRITE_GOLDEN") != nil))
    func `write it`() throws {
        let isThere = try File.exists(Self.folder)
        try #require(!isThere)
        try Folder.make(Self.folder, parents: true)
        let index = try IndexFolder.create(at: Self.folder.appending("index"))
        _ = try index.root(of: "/mnt/old exports")
        let session = index.importSession()
        for number in stride(from: 0, to: 600, by: 40) { try session.add(Samples.regular(number)) }
        for number in 0..<20 {
            // Paths of UIDs, texts that recur, and those of other characters.
            var entry = Samples.regular(1_000 + number * 7)
            entry.fields.place.path =
                entry.studyInstanceUID.bytes + [0x2F] + entry.seriesInstanceUID.bytes + [0x2F]
                + entry.sopInstanceUID.bytes + Array(".dcm".utf8)
            try session.add(entry)
        }
        try session.add(
            ForeignFile(
                Place(
                    root: 1, path: Array("notes.txt".utf8), sizeBytes: 17, modificationNs: 1_700_000_000_000_000_000,
                    inode: 9, isTrusted: true, dataSetOffset: 0), reason: 1))
        try session.publish()
        var generator = SeededGenerator(seed: 1)
        for _ in 0..<60 { try session.add(Samples.odd(&generator)) }
        try session.publish()
        // Something is taken back, something stands in a journal.
        for number in [40, 80] { try session.forget(root: 1, path: Samples.regular(number).place.path) }
        try session.publish()
        for number in 700..<704 { try index.append([Samples.regular(number, root: 0)]) }
        // Something was removed on purpose, and a root is gone.
        _ = try index.root(of: "/mnt/lent out")
        try index.remove(root: 2)
        _ = try index.remove(
            [
                .instance(Samples.regular(120).sopInstanceUID), .study(UID("1.2.99")!),
                .patient(id: Array("P 1".utf8), issuer: Array("Z".utf8)),
            ], nowNs: 1_800_000_000_000_000_000)
        try index.fold()
        try index.removeSuperseded()
        try index.append([Samples.regular(704, root: 0), Samples.regular(705, root: 0)])
        try File.remove(Self.folder.appending(Path("index/lock")))
        try File.open(Self.folder.appending("answers.txt"), .creating)
            .append(Array((Answers(index.snapshot()).description + "\n").utf8))
    }
}
