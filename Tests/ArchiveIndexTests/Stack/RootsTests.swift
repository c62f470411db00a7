// The file `roots`: every line of it comes back as it was, and no other line is taken.

import DICOM
import Platform
import Testing

@testable import ArchiveIndex

@Suite("The file roots, FORMAT.md 3.2") struct RootsTests {
    @Test func `roots, gone ones and removals come back as they were`() throws {
        var roots = Roots()
        roots.folders = [1: "/srv/old exports", 7: Path(bytes: [0x2F, 0xFF, 0x25])]
        roots.gone = [7]
        roots.removals.note(.study(UID("1.2.3")!), throughNs: 5)
        roots.removals.note(.series(UID("1.2.3")!), throughNs: 6)
        roots.removals.note(.instance(UID("a%b")!), throughNs: 7)
        roots.removals.note(.patient(id: Array("A B".utf8), issuer: []), throughNs: 8)
        roots.removals.note(.patient(id: Array("A B".utf8), issuer: [0, 0xE4]), throughNs: 9)
        let text = String(decoding: roots.textFile.encoded(), as: UTF8.self)
        let lines = text.split(separator: "\n").dropFirst().dropLast().map(String.init)
        #expect(
            lines == [
                "root 1 /srv/old%20exports", "gone 7 /%FF%25", "removed patient A%20B 8",
                "removed patient A%20B %00%E4 9", "removed study 1.2.3 5", "removed series 1.2.3 6",
                "removed instance a%25b 7",
            ])
        let decoded = try TextFile(decoding: roots.textFile.encoded(), kind: Roots.kind, file: "roots")
        #expect(try Roots(decoded) == roots)
    }

    @Test(arguments: [
        "removed", "removed study", "removed study 1.2.3", "removed study 1.2.3 -5", "removed study 1.2.3 05",
        "removed study 1.2.3 1.2.4 5", "removed nothing 1.2.3 5", "removed patient  5", "removed patient A  5",
        "removed study %2 5", "removed patient %+5 5", "removed patient %-0 5", "removed patient %4 5",
        "removed patient %4G 5", "root 1 /%+5", "removed study %20 5", "removed study 1.2.3 9223372036854775808",
        "gone 0 /x", "gone 1 x",
        "went 1 /x", "root 1 /%00", "",
    ])
    func `a line of another form is damage`(line: String) {
        let words = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        #expect(throws: IndexFault.self) { _ = try Roots(TextFile(kind: Roots.kind, lines: [words])) }
    }

    @Test func `a number or a removal is there once`() {
        for lines in [
            [["root", "1", "/a"], ["gone", "1", "/b"]],
            [["removed", "study", "1.2", "3"], ["removed", "study", "1.2", "4"]],
        ] {
            #expect(throws: IndexFault.self) { _ = try Roots(TextFile(kind: Roots.kind, lines: lines)) }
        }
    }

    @Test func `up to its moment a file stays out, and by any of its names`() {
        var entry = Samples.regular(0)
        entry.fields.place.modificationNs = 10
        for removal in [
            Removal.study(entry.studyInstanceUID), .series(entry.seriesInstanceUID), .instance(entry.sopInstanceUID),
            .patient(id: entry.patientID, issuer: []),
        ] {
            var removals = Removals()
            removals.note(removal, throughNs: 9)
            #expect(!removals.keepsOut(entry))
            removals.note(removal, throughNs: 10)
            #expect(removals.keepsOut(entry))
            removals.note(removal, throughNs: 3)
            #expect(removals.keepsOut(entry) && removals.throughNs == [removal: 10])
        }
        var others = Removals()
        others.note(.study(entry.seriesInstanceUID), throughNs: 99)
        others.note(.patient(id: entry.patientID, issuer: [1]), throughNs: 99)
        #expect(!others.keepsOut(entry))
    }
}
