// C-FIND identifiers as queries (PS3.4 §C.4.1.1, §C.4.1.2): models, levels, keys of each level, keys that aren't supported.

import DICOM
import Testing

@testable import ArchiveIndex

@Suite("C-FIND identifiers, PS3.4 §C.4.1") struct QueryTests {
    static func query(
        _ identifier: DataSet, model: InformationModel = .studyRoot, options: MatchingOptions = MatchingOptions()
    ) throws -> Query { try Query(identifier: identifier, model: model, options: options) }

    // MARK: Levels

    @Test(
        arguments: [
            InformationModel.patientRoot, .studyRoot, .patientStudyOnly, .compositeInstanceRoot, .compositeInstance,
        ], Level.allCases
    )
    func `a level is accepted where the model has it, else refused`(model: InformationModel, level: Level) throws {
        let has: Bool =
            switch model {
            case .patientRoot: true
            case .studyRoot: level != .patient
            case .patientStudyOnly: level <= .study
            case .compositeInstanceRoot, .compositeInstance: level == .image
            }
        if has {
            #expect(try Self.query(.keys(level.name), model: model).level == level)
            #expect(try Self.query(.keys(level.name + " "), model: model).level == level)
        } else {
            let fault = try #require(throws: QueryFault.self) { try Self.query(.keys(level.name), model: model) }
            #expect(fault.kind == .identifierDoesNotMatch)
            #expect(fault.offending == [.queryRetrieveLevel])
        }
    }

    @Test(arguments: ["EXAM", "INSTANCE", "study", "STUDY\\SERIES"])
    func `a level that isn't one is refused with the element named`(name: String) throws {
        let fault = try #require(throws: QueryFault.self) { try Self.query(.keys(name)) }
        #expect(fault.offending == [.queryRetrieveLevel])
    }

    // MARK: What is no key

    @Test func `elements that say how to read aren't keys: never matched, never told as unsupported`() throws {
        let query = try Self.query(
            .keys(
                "STUDY", [.timezoneOffsetFromUTC: "+0100", .retrieveAETitle: "OTHER", .instanceAvailability: ""]))
        #expect(query.conditions.isEmpty && !query.asksElsewhere)
        #expect(query.returnKeys.isEmpty)
        #expect(query.isFullySupported)
    }

    @Test(arguments: ["", " ", "ISO_IR 100", "NONSENSE"])
    func `Specific Character Set is never matched, and may be empty though it shouldn't`(terms: String) throws {
        let query = try Self.query(.keys("STUDY", [.patientName: "S*"]).with(.specificCharacterSet, terms))
        #expect(query.conditions.map(\.tag) == [.patientName])
        #expect(query.isFullySupported)
    }

    @Test func `group 0002 and group lengths are ignored`() throws {
        var identifier = DataSet.keys("STUDY")
        identifier[Tag(0x0002, 0x0010)] = DataElement(Tag(0x0002, 0x0010), .UI, .bytes(Array("1.2".utf8)))
        identifier[Tag(0x0008, 0x0000)] = DataElement(Tag(0x0008, 0x0000), .UL, .bytes([1, 0, 0, 0]))
        let query = try Self.query(identifier)
        #expect(query.conditions.isEmpty && query.returnKeys.isEmpty && query.isFullySupported)
    }

    // MARK: Support

    /// Unique, required and well-known optional keys by level (PS3.4 §C.6.1.1, §C.6.2.1).
    static let supported: [(String, [DICOM.Tag])] = [
        (
            "PATIENT",
            [
                .patientID, .patientName, .issuerOfPatientID, .patientBirthDate, .patientSex, .patientComments,
                .numberOfPatientRelatedStudies, .numberOfPatientRelatedSeries, .numberOfPatientRelatedInstances,
            ]
        ),
        (
            "STUDY",
            [
                .studyInstanceUID, .studyDate, .studyTime, .accessionNumber, .studyID, .patientName, .patientID,
                .modalitiesInStudy, .sopClassesInStudy, .referringPhysicianName, .studyDescription,
                .numberOfStudyRelatedSeries, .numberOfStudyRelatedInstances,
            ]
        ),
        (
            "SERIES",
            [
                .seriesInstanceUID, .modality, .seriesNumber, .seriesDescription, .bodyPartExamined,
                .requestAttributesSequence, .performedProcedureStepStartDate, .numberOfSeriesRelatedInstances,
            ]
        ),
        (
            "IMAGE",
            [
                .sopInstanceUID, .instanceNumber, .sopClassUID, .availableTransferSyntaxUID,
                .relatedGeneralSOPClassUID, .conceptNameCodeSequence, .rows, .columns, .numberOfFrames,
            ]
        ),
    ]

