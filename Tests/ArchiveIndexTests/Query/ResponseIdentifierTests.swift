// C-FIND response identifiers (PS3.4 §C.4.1.1.3.2): what is in them, what isn't, and in which character set.

import DICOM
import Testing

@testable import ArchiveIndex

@Suite("C-FIND response identifiers, PS3.4 §C.4.1.1.3.2") struct ResponseIdentifierTests {
    static func response(
        _ dataSet: DataSet, _ identifier: DataSet, model: InformationModel = .studyRoot
    ) throws -> DataSet {
        try #require(try Shelf([dataSet]).responses(to: identifier, model: model).first)
    }

    // MARK: What is in it

    @Test(arguments: [
        ("PATIENT", [DICOM.Tag.patientID, .patientName]), ("STUDY", [.studyInstanceUID, .studyDate]),
        ("SERIES", [.seriesInstanceUID, .modality]), ("IMAGE", [.sopInstanceUID, .instanceNumber]),
    ])
    func `it holds the requested keys, the level and where to retrieve from, and nothing else`(
        level: String, tags: [DICOM.Tag]
    ) throws {
        var identifier = DataSet.keys(level)
        for tag in tags { identifier[tag] = DataElement(tag, DataDictionary.vr(of: tag), .bytes([])) }
        let found = try Self.response(Shelf.instance(), identifier, model: .patientRoot)
        #expect(
            found.elements.map(\.tag)
                == (tags + [.queryRetrieveLevel, .retrieveAETitle, .instanceAvailability]).sorted())
        #expect(found.text(.queryRetrieveLevel) == level)
        #expect(found.text(.retrieveAETitle) == "FILEROOM")
        for tag in tags { #expect(found.bytes(tag)?.isEmpty == false, "\(tag)") }
    }

    @Test func `the title to retrieve from is ours, whatever the request says`() throws {
        let found = try Self.response(
            Shelf.instance(), .keys("STUDY", [.retrieveAETitle: "ELSEWHERE", .studyInstanceUID: ""]))
        #expect(found.text(.retrieveAETitle) == "FILEROOM")
    }

    @Test func `supported keys without a value come back with zero length, missing or empty in the file`() throws {
        let stored = Shelf.instance().with(.accessionNumber, "").without(.studyID)
        let found = try Self.response(
            stored,
            .keys(
                "STUDY",
                [
                    .accessionNumber: "", .studyID: "", .referringPhysicianName: "", .procedureCodeSequence: "",
                    .institutionName: "",
                ]))
        for tag: DICOM.Tag in [.accessionNumber, .studyID, .referringPhysicianName, .institutionName] {
            #expect(found.bytes(tag) == [], "\(tag)")
        }
        #expect(found[.procedureCodeSequence]?.vr == .SQ)
        #expect(found.items(.procedureCodeSequence)?.isEmpty ?? true)
    }

