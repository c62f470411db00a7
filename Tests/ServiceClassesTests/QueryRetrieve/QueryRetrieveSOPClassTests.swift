// The SOP classes of Query/Retrieve against the standard's own table.

import ArchiveIndex
import DICOM
import Testing

import ServiceClasses

@Suite("SOP classes of Query/Retrieve, PS3.4 §C.6.1.3, §C.6.2.3, §C.6.3.3, §Y.6") struct QueryRetrieveSOPClassTests {
    /// As PS3.6 Annex A names them.
    static let golden: [(uid: String, keyword: String, model: InformationModel, operation: QueryRetrieveOperation)] = [
        ("1.2.840.10008.5.1.4.1.2.1.1", "PatientRootQueryRetrieveInformationModelFind", .patientRoot, .find),
        ("1.2.840.10008.5.1.4.1.2.1.2", "PatientRootQueryRetrieveInformationModelMove", .patientRoot, .move),
        ("1.2.840.10008.5.1.4.1.2.1.3", "PatientRootQueryRetrieveInformationModelGet", .patientRoot, .get),
        ("1.2.840.10008.5.1.4.1.2.2.1", "StudyRootQueryRetrieveInformationModelFind", .studyRoot, .find),
        ("1.2.840.10008.5.1.4.1.2.2.2", "StudyRootQueryRetrieveInformationModelMove", .studyRoot, .move),
        ("1.2.840.10008.5.1.4.1.2.2.3", "StudyRootQueryRetrieveInformationModelGet", .studyRoot, .get),
        ("1.2.840.10008.5.1.4.1.2.3.1", "PatientStudyOnlyQueryRetrieveInformationModelFind", .patientStudyOnly, .find),
        ("1.2.840.10008.5.1.4.1.2.3.2", "PatientStudyOnlyQueryRetrieveInformationModelMove", .patientStudyOnly, .move),
        ("1.2.840.10008.5.1.4.1.2.3.3", "PatientStudyOnlyQueryRetrieveInformationModelGet", .patientStudyOnly, .get),
        ("1.2.840.10008.5.1.4.1.2.4.2", "CompositeInstanceRootRetrieveMove", .compositeInstanceRoot, .move),
        ("1.2.840.10008.5.1.4.1.2.4.3", "CompositeInstanceRootRetrieveGet", .compositeInstanceRoot, .get),
        ("1.2.840.10008.5.1.4.1.2.5.3", "CompositeInstanceRetrieveWithoutBulkDataGet", .compositeInstance, .get),
    ]

    @Test func `each is an information model and an operation`() throws {
        for row in Self.golden {
            let found = try #require(QueryRetrieveSOPClass.named(Sample.uid(row.uid)))
            #expect(found.uid.text == row.uid && found.model == row.model && found.operation == row.operation)
        }
        #expect(QueryRetrieveSOPClass.all.map(\.uid.text) == Self.golden.map(\.uid))
    }

    @Test func `the standard calls them that`() throws {
        for row in Self.golden {
            let named = try #require(SOPClass.named(Sample.uid(row.uid)))
            #expect(named.keyword == row.keyword && named.service == "query-retrieve" && !named.isStorage)
        }
    }

    @Test(arguments: [
        "1.2.840.10008.1.1", "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.2", "1.2.840.10008.5.1.4.1.2.1",
        // Composite Instance Root has no C-FIND, Without Bulk Data no C-MOVE; Worklist is another service.
        "1.2.840.10008.5.1.4.1.2.4.1", "1.2.840.10008.5.1.4.1.2.5.2", "1.2.840.10008.5.1.4.31",
    ]) func `others are none of them`(uid: String) {
        #expect(QueryRetrieveSOPClass.named(Sample.uid(uid)) == nil)
    }
}
