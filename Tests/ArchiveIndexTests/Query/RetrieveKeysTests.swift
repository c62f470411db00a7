// C-MOVE and C-GET identifiers (PS3.4 §C.4.2.2.1): unique keys at each level, lists of UIDs, what can't be retrieved.

import DICOM
import Testing

@testable import ArchiveIndex

@Suite("Retrieve identifiers, PS3.4 §C.4.2.2.1") struct RetrieveKeysTests {
    static func keys(_ identifier: DataSet, model: InformationModel = .patientRoot) throws -> RetrieveKeys {
        try RetrieveKeys(identifier: identifier, model: model)
    }

    @Test func `each level is named by its unique key and those above`() throws {
        let patient = try Self.keys(.keys("PATIENT", [.patientID: "P1"]))
        #expect(patient.level == .patient)
        #expect(patient.patientID == "P1")
        let study = try Self.keys(.keys("STUDY", [.patientID: "P1", .studyInstanceUID: "1.2.1"]))
        #expect(study.studies == [UID("1.2.1")!])
        let series = try Self.keys(
            .keys("SERIES", [.patientID: "P1", .studyInstanceUID: "1.2.1", .seriesInstanceUID: "1.2.1.1"]))
        #expect(series.series == [UID("1.2.1.1")!])
        let image = try Self.keys(
            .keys(
                "IMAGE",
                [
                    .patientID: "P1", .studyInstanceUID: "1.2.1", .seriesInstanceUID: "1.2.1.1",
                    .sopInstanceUID: "1.2.1.1.1",
                ]))
        #expect(image.instances == [UID("1.2.1.1.1")!])
        #expect(image.level == .image)
    }

    @Test(arguments: [
        ("STUDY", DICOM.Tag.studyInstanceUID), ("SERIES", .seriesInstanceUID), ("IMAGE", .sopInstanceUID),
    ])
    func `a list of UIDs names several, padding and empty ones apart`(level: String, tag: DICOM.Tag) throws {
        for list in ["1.2.3\\1.2.4", "1.2.3 \\1.2.4\0", "\\1.2.3\\\\1.2.4\\"] {
            let keys = try Self.keys(DataSet.keys(level).with(tag, list))
            #expect(keys.studies + keys.series + keys.instances == [UID("1.2.3")!, UID("1.2.4")!])
        }
    }

    @Test(arguments: [
        ("PATIENT", DICOM.Tag.patientID), ("STUDY", .studyInstanceUID), ("SERIES", .seriesInstanceUID),
        ("IMAGE", .sopInstanceUID),
    ])
    func `a level without a value in its unique key is refused, nothing is sent by accident`(
        level: String, tag: DICOM.Tag
    ) throws {
        for identifier in [DataSet.keys(level), DataSet.keys(level).with(tag, ""), DataSet.keys(level).with(tag, "  ")]
        {
            let fault = try #require(throws: QueryFault.self) { try Self.keys(identifier) }
            #expect(fault.offending == [tag])
            #expect(fault.kind == .identifierDoesNotMatch)
        }
    }

    @Test(arguments: [
        ("PATIENT", DICOM.Tag.patientID), ("STUDY", .studyInstanceUID), ("SERIES", .seriesInstanceUID),
        ("IMAGE", .sopInstanceUID),
    ])
    func `wildcards are refused in the level's unique key`(level: String, tag: DICOM.Tag) throws {
        for value in ["*", "1.2.*", "1.2.?"] {
            let fault = try #require(throws: QueryFault.self) { try Self.keys(DataSet.keys(level).with(tag, value)) }
            #expect(fault.offending == [tag], "\(value)")
        }
    }

    @Test func `levels above may be missing: clients send the UID they know`() throws {
        #expect(try Self.keys(.keys("IMAGE", [.sopInstanceUID: "1.2.3"]), model: .studyRoot).studies.isEmpty)
        #expect(try Self.keys(.keys("SERIES", [.seriesInstanceUID: "1.2.3"])).patientID == nil)
        #expect(try Self.keys(.keys("STUDY", [.studyInstanceUID: "1.2.3", .patientID: " "])).patientID == nil)
    }

    @Test func `a lone star in Patient ID above the level asks for nothing, other wildcards are refused`() throws {
        #expect(try Self.keys(.keys("STUDY", [.studyInstanceUID: "1.2.3", .patientID: "*"])).patientID == nil)
        #expect(throws: QueryFault.self) {
            try Self.keys(.keys("STUDY", [.studyInstanceUID: "1.2.3", .patientID: "P*"]))
        }
    }

    @Test(arguments: [false, true])
    func `bytes of a character of two bytes are no wildcards and part nothing, PS3.5 §6.1.2`(isStrict: Bool) throws {
        // Three katakana of JIS X 0208, with 2AH, 3FH and 5CH in them.
        let id: [UInt8] = [0x1B, 0x24, 0x42, 0x25, 0x2A, 0x25, 0x3F, 0x25, 0x5C, 0x1B, 0x28, 0x42]
        var identifier = DataSet.keys("PATIENT").with(.specificCharacterSet, "\\ISO 2022 IR 87")
        identifier.set(.patientID, .LO, bytes: id)
        let keys = try RetrieveKeys(identifier: identifier, model: .patientRoot, isStrict: isStrict)
        #expect(keys.patientID == "\u{30AA}\u{30BF}\u{30DC}")
    }

    @Test func `in Study Root Patient ID is no unique key, and doesn't narrow a retrieval`() throws {
        let keys = try Self.keys(.keys("STUDY", [.studyInstanceUID: "1.2.3", .patientID: "P"]), model: .studyRoot)
        #expect(keys.patientID == nil)
    }

    @Test func `keys that aren't unique keys are passed over`() throws {
        let keys = try Self.keys(
            .keys("STUDY", [.studyInstanceUID: "1.2.3", .patientName: "NOBODY", .studyDate: "no date", .modality: "*"]))
        #expect(keys.studies == [UID("1.2.3")!])
    }

    @Test func `a level that the model doesn't have is refused`() throws {
        #expect(throws: QueryFault.self) {
            try Self.keys(.keys("IMAGE", [.sopInstanceUID: "1.2"]), model: .patientStudyOnly)
        }
        #expect(throws: QueryFault.self) {
            try Self.keys(.keys("SERIES", [.seriesInstanceUID: "1.2"]), model: .patientStudyOnly)
        }
    }

    @Test func `what is no UID is refused with its element`() throws {
        let long = String(repeating: "1", count: 65)
        for value in [long, "1.2.3\\\(long)", "1.2 3"] {
            let fault = try #require(throws: QueryFault.self) {
                try Self.keys(.keys("STUDY", [.studyInstanceUID: value]))
            }
            #expect(fault.offending == [.studyInstanceUID])
        }
    }
}