    @Test(arguments: supported)
    func `unique, required and common optional keys are supported at their level`(
        level: String, tags: [DICOM.Tag]
    ) throws {
        var identifier = DataSet.keys(level)
        for tag in tags { identifier[tag] = DataElement(tag, DataDictionary.vr(of: tag), .bytes([])) }
        let query = try Self.query(identifier, model: .patientRoot)
        #expect(query.unsupportedKeys.isEmpty)
        #expect(query.returnKeys.map(\.tag) == tags.sorted())
    }

    @Test func `keys that aren't supported are told, whether they have a value or not`() throws {
        let unknown = Tag(0x0010, 0x9998)
        let table = Tag(0x0028, 0x1201)
        let query = try Self.query(.keys("STUDY", [unknown: "X", table: "", .studyDate: ""]))
        #expect(!query.isFullySupported)
        #expect(query.unsupportedKeys == [unknown, table])
        #expect(query.conditions.isEmpty)
        #expect(query.returnKeys.map(\.tag) == [.studyDate])
    }

    @Test func `keys of levels below are not supported`() throws {
        let query = try Self.query(
            .keys("STUDY", [.modality: "CT", .seriesInstanceUID: "1.2", .sopInstanceUID: "", .studyDate: ""]))
        #expect(query.unsupportedKeys == [.sopInstanceUID, .modality, .seriesInstanceUID].sorted())
        #expect(query.conditions.isEmpty)
        let patient = try Self.query(.keys("PATIENT", [.studyDate: "", .modalitiesInStudy: "CT"]), model: .patientRoot)
        #expect(patient.unsupportedKeys == [.studyDate, .modalitiesInStudy])
    }

    @Test func `unknown private keys may be ignored`() throws {
        var identifier = DataSet.keys("STUDY", [.studyDate: ""])
        for element: UInt16 in [0x0010, 0x1001] {
            let tag = Tag(0x0009, element)
            identifier[tag] = DataElement(tag, .LO, .bytes(Array("PRIVATE ".utf8)))
        }
        let query = try Self.query(identifier)
        #expect(query.isFullySupported)
        #expect(query.returnKeys.map(\.tag) == [.studyDate])
    }

    // MARK: Hierarchy

    @Test func `conditions are those of the key's own level`() throws {
        let query = try Self.query(
            .keys(
                "IMAGE",
                [
                    .patientName: "S*", .studyInstanceUID: "1.2", .modality: "CT", .instanceNumber: "1",
                    .sopInstanceUID: "",
                ]))
        #expect(query.conditions(at: .patient).map(\.tag) == [.patientName])
        #expect(query.conditions(at: .study).map(\.tag) == [.studyInstanceUID])
        #expect(query.conditions(at: .series).map(\.tag) == [.modality])
        #expect(query.conditions(at: .image).map(\.tag) == [.instanceNumber])
    }

