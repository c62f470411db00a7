// The instances that a retrieval sends (PS3.4 §C.4.2.2): by the unique keys of each level, and whatever C-FIND offers.

import DICOM
import Testing

@testable import ArchiveIndex

@Suite("Instances to send, PS3.4 §C.4.2.2") struct RetrieveListTests {
    static func instances(
        _ shelf: Shelf, _ level: String, _ values: KeyValuePairs<DICOM.Tag, String>, runs: Int = 1
    ) throws -> [String] {
        let keys = try RetrieveKeys(identifier: .keys(level, values), model: .patientRoot)
        return try shelf.snapshot(runs: runs).instances(for: keys).map(\.sopInstanceUID.text).sorted()
    }

    static let shelf = MatchCursorTests.shelf

    @Test(arguments: [1, 3])
    func `each level sends what lies below its entity, each instance once`(runs: Int) throws {
        #expect(try Self.instances(Self.shelf, "PATIENT", [.patientID: "P"], runs: runs).count == 8)
        #expect(try Self.instances(Self.shelf, "PATIENT", [.patientID: " P "], runs: runs).count == 8)
        #expect(
            try Self.instances(Self.shelf, "STUDY", [.patientID: "P", .studyInstanceUID: "1.2.1"], runs: runs)
                == ["1.2.1.1.1", "1.2.1.1.2", "1.2.1.2.1", "1.2.1.2.2"])
        #expect(
            try Self.instances(
                Self.shelf, "SERIES", [.studyInstanceUID: "1.2.1", .seriesInstanceUID: "1.2.1.2"], runs: runs)
                == ["1.2.1.2.1", "1.2.1.2.2"])
        #expect(
            try Self.instances(
                Self.shelf, "IMAGE",
                [.studyInstanceUID: "1.2.1", .seriesInstanceUID: "1.2.1.2", .sopInstanceUID: "1.2.1.2.2"], runs: runs)
                == ["1.2.1.2.2"])
    }

    @Test func `lists of UIDs name several entities, each sent once however often it is named`() throws {
        #expect(try Self.instances(Self.shelf, "STUDY", [.studyInstanceUID: "1.2.1\\1.2.3\\1.2.1\\9.9"]).count == 8)
        #expect(
            try Self.instances(Self.shelf, "SERIES", [.seriesInstanceUID: "1.2.1.1\\1.2.3.2\\1.2.1.1"]).count == 4)
        #expect(
            try Self.instances(Self.shelf, "IMAGE", [.sopInstanceUID: "1.2.1.1.1\\1.2.3.2.2\\1.2.1.1.1\\9.9"])
                == ["1.2.1.1.1", "1.2.3.2.2"])
        #expect(
            try Self.instances(
                Self.shelf, "IMAGE", [.studyInstanceUID: "1.2.1", .sopInstanceUID: "1.2.1.1.1\\1.2.3.2.2"])
                == ["1.2.1.1.1"])
    }

    @Test func `keys of levels above hold, where they are given`() throws {
        #expect(try Self.instances(Self.shelf, "STUDY", [.patientID: "Q", .studyInstanceUID: "1.2.1"]).isEmpty)
        #expect(
            try Self.instances(Self.shelf, "SERIES", [.studyInstanceUID: "1.2.2", .seriesInstanceUID: "1.2.1.2"])
                .isEmpty)
        #expect(
            try Self.instances(Self.shelf, "IMAGE", [.seriesInstanceUID: "1.2.1.1", .sopInstanceUID: "1.2.1.2.1"])
                .isEmpty)
        #expect(
            try Self.instances(Self.shelf, "IMAGE", [.patientID: "Q", .sopInstanceUID: "1.2.1.2.1"]).isEmpty)
    }

    @Test func `keys below the level don't narrow it`() throws {
        #expect(
            try Self.instances(
                Self.shelf, "STUDY",
                [.studyInstanceUID: "1.2.1", .seriesInstanceUID: "1.2.1.2", .sopInstanceUID: "9.9"]
            ).count == 4)
        #expect(try Self.instances(Self.shelf, "PATIENT", [.patientID: "Q", .studyInstanceUID: ""]).count == 4)
    }

    @Test func `what isn't there is nothing to send, and no fault`() throws {
        #expect(try Self.instances(Self.shelf, "PATIENT", [.patientID: "NOBODY"]).isEmpty)
        #expect(try Self.instances(Self.shelf, "STUDY", [.studyInstanceUID: "9.9"]).isEmpty)
        #expect(try Self.instances(Self.shelf, "SERIES", [.seriesInstanceUID: "9.9"]).isEmpty)
        #expect(try Self.instances(Self.shelf, "IMAGE", [.sopInstanceUID: "9.9"]).isEmpty)
    }

    @Test func `a study without Patient ID is reached at STUDY`() throws {
        let shelf = Shelf([Shelf.instance(study: 1).without(.patientID), Shelf.instance(study: 2).with(.patientID, "")])
        #expect(try Self.instances(shelf, "STUDY", [.patientID: "", .studyInstanceUID: "1.2.1"]) == ["1.2.1.1.1"])
        #expect(try Self.instances(shelf, "STUDY", [.studyInstanceUID: "1.2.2"]) == ["1.2.2.1.1"])
    }

    @Test func `a study that two patients claim is sent for either`() throws {
        let shelf = Shelf([
            Shelf.instance(instance: 1).with(.patientID, "A"), Shelf.instance(instance: 2).with(.patientID, "B"),
            Shelf.instance(instance: 3).with(.patientID, "B"),
        ])
        for id in ["A", "B"] {
            #expect(try Self.instances(shelf, "STUDY", [.patientID: id, .studyInstanceUID: "1.2.1"]).count == 3)
            #expect(try Self.instances(shelf, "PATIENT", [.patientID: id]).count == 3)
        }
        #expect(try Self.instances(shelf, "STUDY", [.patientID: "C", .studyInstanceUID: "1.2.1"]).isEmpty)
    }

    @Test func `an ID is compared as characters, whatever set it is asked for in`() throws {
        let latin = Shelf.instance().with(.specificCharacterSet, "ISO_IR 100").with(.patientID, bytes: [0xC9, 0x31])
        let shelf = Shelf([latin, Shelf.instance(study: 2).with(.patientID, "É1"), Shelf.instance(study: 3)])
        #expect(try Self.instances(shelf, "PATIENT", [.patientID: "É1"]) == ["1.2.1.1.1", "1.2.2.1.1"])
        #expect(try Self.instances(shelf, "STUDY", [.patientID: "É1", .studyInstanceUID: "1.2.1"]) == ["1.2.1.1.1"])
    }

    @Test func `an ID at two issuers is both patients`() throws {
        let shelf = Shelf([
            Shelf.instance(study: 1).with(.patientID, "A").with(.issuerOfPatientID, "X"),
            Shelf.instance(study: 2).with(.patientID, "A").with(.issuerOfPatientID, "Y"),
            Shelf.instance(study: 3).with(.patientID, "A"),
        ])
        #expect(try Self.instances(shelf, "PATIENT", [.patientID: "A"]).count == 3)
        #expect(try shelf.matches(.keys("PATIENT", [.patientID: "A"]), model: .patientRoot) == ["A", "A", "A"])
        #expect(
            try shelf.matches(.keys("PATIENT", [.patientID: "A", .issuerOfPatientID: "X"]), model: .patientRoot) == [
                "A"
            ])
    }

    @Test func `an instance names its class, its stored transfer syntax and its places, smallest first`() throws {
        let dataSet = Shelf.instance()
        var first = Shelf.entry(dataSet, file: 1, transferSyntax: "1.2.840.10008.1.2.4.70")
        first.fields.place.path = Array("b".utf8)
        var second = first
        second.fields.place.path = Array("a".utf8)
        let run = try Run([SignedEntry(entry: first), SignedEntry(entry: second)], file: "run")
        let snapshot = Snapshot(sources: [run], generation: 0, journalSequence: 0)
        let keys = try RetrieveKeys(identifier: .keys("STUDY", [.studyInstanceUID: "1.2.1"]), model: .studyRoot)
        let found = try snapshot.instances(for: keys)
        #expect(found.count == 1)
        let instance = try #require(found.first)
        #expect(instance.studyInstanceUID == UID("1.2.1"))
        #expect(instance.seriesInstanceUID == UID("1.2.1.1"))
        #expect(instance.sopClassUID == UID("1.2.840.10008.5.1.4.1.1.2"))
        #expect(instance.transferSyntaxUID == UID("1.2.840.10008.1.2.4.70"))
        #expect(instance.places.map(\.path) == [Array("a".utf8), Array("b".utf8)])
    }

    @Test func `the look-up ends when its requester wants no more, whatever is looked through`() throws {
        let shelf = Shelf((1...600).map { Shelf.instance(instance: $0).with(.patientID, $0 > 300 ? "Ä" : "P1") })
        let snapshot = try shelf.snapshot()
        for keys in [[.studyInstanceUID: "1.2.1"], [.patientID: "P1"]] as [KeyValuePairs<DICOM.Tag, String>] {
            let level = keys.first?.key == .patientID ? "PATIENT" : "STUDY"
            let wanted = try RetrieveKeys(identifier: .keys(level, keys), model: .patientRoot, isStrict: false)
            var looks = 0
            let all = try snapshot.instances(for: wanted) {
                looks += 1
                return false
            }
            #expect(all != nil && looks >= 4, "one look in some milliseconds of work")
            #expect(try snapshot.instances(for: wanted, until: { true }) == nil)
        }
    }

    @Test func `what C-FIND offers can be retrieved with the keys it came with`() throws {
        for level in ["STUDY", "SERIES", "IMAGE"] {
            let identifier = DataSet.keys(
                level, [.patientID: "", .studyInstanceUID: "", .seriesInstanceUID: "", .sopInstanceUID: ""])
            for response in try Self.shelf.responses(to: identifier, model: .patientRoot) {
                let keys = try RetrieveKeys(identifier: response, model: .patientRoot)
                #expect(try !Self.shelf.snapshot().instances(for: keys).isEmpty)
            }
        }
    }
}

extension Snapshot {
    /// For a requester that never cancels.
    func instances(for keys: RetrieveKeys) throws -> [InstanceReference] {
        try #require(try instances(for: keys) { false })
    }
}
