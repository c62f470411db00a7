// Where findings point: into the run, at the page of the row that is wrong.

import DICOM
import Platform
import Testing

@testable import ArchiveIndex

@Suite("Where a finding is, FORMAT.md 10") struct FindingTests {
    /// The bytes of a run in memory, which are taken as they are, and where the pages of a table are.
    private static func run() throws -> (bytes: [UInt8], run: Run) {
        var writer = try RunWriter(to: nil)
        let entries = (0..<3).map { SignedEntry(entry: Samples.regular($0 * 60)) }
        for entry in OrderedEntry.sorted(entries) { try writer.add(entry) }
        let written = try writer.finish()
        let run = try Run(.memory(Mapping(copying: written.bytes)), byteCount: written.byteCount, file: "run")
        return (written.bytes, run)
    }

    private static func findings(_ written: [UInt8]) throws -> [IndexFinding] {
        let bytes = try Run.withChecksums(written)
        var verification = RunVerification(
            try Run(.memory(Mapping(copying: bytes)), byteCount: bytes.count, file: "run"), maximum: 100)
        verification.verify()
        return verification.findings
    }

    @Test(arguments: Table.allCases)
    func `any byte of a page that says something else is found, and where it is`(table: Table) throws {
        let (sound, run) = try Self.run()
        #expect(try Self.findings(sound).isEmpty)
        let page = try run.table(table).place(ofPage: 0)
        // Each in release; a sample in debug, where one takes long.
        let step = Program.environment("FILEROOM_SEEDS") == nil ? 7 : 1
        for byte in stride(from: page.offset, to: page.offset + page.byteCount, by: step) {
            var bytes = sound
            bytes[byte] ^= 1
            for finding in try Self.findings(bytes) {
                #expect(finding.file == "run")
                #expect(finding.byte >= RunLayout.prologueBytes, "\(byte): \(finding)")
                #expect(finding.byte < run.bytes.trailer.bodyBytes, "\(byte): \(finding)")
            }
        }
    }

    @Test func `a row that isn't there is found where it is referred to`() throws {
        let (sound, run) = try Self.run()
        let page = try run.table(.instanceUIDs).place(ofPage: 0)
        #expect(run.byte(ofRow: 2, of: .instanceUIDs) == page.offset)
        #expect(run.byte(ofRow: 3, of: .instanceUIDs) == 0)
        // The numbers of its last column begin with their width and base: a base that is larger by far.
        let length = Int(sound[page.offset + 1])
        var bytes = sound
        bytes[page.offset + page.byteCount - length + 1] = 0x7E
        let findings = try Self.findings(bytes)
        #expect(
            findings.contains { $0.byte == page.offset && $0.what.contains("instances: referred to") }, "\(findings)")
    }

    @Test func `a file that is taken back and wasn't there is found at its row, and what helps is said`() throws {
        let disk = try FlippedByteTests.area()
        let folder = try IndexFolder.open(at: "/area/index", kernel: disk)
        var batch = EntryCoding.Batch()
        var entry = Samples.regular(1)
        entry.fields.place.path = Array("never".utf8)
        batch.entries = [SignedEntry(entry: entry, isRemoval: true)]
        let ordered = OrderedEntry.sorted(batch.entries)
        var current = try folder.current()
        let written = try folder.writeRun(current.nextRun) { (writer: inout RunWriter) throws(IndexFault) in
            for entry in ordered { try writer.add(entry) }
        }
        current.nextRun += 1
        current.runs.append(written)
        try folder.commit(current)
        let finding = try #require(try IndexFolder.open(at: "/area/index", kernel: disk).verify().first)
        let run = try folder.openRun(written)
        #expect(finding.file == run.file)
        #expect(finding.byte == run.byte(ofRow: 0, of: .files))
        #expect(finding.byte > 0)
        #expect(finding.remedy?.contains("fileroom-index rebuild") == true)
    }

    @Test func `what helps where roots can't be read names the folders`() {
        let run = IndexFinding(file: "run-1", what: "")
        let roots = IndexFinding(.damaged(file: "roots", byte: 0, what: ""))
        let version = IndexFinding(.foreignVersion(file: "current", found: "version 0.1"))
        #expect(IndexFinding.remedy(for: [run]).hasSuffix("rebuild"))
        for finding in [roots, version] {
            #expect(finding.remedy?.hasSuffix("rebuild FOLDER…") == true)
            #expect(IndexFinding.remedy(for: [run, finding]) == finding.remedy)
        }
        #expect(IndexFinding(file: "journal-1", what: "", isRemark: true).remedy == nil)
    }
}
