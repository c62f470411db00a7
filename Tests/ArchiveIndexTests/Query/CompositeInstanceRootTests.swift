// Identifiers of Composite Instance Root Retrieve (PS3.4 §Y.4.1.1.3, §Y.6.1): SOP Instance UIDs alone, and refused frames.

import DICOM
import Testing

@testable import ArchiveIndex

@Suite("Composite Instance Root Retrieve, PS3.4 §Y.6.1") struct CompositeInstanceRootTests {
    static func keys(_ identifier: DataSet, isStrict: Bool = false) throws -> RetrieveKeys {
        try RetrieveKeys(identifier: identifier, model: .compositeInstanceRoot, isStrict: isStrict)
    }

    @Test(arguments: [false, true])
    func `one SOP Instance UID or a list of them is all that names instances, Table Y_6-1`(isStrict: Bool) throws {
        let one = try Self.keys(.keys("IMAGE", [.sopInstanceUID: "1.2.3"]), isStrict: isStrict)
        #expect(one.level == .image && one.instances == [UID("1.2.3")!] && one.patientID == nil)
        let two = try Self.keys(.keys("IMAGE", [.sopInstanceUID: "1.2.3\\1.2.4"]), isStrict: isStrict)
        #expect(two.instances == [UID("1.2.3")!, UID("1.2.4")!])
    }

    @Test func `keys of levels that the model hasn't are passed over, and refused in strict mode`() throws {
        let identifier = DataSet.keys(
            "IMAGE", [.patientID: "P", .studyInstanceUID: "9.9", .seriesInstanceUID: "9.9.9", .sopInstanceUID: "1.2.3"])
        let keys = try Self.keys(identifier)
        #expect(keys.studies.isEmpty && keys.series.isEmpty && keys.patientID == nil)
        #expect(keys.instances == [UID("1.2.3")!])
        let fault = try #require(throws: QueryFault.self) { try Self.keys(identifier, isStrict: true) }
        #expect(fault.kind == .identifierDoesNotMatch)
    }

    @Test(arguments: ["PATIENT", "STUDY", "SERIES", "COMPOSITE"])
    func `the other models' levels aren't here, Table Y_6_1-1`(level: String) throws {
        let identifier = DataSet.keys(level, [.studyInstanceUID: "1.2", .sopInstanceUID: "1.2.3"])
        let fault = try #require(throws: QueryFault.self) { try Self.keys(identifier) }
        #expect(fault.kind == .identifierDoesNotMatch && fault.offending == [.queryRetrieveLevel])
    }

    @Test func `a missing level is IMAGE where frames aren't asked for`() throws {
        #expect(try Self.keys(.keys("", [.sopInstanceUID: "1.2.3"])).instances == [UID("1.2.3")!])
    }

    // MARK: Frames, §Y.3.2

    /// Frame numbers of a UL element.
    static func frames(
        at level: String = "FRAME", _ tags: [DICOM.Tag], instances: String = "1.2.3"
    ) -> DataSet {
        var identifier = DataSet.keys(level, [.sopInstanceUID: instances])
        for tag in tags { identifier.set(tag, DataDictionary.vr(of: tag), bytes: [1, 0, 0, 0]) }
        return identifier
    }

    @Test(arguments: [DICOM.Tag.simpleFrameList, .calculatedFrameList, .timeRange], ["FRAME", ""])
    func `frames are refused as such, and the whole instance isn't sent in their place`(
        key: DICOM.Tag, level: String
    ) throws {
        let fault = try #require(throws: QueryFault.self) { try Self.keys(Self.frames(at: level, [key])) }
        #expect(fault.kind == .framesNotExtracted && fault.comment.utf8.count <= 64)
    }

    @Test func `a FRAME request has one frame key and one instance, Table Y_6-2`() throws {
        for bad in [
            Self.frames([]), Self.frames([.simpleFrameList, .timeRange]),
            Self.frames([.simpleFrameList], instances: "1.2.3\\1.2.4"), Self.frames([.simpleFrameList], instances: ""),
            Self.frames([.timeRange], instances: "*"),
            DataSet.keys("FRAME", [.sopInstanceUID: "1.2.3", .simpleFrameList: ""]),
        ] {
            let fault = try #require(throws: QueryFault.self) { try Self.keys(bad) }
            #expect(fault.kind == .invalidFrameRequest && fault.comment.utf8.count <= 64)
        }
    }
}
