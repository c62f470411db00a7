// Which key finds a query's candidates: the most selective one that the index can look up, and never a wrong one.

import DICOM
import Testing

@testable import ArchiveIndex

@Suite("Where candidates come from") struct StudySourceTests {
    static func source(
        _ level: String, _ values: KeyValuePairs<DICOM.Tag, String>, unknownMatches: Bool = false
    ) throws -> StudySource {
        var options = MatchingOptions()
        options.unknownMatches = unknownMatches
        let query = try Query(identifier: .keys(level, values), model: .studyRoot, options: options)
        return StudySource.all(for: query)[0]
    }

    static func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    @Test func `unique keys go before all others`() throws {
        let (first, second) = (UID("1.2.3")!, UID("1.2.4")!)
        #expect(
            try Self.source("STUDY", [.studyInstanceUID: "1.2.3\\1.2.4", .patientID: "P", .accessionNumber: "A"])
                == .studyUIDs([first, second]))
        #expect(try Self.source("SERIES", [.seriesInstanceUID: "1.2.3\\1.2.4"]) == .seriesUIDs([first, second]))
        #expect(
            try Self.source("IMAGE", [.sopInstanceUID: "1.2.3\\1.2.4", .patientID: "P"])
                == .instanceUIDs([first, second]))
        #expect(
            try Self.source("IMAGE", [.sopInstanceUID: "1.2.9", .studyInstanceUID: "1.2.3\\1.2.4"])
                == .studyUIDs([first, second]))
    }

    @Test func `then exact IDs, then prefixes, then dates, then scans`() throws {
        #expect(
            try Self.source("STUDY", [.patientID: "P1", .accessionNumber: "A", .patientName: "S*"])
                == .patientIDs([Self.bytes("P1")]))
        #expect(
            try Self.source("STUDY", [.accessionNumber: "A1\\A2", .patientName: "S*", .studyDate: "20240101"])
                == .accessionNumbers([Self.bytes("A1"), Self.bytes("A2")]))
        #expect(
            try Self.source("STUDY", [.patientName: "MÜL*", .studyDate: "20240101-"]) == .namePrefix(Self.bytes("mül")))
        #expect(
            try Self.source("STUDY", [.patientName: "*MÜL*", .studyDate: "20231231-2024.01.02"])
                == .dates(from: Self.bytes("20231231"), through: Self.bytes("20240102")))
        #expect(
            try Self.source("STUDY", [.studyDate: "-20240229"]) == .dates(from: nil, through: Self.bytes("20240229")))
        #expect(try Self.source("STUDY", [.accessionNumber: "A*"]) == .accessionPrefix(Self.bytes("A")))
        #expect(
            try Self.source("STUDY", [.patientName: "*ÜL*"]) == .nameScan(TextPattern("*ül*"), ignoresAccents: false))
        #expect(try Self.source("STUDY", [.studyDescription: "X", .modalitiesInStudy: "CT"]) == .scan)
        #expect(try Self.source("STUDY", [:]) == .scan)
    }

    @Test(arguments: [
        "00010101", "00010228", "03991231", "19000228", "19691231", "19700101", "20000229", "20240301", "99991231",
    ])
    func `a day is looked up by the digits it was written with`(date: String) throws {
        #expect(
            try Self.source("STUDY", [.studyDate: date]) == .dates(from: Self.bytes(date), through: Self.bytes(date)))
    }

    @Test func `a text that other sets code differently is not looked up by its bytes`() throws {
        #expect(try Self.source("STUDY", [.accessionNumber: "Ä1"]) == .scan)
        #expect(try Self.source("STUDY", [.accessionNumber: "Ä*"]) == .scan)
        #expect(try Self.source("STUDY", [.patientID: "A\\Ä"]) == .scan)
    }

    @Test func `where unknown values match, no look-up but that of a UID has them all`() throws {
        for values: KeyValuePairs<DICOM.Tag, String> in [
            [.patientID: "P"], [.accessionNumber: "A"], [.patientName: "S*"], [.studyDate: "20240101"],
        ] {
            #expect(try Self.source("STUDY", values, unknownMatches: true) == .scan)
        }
        #expect(try Self.source("STUDY", [.studyInstanceUID: "1.2"], unknownMatches: true) == .studyUIDs([UID("1.2")!]))
    }
}
