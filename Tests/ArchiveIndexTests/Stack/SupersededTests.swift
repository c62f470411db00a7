// Runs and journals that nothing names any more: they stay while somebody reads them, and go then (FORMAT.md 8).

import Platform
import Support
import Testing

@testable import ArchiveIndex

@Suite("Superseded files, design: Folding") struct SupersededTests {
    static func names(_ folder: IndexFolder) throws -> Set<String> {
        Set(try Folder.entries(of: folder.path).map { String(decoding: $0.name, as: UTF8.self) })
    }

    /// Two runs and a journal, and a second handle, as another process has one.
    static func area(_ temporary: TemporaryFolder) throws -> (writer: IndexFolder, reader: IndexFolder) {
        let path = temporary.appending("index")
        let writer = try IndexFolder.create(at: path)
        #expect(try writer.root(of: "/mnt") == 1)
        let session = writer.importSession()
        for numbers in [0..<20, 400..<410] {
            for number in numbers { try session.add(Samples.regular(number)) }
            try session.publish()
        }
        try writer.append([Samples.regular(800)])
        return (writer, try IndexFolder.open(at: path))
    }

    @Test func `a run stays while a snapshot reads it, answers as before, and goes when it is let go`() throws {
        let temporary = try TemporaryFolder()
        let (writer, reader) = try Self.area(temporary)
        var held: Snapshot? = try reader.snapshot()
        let truth = try held.map { try Answers($0) }
        try writer.append([Samples.regular(801)])
        try writer.compact()
        let old: Set = ["run-1", "run-2", "journal-1"]
        #expect(try Self.names(writer).isSuperset(of: old))
        #expect(try writer.current().runs.count == 1)
        #expect(try held.map { try Answers($0) } == truth)
        // The reader goes on to what is there now; who still reads the old runs keeps them, not the journal: a snapshot has
        // what that said in memory.
        #expect(try Answers(reader.snapshot()) == Answers(writer.snapshot()))
        try writer.removeSuperseded()
        #expect(try Self.names(writer).isSuperset(of: ["run-1", "run-2"]))
        #expect(try !Self.names(writer).contains("journal-1"))
        #expect(try held.map { try Answers($0) } == truth)
        held = nil
        try writer.removeSuperseded()
        #expect(try Self.names(writer).isDisjoint(with: old))
        #expect(try writer.verify().isEmpty)
        #expect(try Answers(reader.snapshot()) == Answers(writer.snapshot()))
    }

    @Test func `a search that goes on keeps its runs to its end`() throws {
        let temporary = try TemporaryFolder()
        let (writer, reader) = try Self.area(temporary)
        var studies: StudyCursor? = try reader.snapshot().studies()
        #expect(try studies?.next() != nil)
        for number in [802, 1_200] {
            try writer.append([Samples.regular(number)])
            try writer.compact()
            _ = try reader.snapshot()
        }
        // The runs between were read by nobody.
        let between = "run-\(try #require(writer.current().runs.first).number - 2)"
        try writer.removeSuperseded()
        #expect(try Self.names(writer).isSuperset(of: ["run-1", "run-2"]))
        #expect(try !Self.names(writer).contains(between))
        var count = 1
        while try studies?.next() != nil { count += 1 }
        #expect(count == 3)
        studies = nil
        try writer.removeSuperseded()
        #expect(try Self.names(writer).filter { $0.hasPrefix("run-") }.count == 1)
    }
}
