// Runs whose pages and directories say what nobody wrote, behind checksums that hold: read or refused, never a trap.

import DICOM
import Platform
import Support
import Testing

@testable import ArchiveIndex

@Suite("Hostile runs, hardening.md R8") struct HostileRunTests {
    /// More with FILEROOM_SEEDS, in release.
    static let mutants = 40 * (Program.environment("FILEROOM_SEEDS").flatMap { Int($0) } ?? 5)

    /// The bytes of a run in memory, which are taken as they are, and how many of them stand before the CRC table.
    private static func bytes(_ generator: inout SeededGenerator) throws -> (bytes: [UInt8], body: Int) {
        var entries: [SignedEntry] = []
        for number in 0..<30 {
            var entry = Samples.odd(&generator)
            if number % 3 == 0 {
                entry.fields.place.path = entry.studyInstanceUID.bytes + [0x2F] + entry.sopInstanceUID.bytes
            }
            entries.append(SignedEntry(entry: entry, isRemoval: number % 10 == 9))
        }
        var writer = try RunWriter(to: nil)
        for entry in OrderedEntry.sorted(entries) { try writer.add(entry) }
        try writer.add(
            SignedForeignFile(
                file: ForeignFile(
                    Place(
                        root: 1, path: Array("x".utf8), sizeBytes: 1, modificationNs: 2, inode: 3, isTrusted: true,
                        dataSetOffset: 0), reason: 4)))
        let written = try writer.finish()
        let run = try Run(.memory(Mapping(copying: written.bytes)), byteCount: written.byteCount, file: "run")
        return (written.bytes, run.bytes.trailer.bodyBytes)
    }

    /// Reads all that there is, in every way; whether any of it was refused or found to be wrong.
    private static func isFound(_ run: Run) -> Bool {
        var verification = RunVerification(run, maximum: 10)
        verification.verify()
        var isFound = !verification.findings.isEmpty
        do {
            let snapshot = Snapshot(sources: [run], generation: 0, journalSequence: 0)
            _ = try Answers(snapshot)
            for number in 0..<3 {
                _ = try snapshot.instances(UID("1.2.9.9.\(number)")!)
                _ = try snapshot.study(UID("1.2.\(number)")!)
                _ = try snapshot.file(root: 1, path: Array("f\(number)".utf8))
            }
        } catch {
            isFound = true
        }
        do {
            var reader = EntryReader(run)
            while try reader.next() != nil {}
            try reader.forEachForeignFile { _ in }
        } catch {
            isFound = true
        }
        return isFound
    }

    @Test(arguments: 0..<3 as Range<UInt64>)
    func `are read or refused`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let (sound, body) = try Self.bytes(&generator)
        #expect(!Self.isFound(try Run(.memory(Mapping(copying: sound)), byteCount: sound.count, file: "run")))
        var found = 0
        for _ in 0..<Self.mutants {
            var bytes = sound
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                // As often in the directories, which are the last of the body, as in the pages.
                let isDirectory = Bool.random(using: &generator)
                let at = Int.random(in: (isDirectory ? body - 24 * 18 : 16)..<body, using: &generator)
                bytes[at] =
                    [bytes[at] ^ 1, 0, 0x7F, 0x80, 0xFF, UInt8.random(in: 0...255, using: &generator)]
                    .randomElement(using: &generator) ?? 0
            }
            bytes = try Run.withChecksums(bytes)
            if Self.isFound(try Run(.memory(Mapping(copying: bytes)), byteCount: bytes.count, file: "run")) {
                found += 1
            }
        }
        #expect(found > Self.mutants / 2)
    }
}