    @Test(arguments: ["STUDY", "SERIES", "IMAGE"], ["P*", "P?", "*1"])
    func `wildcards in a unique key above the level are refused in Patient Root`(level: String, id: String) throws {
        let fault = try #require(throws: QueryFault.self) {
            try Self.query(.keys(level, [.patientID: id]), model: .patientRoot)
        }
        #expect(fault.offending == [.patientID])
        #expect(fault.kind == .identifierDoesNotMatch)
    }

    @Test func `nor are they taken in one of several values that are all asked for (PS3.4 §C.2.2.2.8)`() {
        var options = MatchingOptions()
        options.extensions = [.multipleValues]
        #expect(throws: QueryFault.self) {
            try Query(
                identifier: .keys("STUDY", [.patientID: "P1\\P*"]), model: .patientRoot, options: options)
        }
    }

    @Test func `wildcards in Patient ID are welcome at PATIENT`() throws {
        #expect(try !Self.query(.keys("PATIENT", [.patientID: "P*"]), model: .patientRoot).conditions.isEmpty)
    }

    @Test func `in Study Root Patient ID is a required key of STUDY, and takes wildcards (PS3.4 §C.6.2.1.2)`() throws {
        #expect(try !Self.query(.keys("STUDY", [.patientID: "P*"]), model: .studyRoot).conditions.isEmpty)
        let shelf = Shelf([Shelf.instance(study: 1), Shelf.instance(study: 2), Shelf.instance(study: 12)])
        #expect(try shelf.matches(.keys("STUDY", [.patientID: "P?"])) == ["1.2.1", "1.2.2"])
        #expect(try shelf.matches(.keys("STUDY", [.patientID: "P1*"])) == ["1.2.1", "1.2.12"])
    }

    @Test(arguments: [DICOM.Tag.studyInstanceUID, .seriesInstanceUID, .sopInstanceUID])
    func `wildcards in a UID are refused at every level, but for a lone star`(tag: DICOM.Tag) throws {
        for value in ["1.2.*", "1.2.?", "1.2.3\\1.*"] {
            let fault = try #require(throws: QueryFault.self) {
                try Self.query(DataSet.keys("IMAGE").with(tag, value))
            }
            #expect(fault.offending == [tag])
        }
        #expect(try Self.query(DataSet.keys("IMAGE").with(tag, "*")).conditions.isEmpty)
    }

    // MARK: Limits

    @Test func `a key that stands for very many is refused as over the limit`() throws {
        var elements: [DataElement] = []
        for number in 0...Query.keysMaximum {
            elements.append(DataElement(Tag(0x0011, UInt16(number) + 0x1000), .LO, .bytes([])))
        }
        var identifier = DataSet(elements)
        identifier.set(.queryRetrieveLevel, .CS, text: "STUDY")
        let fault = try #require(throws: QueryFault.self) { try Self.query(identifier) }
        #expect(fault.kind == .overLimit)
        let retrieval = try #require(throws: QueryFault.self) {
            try RetrieveKeys(identifier: identifier, model: .studyRoot)
        }
        #expect(retrieval.kind == .overLimit)
    }

    @Test func `values by the hundred thousand are refused but as a list of UIDs`() throws {
        var identifier = DataSet()
        identifier.set(.queryRetrieveLevel, .CS, text: "STUDY")
        for (tag, vr) in [(Tag.patientName, VR.PN), (.accessionNumber, .SH), (.studyDescription, .LO)] {
            var many = identifier
            many.set(tag, vr, text: Array(repeating: "1", count: 100_000).joined(separator: "\\"))
            let fault = try #require(throws: QueryFault.self) { try Self.query(many) }
            #expect(fault.kind == .overLimit && fault.offending == [tag])
        }
        identifier.set(.studyInstanceUID, .UI, text: Array(repeating: "1.2", count: 100_000).joined(separator: "\\"))
        _ = try Self.query(identifier)
    }

    @Test func `the dictionary knows what a key is when its VR is UN`() throws {
        // Explicit VR with UN is what some gateways make of keys they don't know.
        var identifier = DataSet.keys("STUDY")
        identifier[.studyDate] = DataElement(.studyDate, .UN, .bytes(Array("20240101-20241231 ".utf8)))
        identifier[.patientName] = DataElement(.patientName, .UN, .bytes(Array("smith* ".utf8)))
        #expect(try Shelf([Shelf.instance()]).matches(identifier) == ["1.2.1"])
        #expect(try Self.query(identifier).returnKeys.map(\.vr) == [.DA, .PN])
    }
}
