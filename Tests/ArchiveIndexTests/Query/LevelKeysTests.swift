// Keys by level (PS3.4 §C.6.1.1, §C.6.2.1): all that the tables call unique or required, and the optional ones worth having.

import DICOM
import Testing

@testable import ArchiveIndex

@Suite("Keys of each level, PS3.4 §C.6.1.1.2 to §C.6.1.1.5") struct LevelKeysTests {
    /// The tables of PS3.4 §C.6.1.1, most optional ones of "all other attributes" left out.
    static let tables: [(level: String, unique: DICOM.Tag, required: [DICOM.Tag], optional: [DICOM.Tag])] = [
        (
            "PATIENT", .patientID, [.patientName],
            [
                .issuerOfPatientID, .patientBirthDate, .patientBirthTime, .patientSex, .otherPatientIDs,
                .otherPatientIDsSequence, .otherPatientNames, .ethnicGroup, .patientComments,
                .referencedPatientSequence, .numberOfPatientRelatedStudies, .numberOfPatientRelatedSeries,
                .numberOfPatientRelatedInstances,
            ]
        ),
        (
            "STUDY", .studyInstanceUID, [.studyDate, .studyTime, .accessionNumber, .studyID],
            [
                .modalitiesInStudy, .sopClassesInStudy, .anatomicRegionsInStudyCodeSequence, .referringPhysicianName,
                .studyDescription, .procedureCodeSequence, .nameOfPhysiciansReadingStudy,
                .admittingDiagnosesDescription, .referencedStudySequence, .patientAge, .patientSize, .patientWeight,
                .occupation, .additionalPatientHistory, .otherStudyNumbers, .numberOfStudyRelatedSeries,
                .numberOfStudyRelatedInstances,
            ]
        ),
        (
            "SERIES", .seriesInstanceUID, [.modality, .seriesNumber],
            [
                .seriesDescription, .seriesDate, .seriesTime, .bodyPartExamined, .stationName, .performingPhysicianName,
                .protocolName, .requestAttributesSequence, .performedProcedureStepStartDate,
                .performedProcedureStepStartTime, .numberOfSeriesRelatedInstances,
            ]
        ),
        (
            "IMAGE", .sopInstanceUID, [.instanceNumber],
            [
                .sopClassUID, .availableTransferSyntaxUID, .relatedGeneralSOPClassUID, .alternateRepresentationSequence,
                .conceptNameCodeSequence, .contentTemplateSequence, .containerIdentifier, .specimenDescriptionSequence,
                .rows, .columns, .numberOfFrames, .contentDate, .contentTime,
            ]
        ),
    ]

    @Test(arguments: tables.indices)
    func `each is supported at its level, in Patient Root and where a model has it below`(
        index: Int
    ) throws {
        let row = Self.tables[index]
        let tags = [row.unique] + row.required + row.optional
        var identifier = DataSet.keys(row.level)
        for tag in tags { identifier[tag] = DataElement(tag, DataDictionary.vr(of: tag), .bytes([])) }
        let query = try Query(identifier: identifier, model: .patientRoot, options: MatchingOptions())
        #expect(query.unsupportedKeys.isEmpty && query.returnKeys.map(\.tag) == tags.sorted())
        for tag in tags { #expect(SupportedKeys.level(of: tag)?.name == row.level, "\(tag)") }
    }

    @Test func `in Study Root the keys of PATIENT are keys of STUDY, Patient's Name and ID required ones, §C_6_2_1_2`()
        throws
    {
        for tag: DICOM.Tag in [.patientName, .patientID, .patientBirthDate] {
            let shelf = Shelf([Shelf.instance(), Shelf.instance(study: 2).with(tag, "19991231")])
            #expect(try shelf.matches(.keys("STUDY", [tag: "19991231", .studyInstanceUID: ""])) == ["1.2.2"], "\(tag)")
        }
    }

    // MARK: Values that aren't there

    /// Level, key, and a value that no instance has.
    static let required: [(level: String, tag: DICOM.Tag, value: String)] = [
        ("PATIENT", .patientName, "DOE"), ("STUDY", .studyDate, "20240102"), ("STUDY", .studyTime, "1000"),
        ("STUDY", .accessionNumber, "A"), ("STUDY", .studyID, "A"), ("SERIES", .modality, "CT"),
        ("SERIES", .seriesNumber, "7"), ("IMAGE", .instanceNumber, "7"),
    ]

    @Test(arguments: required.indices)
    func `a required key without a value is returned with zero length, and matches as the site decides, §C_2_2_1_2`(
        index: Int
    ) throws {
        let row = Self.required[index]
        let tag = row.tag
        for stored in [Shelf.instance().with(tag, ""), Shelf.instance().without(tag)] {
            let shelf = Shelf([stored])
            let universal = try shelf.responses(to: .keys(row.level, [tag: ""]), model: .patientRoot)
            #expect(universal.map { $0.bytes(tag) } == [[]])
            let key = DataSet.keys(row.level, [tag: row.value])
            var options = MatchingOptions()
            #expect(try shelf.matches(key, model: .patientRoot, options: options).isEmpty)
            options.unknownMatches = true
            #expect(try shelf.matches(key, model: .patientRoot, options: options).count == 1)
        }
    }

    @Test func `counts go out as IS, §C_3-1`() throws {
        let tags: [DICOM.Tag] = [
            .numberOfStudyRelatedSeries, .numberOfStudyRelatedInstances, .numberOfPatientRelatedStudies,
        ]
        var identifier = DataSet.keys("STUDY")
        for tag in tags { identifier.set(tag, .IS, text: "") }
        let found = try #require(try Shelf([Shelf.instance()]).responses(to: identifier).first)
        for tag in tags { #expect(found[tag]?.vr == .IS && found.text(tag) == "1") }
    }

    @Test func `a key of group 0002 changes nothing, §C_4_1_1_3 note`() throws {
        var identifier = DataSet.keys("IMAGE", [.sopInstanceUID: ""])
        identifier[Tag(0x0002, 0x0010)] = DataElement(Tag(0x0002, 0x0010), .UI, .bytes(Array("9.9".utf8)))
        let found = try Shelf([Shelf.instance()]).responses(to: identifier)
        #expect(found.count == 1 && found[0][Tag(0x0002, 0x0010)] == nil)
    }
}
