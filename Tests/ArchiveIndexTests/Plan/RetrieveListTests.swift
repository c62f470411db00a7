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
            #expect(try Self.looks(wanted, in: snapshot) >= 4, "one look in some milliseconds of work")
            #expect(throws: IndexFault.stopped) { try snapshot.instances(for: wanted, watch: SearchWatch { true }) }
        }
    }

    /// How often a look-up asks whether somebody still waits.
    static func looks(_ keys: RetrieveKeys, in snapshot: Snapshot) throws -> Int {
        var looks = 0
        let watch = SearchWatch {
            looks += 1
            return false
        }
        _ = try snapshot.instances(for: keys, watch: watch)
        return looks
    }

    /// What a list names can be in any study or series: 300 studies of one series each, and one of 300 series of one instance.
    @Test(arguments: [[:], [.studyInstanceUID: "1.2.301"]] as [[DICOM.Tag: String]])
    func `each named instance is looked up once, not in each series`(above: [DICOM.Tag: String]) throws {
        let shelf = Shelf(
            (1...300).map { Shelf.instance(study: $0) } + (1...300).map { Shelf.instance(study: 301, series: $0) })
        let uids = (1...300).map { "1.2.301.\($0).1" } + (1...300).map { "1.2.\($0).1.1" }
        var identifier = DataSet.keys("IMAGE", [.sopInstanceUID: uids.joined(separator: "\\")])
        for (tag, value) in above { identifier = identifier.with(tag, value) }
        let keys = try RetrieveKeys(identifier: identifier, model: .studyRoot)
        let snapshot = try shelf.snapshot()
        #expect(try snapshot.instances(for: keys).count == (above.isEmpty ? 600 : 300))
        let most = 4 * uids.count * SearchWatch.rowsOfEntity / SearchWatch.rowsBetweenLooks
        let looks = try Self.looks(keys, in: snapshot)
        #expect(looks >= 300 * SearchWatch.rowsOfEntity / SearchWatch.rowsBetweenLooks && looks <= most)
    }

    @Test(arguments: [1, 3])
    func `a list comes in the order of the studies that hold it, whatever else is named`(runs: Int) throws {
        let shelf = Shelf(
            [9, 10, 1].flatMap { study in
                [12, 2, 1].flatMap { series in
                    [10, 9, 1, 3].map { Shelf.instance(study: study, series: series, instance: $0) }
                }
            })
        let snapshot = try shelf.snapshot(runs: runs)
        let studies = ["1.2.1", "1.2.10", "1.2.9"]
        let all = try RetrieveKeys(
            identifier: .keys("STUDY", [.studyInstanceUID: studies.joined(separator: "\\")]), model: .studyRoot)
        let found = try snapshot.instances(for: all)
        // Within a series by text where they are named.
        var expected: [String] = []
        for study in studies {
            var series: [UID] = []
            for one in found where one.studyInstanceUID.text == study && !series.contains(one.seriesInstanceUID) {
                series.append(one.seriesInstanceUID)
            }
            expected += series.flatMap { series in ["1", "10", "9"].map { "\(series.text).\($0)" } }
        }
        #expect(expected.count == 27)
        let list = (expected.reversed() + ["9.9"]).joined(separator: "\\")
        for above in ["", studies.joined(separator: "\\")] {
            let keys = try RetrieveKeys(
                identifier: .keys("IMAGE", [.studyInstanceUID: above, .sopInstanceUID: list]), model: .studyRoot)
            #expect(try snapshot.instances(for: keys).map(\.sopInstanceUID.text) == expected)
        }
        let few = try RetrieveKeys(
            identifier: .keys("IMAGE", [.studyInstanceUID: "1.2.9", .sopInstanceUID: "1.2.9.2.9\\1.2.9.2.10"]),
            model: .studyRoot)
        #expect(try snapshot.instances(for: few).map(\.sopInstanceUID.text) == ["1.2.9.2.10", "1.2.9.2.9"])
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