    @Test func `unsupported and private keys are not echoed`() throws {
        let private1 = Tag(0x0009, 0x0010)
        var identifier = DataSet.keys("STUDY", [.studyDate: "", Tag(0x0010, 0x9998): "X", .seriesInstanceUID: ""])
        identifier[private1] = DataElement(private1, .LO, .bytes(Array("ME".utf8)))
        let found = try Self.response(Shelf.instance(), identifier)
        #expect(
            found.elements.map(\.tag) == [.studyDate, .queryRetrieveLevel, .retrieveAETitle, .instanceAvailability])
    }

    @Test func `keys of levels above come back when asked for`() throws {
        let found = try Self.response(
            Shelf.instance(),
            .keys("IMAGE", [.patientName: "", .studyInstanceUID: "1.2.1", .seriesNumber: "", .sopInstanceUID: ""]))
        #expect(found.text(.patientName) == "SMITH^JOHN")
        #expect(found.uid(.studyInstanceUID) == UID("1.2.1"))
        #expect(found.text(.seriesNumber) == "1")
        #expect(found.uid(.sopInstanceUID) == UID("1.2.1.1.1"))
    }

    @Test func `the value is the stored one, not the key`() throws {
        let found = try Self.response(
            Shelf.instance(), .keys("STUDY", [.patientName: "smi*", .studyDate: "20230101-", .studyTime: "10-11"]))
        #expect(found.text(.patientName) == "SMITH^JOHN")
        #expect(found.text(.studyDate) == "20240101")
        #expect(found.text(.studyTime) == "103000")
    }

    @Test func `all values of an attribute come back when one matched`() throws {
        let stored = Shelf.instance().with(.imageType, "ORIGINAL\\PRIMARY\\AXIAL")
        let found = try Self.response(stored, .keys("IMAGE", [.imageType: "PRIMARY"]))
        #expect(found.text(.imageType) == "ORIGINAL\\PRIMARY\\AXIAL")
    }

    @Test func `every value has an even length, padded as its VR is`() throws {
        let found = try Self.response(
            Shelf.instance().with(.rows, bytes: [0, 2]),
            .keys("IMAGE", [.sopInstanceUID: "", .patientID: "", .studyDescription: "", .rows: "", .patientSex: ""]))
        for element in found.elements {
            if case .bytes(let bytes) = element.value { #expect(bytes.count % 2 == 0, "\(element.tag)") }
        }
        #expect(found.bytes(.sopInstanceUID) == Array("1.2.1.1.1\0".utf8))
        #expect(found.bytes(.studyDescription) == Array("CHEST ".utf8))
        #expect(found.bytes(.rows) == [0, 2])
    }

    @Test func `Instance Availability is never empty`() throws {
        let found = try Self.response(Shelf.instance(), .keys("STUDY", [.instanceAvailability: "", .studyDate: ""]))
        #expect(found.text(.instanceAvailability) == "ONLINE")
    }

    // MARK: Computed keys

    @Test func `counts and gathered values are computed from what is there`() throws {
        var stored: [DataSet] = []
        for (series, modality) in [(1, "CT"), (2, "MR"), (3, "CT"), (4, "")] {
            for instance in 1...series {
                var one = Shelf.instance(series: series, instance: instance).with(.modality, modality)
                if modality == "MR" { one = one.with(.sopClassUID, "1.2.840.10008.5.1.4.1.1.4") }
                stored.append(one)
            }
        }
        stored.append(Shelf.instance(study: 2).with(.patientID, "P1"))
        let shelf = Shelf(stored)
        let study = try #require(
            try shelf.responses(
                to: .keys(
                    "STUDY",
                    [
                        .studyInstanceUID: "1.2.1", .modalitiesInStudy: "", .sopClassesInStudy: "",
                        .numberOfStudyRelatedSeries: "", .numberOfStudyRelatedInstances: "",
                        .numberOfPatientRelatedStudies: "",
                    ])
            ).first)
        #expect(study.text(.modalitiesInStudy) == "CT\\MR")
        #expect(study.text(.sopClassesInStudy) == "1.2.840.10008.5.1.4.1.1.2\\1.2.840.10008.5.1.4.1.1.4")
        #expect(study.text(.numberOfStudyRelatedSeries) == "4")
        #expect(study.text(.numberOfStudyRelatedInstances) == "10")
        #expect(study.text(.numberOfPatientRelatedStudies) == "2")
        #expect(study[.numberOfStudyRelatedSeries]?.vr == .IS)
        let series = try #require(
            try shelf.responses(
                to: .keys("SERIES", [.seriesInstanceUID: "1.2.1.3", .numberOfSeriesRelatedInstances: ""])
            )
            .first)
        #expect(series.text(.numberOfSeriesRelatedInstances) == "3")
        let patient = try #require(
            try shelf.responses(
                to: .keys(
                    "PATIENT",
                    [
                        .patientID: "P1", .numberOfPatientRelatedStudies: "", .numberOfPatientRelatedSeries: "",
                        .numberOfPatientRelatedInstances: "",
                    ]), model: .patientRoot
            ).first)
        #expect(patient.text(.numberOfPatientRelatedStudies) == "2")
        #expect(patient.text(.numberOfPatientRelatedSeries) == "5")
        #expect(patient.text(.numberOfPatientRelatedInstances) == "11")
    }

    @Test func `SOP class and stored transfer syntax come back at IMAGE level`() throws {
        let found = try Self.response(
            Shelf.instance(), .keys("IMAGE", [.sopClassUID: "", .availableTransferSyntaxUID: ""]))
        #expect(found.uid(.sopClassUID) == UID("1.2.840.10008.5.1.4.1.1.2"))
        #expect(found.uid(.availableTransferSyntaxUID) == UID("1.2.840.10008.1.2.1"))
    }

    // MARK: Sequences

    static let scheduled = Shelf.instance().with(
        .requestAttributesSequence,
        items: [
            DataSet(values: [.requestedProcedureID: "RP1", .scheduledProcedureStepID: "SPS1"]).with(
                .scheduledProtocolCodeSequence,
                items: [DataSet(values: [.codeValue: "T-1", .codeMeaning: "Schädel"])]),
            DataSet(values: [.requestedProcedureID: "RP2", .scheduledProcedureStepID: "SPS2"]),
        ])

    static func series(_ key: DataSet) throws -> [DataSet] {
        let identifier = DataSet.keys("SERIES").with(.requestAttributesSequence, items: [key])
        return try response(scheduled, identifier).items(.requestAttributesSequence) ?? []
    }

    @Test func `an item holds the attributes that its key asks for, zero length where it has none`() throws {
        let items = try Self.series(DataSet(values: [.requestedProcedureID: "", .accessionNumber: ""]))
        #expect(items.count == 2)
        for item in items { #expect(item.elements.map(\.tag) == [.accessionNumber, .requestedProcedureID]) }
        #expect(items.map { $0.text(.requestedProcedureID) } == ["RP1", "RP2"])
        #expect(items[0].bytes(.accessionNumber) == [])
    }

    @Test func `a sequence key of zero length, or with an empty item, asks for all of it`() throws {
        #expect(try Self.series(DataSet()).map(\.elements.count) == [3, 2])
        let found = try Self.response(Self.scheduled, .keys("SERIES", [.requestAttributesSequence: ""]))
        #expect(found.items(.requestAttributesSequence)?.map(\.elements.count) == [3, 2])
    }

    @Test func `only the items that match come back`() throws {
        let items = try Self.series(DataSet(values: [.requestedProcedureID: "RP2", .scheduledProcedureStepID: ""]))
        #expect(items.map { $0.text(.scheduledProcedureStepID) } == ["SPS2"])
    }

    @Test func `items within items hold what is asked for, too`() throws {
        let key = DataSet().with(.scheduledProtocolCodeSequence, items: [DataSet(values: [.codeMeaning: ""])])
        let code = try Self.series(key).first?.items(.scheduledProtocolCodeSequence)?.first
        #expect(code?.elements.map(\.tag) == [.codeMeaning])
    }
}
