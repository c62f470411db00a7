// Contradictions: all that there are, until the caller has enough; one text in two character sets is none.

import DICOM
import Testing

@testable import ArchiveIndex

@Suite("Contradictions") struct ConflictsTests {
    static func conflicts(_ dataSets: [DataSet], maximum: Int = .max) throws -> [(level: Level, text: String)] {
        var found: [(level: Level, text: String)] = []
        try Shelf(dataSets).snapshot(runs: 2).forEachConflict { conflict in
            switch conflict.matter {
            case .values(let tag, let values): found.append((conflict.level, "\(tag) \(values.map(\.text))"))
            case .patients(let keys): found.append((conflict.level, "\(keys.count) patients"))
            case .contents(let contents): found.append((conflict.level, "\(contents.count) contents"))
            }
            return found.count < maximum
        }
        return found
    }

    static let odd = [
        Shelf.instance(), Shelf.instance().with(.patientSex, "F").with(.studyDescription, "FOOT"),
        Shelf.instance(instance: 2).with(.seriesDescription, "SAGITTAL").with(.patientID, "Z"),
    ]

    @Test func `are found at every level`() throws {
        let found = try Self.conflicts(Self.odd)
        #expect(found.map(\.level) == [.patient, .study, .study, .series, .image])
        #expect(found.map(\.text)[1] == "2 patients")
        #expect(found.last?.text == "2 contents")
    }

    @Test func `stop where the caller has enough`() throws {
        for maximum in 1...4 { #expect(try Self.conflicts(Self.odd, maximum: maximum).count == maximum) }
    }

    @Test func `one text in two character sets is none`() throws {
        #expect(
            try Self.conflicts([
                Shelf.instance(), Shelf.instance(instance: 2).with(.specificCharacterSet, "ISO_IR 100"),
            ]).isEmpty)
    }
}
