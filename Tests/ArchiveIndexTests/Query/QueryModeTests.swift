// QueryMode: identifiers as real clients send them, and as the hierarchical search has them (PS3.4 §C.4.1.2.1, §C.4.2.2.1).

import DICOM
import Testing

@testable import ArchiveIndex

@Suite("Lenient and strict identifiers, PS3.4 §C.4.1.2") struct QueryModeTests {
    static func query(
        _ identifier: DataSet, model: InformationModel, extensions: QueryExtensions = []
    ) throws -> Query {
        var options = MatchingOptions()
        options.isStrict = true
        options.extensions = extensions
        return try Query(identifier: identifier, model: model, options: options)
    }

    // MARK: A level that is left out

    @Test(arguments: [
        (InformationModel.patientRoot, [DICOM.Tag.patientID: "*"], Level.patient),
        (.studyRoot, [.studyInstanceUID: "*"], .study), (.studyRoot, [.patientID: "P"], .study),
        (.patientRoot, [.patientName: "A*"], .patient), (.patientRoot, [.studyInstanceUID: ""], .study),
        (.studyRoot, [.studyInstanceUID: "1.2", .seriesInstanceUID: ""], .series),
        (.studyRoot, [.sopInstanceUID: "1.2"], .image), (.patientStudyOnly, [.sopInstanceUID: "1.2"], .patient),
    ])
    func `a level is inferred from the lowest unique key, else it is the model's first`(
        model: InformationModel, values: [DICOM.Tag: String], level: Level
    ) throws {
        var identifier = DataSet()
        for (tag, value) in values { identifier = identifier.with(tag, value) }
        for named in [identifier, identifier.with(.queryRetrieveLevel, "")] {
            #expect(try Query(identifier: named, model: model, options: MatchingOptions()).level == level)
            let fault = try #require(throws: QueryFault.self) { try Self.query(named, model: model) }
            #expect(fault.offending == [.queryRetrieveLevel] && fault.kind == .identifierDoesNotMatch)
        }
    }

    @Test func `a retrieval without a level sends what its lowest unique key with a value names`() throws {
        let identifier = DataSet().with(.studyInstanceUID, "1.2.3").with(.seriesInstanceUID, "")
        let keys = try RetrieveKeys(identifier: identifier, model: .studyRoot)
        #expect(keys.level == .study && keys.studies == [UID("1.2.3")!])
        #expect(throws: QueryFault.self) {
            try RetrieveKeys(identifier: DataSet().with(.patientName, "A"), model: .studyRoot)
        }
        #expect(throws: QueryFault.self) {
            try RetrieveKeys(identifier: identifier, model: .studyRoot, isStrict: true)
        }
    }

    @Test func `a patient is retrieved in Study Root too, as Orthanc asks, but not by the rules (PS3.4 §C.6.2)`() throws {
        let identifier = DataSet().with(.queryRetrieveLevel, "PATIENT").with(.patientID, "P")
        let keys = try RetrieveKeys(identifier: identifier, model: .studyRoot)
        #expect(keys.level == .patient && keys.patientID == "P")
        let fault = try #require(throws: QueryFault.self) {
            try RetrieveKeys(identifier: identifier, model: .studyRoot, isStrict: true)
        }
        #expect(fault.offending == [.queryRetrieveLevel])
        #expect(throws: QueryFault.self) {
            try Query(identifier: identifier, model: .studyRoot, options: MatchingOptions())
        }
    }

    // MARK: The hierarchical search

    @Test func `what keeps to the rules is taken`() throws {
        let patients = try Self.query(.keys("PATIENT", [.patientID: "*", .patientName: "A*"]), model: .patientRoot)
        #expect(patients.level == .patient)
        _ = try Self.query(
            .keys("STUDY", [.patientID: "P", .studyInstanceUID: "", .studyDate: ""]), model: .patientRoot)
        _ = try Self.query(
            .keys("STUDY", [.patientID: "P*", .patientName: "A", .studyInstanceUID: "1.2\\1.3"]), model: .studyRoot)
        _ = try Self.query(
            .keys("IMAGE", [.studyInstanceUID: "1.2", .seriesInstanceUID: "1.3", .sopInstanceUID: ""]),
            model: .studyRoot)
    }

    @Test(arguments: [
        // A key above the level that isn't its unique key.
        ("STUDY", [DICOM.Tag.patientID: "P", .patientName: "A", .studyInstanceUID: ""], DICOM.Tag.patientName),
        // A unique key above the level that isn't there, is empty, or a list.
        ("STUDY", [.studyInstanceUID: ""], .patientID), ("STUDY", [.patientID: "", .studyInstanceUID: ""], .patientID),
        ("STUDY", [.patientID: "P\\Q", .studyInstanceUID: ""], .patientID),
        ("STUDY", [.patientID: "P*", .studyInstanceUID: ""], .patientID),
        // The level's own unique key isn't there.
        ("STUDY", [.patientID: "P", .studyDate: ""], .studyInstanceUID),
        // A key below the level.
        ("STUDY", [.patientID: "P", .studyInstanceUID: "", .modality: "CT"], .modality),
    ])
    func `what doesn't is A900H and named, unless relational queries were agreed on`(
        level: String, values: [DICOM.Tag: String], offending: DICOM.Tag
    ) throws {
        var identifier = DataSet.keys(level)
        for (tag, value) in values { identifier = identifier.with(tag, value) }
        let fault = try #require(throws: QueryFault.self) { try Self.query(identifier, model: .patientRoot) }
        #expect(fault.kind == .identifierDoesNotMatch && fault.offending == [offending])
        #expect(fault.comment.contains(DataDictionary.entry(for: offending)?.keyword ?? "?"))
        if values[.patientID] != "P*" {
            _ = try Self.query(identifier, model: .patientRoot, extensions: .relationalQueries)
            _ = try Query(identifier: identifier, model: .patientRoot, options: MatchingOptions())
        }
    }

    @Test(arguments: [
        ("SERIES", [DICOM.Tag.seriesInstanceUID: "1.3"], DICOM.Tag.studyInstanceUID),
        ("SERIES", [.studyInstanceUID: "1.2\\1.4", .seriesInstanceUID: "1.3"], .studyInstanceUID),
        ("STUDY", [.studyInstanceUID: "1.2", .patientName: ""], .patientName),
    ])
    func `retrievals too`(level: String, values: [DICOM.Tag: String], offending: DICOM.Tag) throws {
        var identifier = DataSet.keys(level)
        for (tag, value) in values { identifier = identifier.with(tag, value) }
        let fault = try #require(throws: QueryFault.self) {
            try RetrieveKeys(identifier: identifier, model: .studyRoot, isStrict: true)
        }
        #expect(fault.offending == [offending])
        _ = try RetrieveKeys(identifier: identifier, model: .studyRoot, isStrict: true, isRelational: true)
        _ = try RetrieveKeys(identifier: identifier, model: .studyRoot)
    }
}
