// Studies and patients by look-ups: each once, in an order that doesn't depend on which runs say what.

import DICOM
import Support
import Testing

@testable import ArchiveIndex

@Suite("Listings by look-ups, design: Look-up") struct ListingsTests {
    static func entries(_ generator: inout SeededGenerator, firstFile: Int) -> [InstanceEntry] {
        DifferentialTests.archive(&generator).instances.enumerated().map {
            Shelf.entry($0.element.dataSet, file: firstFile + $0.offset)
        }
    }

    static func studies(_ ranges: [LookupRange], _ snapshot: Snapshot) throws -> [UID] {
        var listing = StudyListing(ranges, in: snapshot)
        var found: [UID] = []
        while let study = try listing.next() { found.append(study.studyInstanceUID) }
        return found
    }

    static func patients(_ range: LookupRange, _ snapshot: Snapshot) throws -> [PatientKey] {
        var listing = try PatientListing(range, in: snapshot)
        var found: [PatientKey] = []
        while let patient = try listing.next() { found.append(patient.key) }
        return found
    }

    /// - Parameter keyed: up to how many rows a run keeps its studies and patients by key.
    static func snapshot(_ runs: [[SignedEntry]], keyed: Int = KeyedRows.rowsMaximum) throws -> Snapshot {
        let sources = try runs.enumerated().map {
            try Run($0.element, file: "run \($0.offset)", keyedRowsMaximum: keyed)
        }
        return Snapshot(sources: sources, generation: 1, journalSequence: 0)
    }

    @Test(arguments: Array<UInt64>(1...40)) func `runs and removals don't show`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let kept = Self.entries(&generator, firstFile: 0)
        let gone = Self.entries(&generator, firstFile: 1_000)
        let whole = try Self.snapshot([kept.map { SignedEntry(entry: $0) }])
        var runs: [[SignedEntry]] = [[], [], []]
        for entry in kept { runs[Int.random(in: 0..<3, using: &generator)].append(SignedEntry(entry: entry)) }
        for entry in gone {
            let added = Int.random(in: 0..<2, using: &generator)
            runs[added].append(SignedEntry(entry: entry))
            runs[Int.random(in: (added + 1)..<3, using: &generator)].append(SignedEntry(entry: entry, isRemoval: true))
        }
        let dealt = try Self.snapshot(runs, keyed: seed % 2 == 0 ? 0 : KeyedRows.rowsMaximum)
        let ranges: [[LookupRange]] = [
            [.between(nil, nil, in: .studyDates)],
            [.between(Array("20240101".utf8), Array("20240131".utf8), in: .studyDates)],
            [.beginning(with: Array("A".utf8), in: .accessionNumbers)],
            ["A1", "A_1", "a1"].map { .exactly(Array($0.utf8), in: .accessionNumbers) },
            [.all(in: .accessionNumbers) { $0.contains(0x31) }],
        ]
        // What has a name is found: a listing isn't right by giving nothing.
        let named = Set(kept.filter { !LookupKeys.patientNames($0.patient).isEmpty }.map(\.patientKey))
        #expect(
            try Self.patients(.beginning(with: [], in: .patientNames), whole).count >= (named.isEmpty ? 0 : 1))
        let dated = Set(kept.filter { !LookupKeys.studyDates($0.study).isEmpty }.map(\.studyInstanceUID))
        #expect(try Set(Self.studies(ranges[0], whole)) == dated)
        for (number, range) in ranges.enumerated() {
            let found = try Self.studies(range, whole)
            #expect(try Self.studies(range, dealt) == found, "range \(number)")
            #expect(Set(found).count == found.count, "range \(number): each once")
        }
        for prefix in ["", "smith", "müller", "b"] {
            let range = LookupRange.beginning(with: Array(prefix.utf8), in: .patientNames)
            let found = try Self.patients(range, whole)
            #expect(try Self.patients(range, dealt) == found, "\(prefix)")
            #expect(Set(found).count == found.count, "\(prefix): each once")
        }
    }
}
