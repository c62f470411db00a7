// Queries run on an index (PS3.4 §C.4.1.3): each match once at every level, whatever key finds it.

import DICOM
import Testing

@testable import ArchiveIndex

@Suite("Queries run, PS3.4 §C.4.1.3") struct MatchCursorTests {
    /// Two patients, three studies, each of two series with two instances.
    static let shelf: Shelf = {
        var dataSets: [DataSet] = []
        for study in 1...3 {
            for series in 1...2 {
                for instance in 1...2 {
                    dataSets.append(
                        Shelf.instance(study: study, series: series, instance: instance)
                            .with(.patientID, study == 3 ? "Q" : "P").with(.modality, series == 1 ? "CT" : "SR")
                            .with(.patientName, study == 3 ? "MÜLLER^JÜRGEN" : "SMITH^JOHN")
                            .with(.studyDate, "2024010\(study)").with(.studyTime, "1\(study)3000"))
                }
            }
        }
        return Shelf(dataSets)
    }()

    // MARK: Levels

    @Test(arguments: [1, 2, 5])
    func `without keys each level answers with all of its entities, each once`(runs: Int) throws {
        #expect(try Self.shelf.matches(.keys("PATIENT"), model: .patientRoot, runs: runs) == ["P", "Q"])
        #expect(try Self.shelf.matches(.keys("STUDY"), runs: runs) == ["1.2.1", "1.2.2", "1.2.3"])
        #expect(try Self.shelf.matches(.keys("SERIES"), runs: runs).count == 6)
        #expect(try Self.shelf.matches(.keys("IMAGE"), runs: runs).count == 12)
        #expect(Set(try Self.shelf.matches(.keys("IMAGE"), runs: runs)).count == 12)
    }

    @Test func `an empty index answers nothing`() throws {
        for level in ["STUDY", "SERIES", "IMAGE"] { #expect(try Shelf([]).matches(.keys(level)).isEmpty) }
        #expect(try Shelf([]).matches(.keys("PATIENT", [.patientName: "S*"]), model: .patientRoot).isEmpty)
    }

    @Test func `a hierarchical query goes down by unique keys`() throws {
        let model = InformationModel.patientRoot
        #expect(
            try Self.shelf.matches(.keys("STUDY", [.patientID: "P", .studyInstanceUID: ""]), model: model)
                == ["1.2.1", "1.2.2"])
        #expect(
            try Self.shelf.matches(
                .keys("SERIES", [.patientID: "P", .studyInstanceUID: "1.2.2", .seriesInstanceUID: ""]), model: model)
                == ["1.2.2.1", "1.2.2.2"])
        #expect(
            try Self.shelf.matches(
                .keys(
                    "IMAGE",
                    [
                        .patientID: "P", .studyInstanceUID: "1.2.2", .seriesInstanceUID: "1.2.2.1", .sopInstanceUID: "",
                    ]), model: model) == ["1.2.2.1.1", "1.2.2.1.2"])
        // The study is another patient's, the series another study's.
        #expect(
            try Self.shelf.matches(.keys("STUDY", [.patientID: "Q", .studyInstanceUID: "1.2.1"]), model: model).isEmpty)
        #expect(
            try Self.shelf.matches(.keys("SERIES", [.studyInstanceUID: "1.2.1", .seriesInstanceUID: "1.2.2.1"])).isEmpty
        )
    }

    @Test func `a missing unique key above means all`() throws {
        #expect(try Self.shelf.matches(.keys("IMAGE", [.sopInstanceUID: "1.2.3.1.2"])) == ["1.2.3.1.2"])
        #expect(try Self.shelf.matches(.keys("SERIES", [.modality: "SR"])) == ["1.2.1.2", "1.2.2.2", "1.2.3.2"])
    }

    @Test func `keys of levels above are matched, as clients send them without negotiating`() throws {
        #expect(try Self.shelf.matches(.keys("STUDY", [.patientName: "müller*"]), model: .patientRoot) == ["1.2.3"])
        #expect(
            try Self.shelf.matches(.keys("SERIES", [.patientName: "müller*", .modality: "CT"])) == ["1.2.3.1"])
        #expect(
            try Self.shelf.matches(.keys("IMAGE", [.studyDate: "20240102", .modality: "CT", .instanceNumber: "01"]))
                == ["1.2.2.1.1"])
        #expect(try Self.shelf.matches(.keys("IMAGE", [.studyDate: "20240102", .patientName: "müller*"])).isEmpty)
    }

    @Test func `a list of UIDs gives a match for each that is there, in any order and however often named`() throws {
        let list = "1.2.3\\9.9\\1.2.1\\1.2.3"
        #expect(try Self.shelf.matches(.keys("STUDY", [.studyInstanceUID: list])) == ["1.2.1", "1.2.3"])
        #expect(
            try Self.shelf.matches(.keys("SERIES", [.seriesInstanceUID: "1.2.1.1\\1.2.1.2\\1.2.3.1"]))
                == ["1.2.1.1", "1.2.1.2", "1.2.3.1"])
        #expect(
            try Self.shelf.matches(.keys("IMAGE", [.sopInstanceUID: "1.2.1.1.1\\1.2.1.2.1"]))
                == ["1.2.1.1.1", "1.2.1.2.1"])
        #expect(
            try Self.shelf.matches(.keys("SERIES", [.studyInstanceUID: "1.2.1\\1.2.2", .modality: "CT"]))
                == ["1.2.1.1", "1.2.2.1"])
    }

    // MARK: Combined and computed keys

    @Test func `all keys must match`() throws {
        #expect(try Self.shelf.matches(.keys("STUDY", [.patientID: "P", .accessionNumber: "ACC2"])) == ["1.2.2"])
        #expect(try Self.shelf.matches(.keys("STUDY", [.patientID: "Q", .accessionNumber: "ACC2"])).isEmpty)
        #expect(try Self.shelf.matches(.keys("STUDY", [.patientName: "S*", .studyDate: "20240102-"])) == ["1.2.2"])
    }

    @Test func `ranges of date and time are independent unless negotiated`() throws {
        let shelf = Shelf([
            Shelf.instance(study: 1).with(.studyDate, "20060705").with(.studyTime, "0900"),
            Shelf.instance(study: 2).with(.studyDate, "20060706").with(.studyTime, "1200"),
            Shelf.instance(study: 3).with(.studyDate, "20060706").with(.studyTime, "2000"),
            Shelf.instance(study: 4).with(.studyDate, "20060707").with(.studyTime, "180059.9"),
        ])
        let keys = DataSet.keys("STUDY", [.studyDate: "20060705-20060707", .studyTime: "1000-1800"])
        #expect(try shelf.matches(keys) == ["1.2.2", "1.2.4"])
    }

    @Test(arguments: [
        ("CT", ["1.2.1", "1.2.3"]), ("C*", ["1.2.1", "1.2.3"]), ("MR", ["1.2.2", "1.2.3"]),
        ("CT\\MR", ["1.2.1", "1.2.2", "1.2.3"]), ("US", []), ("", ["1.2.1", "1.2.2", "1.2.3", "1.2.4"]),
        ("ct", []), ("?R", ["1.2.2", "1.2.3"]),
    ])
    func `Modalities in Study matches if any of its series does`(key: String, studies: [String]) throws {
        let shelf = Shelf([
            Shelf.instance(study: 1), Shelf.instance(study: 2).with(.modality, "MR"), Shelf.instance(study: 3),
            Shelf.instance(study: 3, series: 2).with(.modality, "MR"), Shelf.instance(study: 4).without(.modality),
        ])
        #expect(try shelf.matches(.keys("STUDY", [.modalitiesInStudy: key])) == studies)
    }

    @Test func `other computed keys are matched by what they come back as`() throws {
        let shelf = Shelf(
            Self.shelf.dataSets + [Shelf.instance(study: 9).with(.sopClassUID, "1.2.840.10008.5.1.4.1.1.4")])
        #expect(
            try shelf.matches(.keys("STUDY", [.numberOfStudyRelatedInstances: "4"])) == ["1.2.1", "1.2.2", "1.2.3"])
        #expect(try shelf.matches(.keys("STUDY", [.numberOfStudyRelatedSeries: "1"])) == ["1.2.9"])
        #expect(try shelf.matches(.keys("STUDY", [.sopClassesInStudy: "1.2.840.10008.5.1.4.1.1.4"])) == ["1.2.9"])
        #expect(
            try shelf.matches(.keys("PATIENT", [.numberOfPatientRelatedStudies: "02"]), model: .patientRoot) == ["P"])
    }

    // MARK: Contradictions

    @Test func `patients without an ID are one for each study`() throws {
        let shelf = Shelf([
            Shelf.instance(study: 1).with(.patientID, ""), Shelf.instance(study: 1, instance: 2).without(.patientID),
            Shelf.instance(study: 2).with(.patientID, " "), Shelf.instance(study: 3),
        ])
        #expect(try shelf.matches(.keys("PATIENT"), model: .patientRoot) == ["", "", "P3"])
        #expect(try shelf.matches(.keys("PATIENT", [.patientName: "SMITH*"]), model: .patientRoot) == ["", "", "P3"])
        #expect(try shelf.matches(.keys("STUDY"), model: .patientRoot) == ["1.2.1", "1.2.2", "1.2.3"])
    }

    @Test func `a study that two patients claim is found with either, and shown with the one of most files`() throws {
        let shelf = Shelf([
            Shelf.instance(instance: 1).with(.patientID, "A").with(.patientName, "ADAMS"),
            Shelf.instance(instance: 2).with(.patientID, "B").with(.patientName, "BAKER"),
            Shelf.instance(instance: 3).with(.patientID, "B").with(.patientName, "BAKER"),
        ])
        #expect(try shelf.matches(.keys("STUDY", [.patientID: "B"])) == ["1.2.1"])
        #expect(try shelf.matches(.keys("STUDY", [.patientName: "BAKER"])) == ["1.2.1"])
        #expect(try shelf.matches(.keys("STUDY", [.patientID: "A"])) == ["1.2.1"])
        #expect(try shelf.matches(.keys("STUDY", [.patientName: "ADAMS"])) == ["1.2.1"])
        // One patient has both, or it isn't this patient.
        #expect(try shelf.matches(.keys("STUDY", [.patientID: "A", .patientName: "BAKER"])).isEmpty)
        func shown(_ keys: KeyValuePairs<DICOM.Tag, String>) throws -> [String?] {
            try shelf.responses(to: .keys("STUDY", keys)).flatMap { [$0.text(.patientID), $0.text(.patientName)] }
        }
        #expect(try shown([.patientID: "", .patientName: ""]) == ["B", "BAKER"])
        #expect(try shown([.patientID: "A", .patientName: ""]) == ["A", "ADAMS"])
        #expect(try shown([.patientID: "", .patientName: "BAKER"]) == ["B", "BAKER"])
        #expect(try shelf.matches(.keys("PATIENT"), model: .patientRoot) == ["A", "B"])
        #expect(try shelf.matches(.keys("IMAGE", [.patientID: "B"])).count == 3)
    }

    @Test func `a study whose instances disagree matches by what it shows`() throws {
        let shelf = Shelf([
            Shelf.instance(instance: 1).with(.accessionNumber, "").with(.studyDate, "20240105"),
            Shelf.instance(instance: 2).with(.accessionNumber, "NEW"),
            Shelf.instance(instance: 3).with(.accessionNumber, ""),
        ])
        #expect(try shelf.matches(.keys("STUDY", [.accessionNumber: "NEW"])) == ["1.2.1"])
        #expect(try shelf.matches(.keys("STUDY", [.studyDate: "20240101"])) == ["1.2.1"])
        #expect(try shelf.matches(.keys("STUDY", [.studyDate: "20240105"])).isEmpty)
        let found = try shelf.responses(to: .keys("STUDY", [.accessionNumber: "", .studyDate: ""]))
        #expect(found.map { $0.text(.accessionNumber) } == ["NEW"])
        #expect(found.map { $0.text(.studyDate) } == ["20240101"])
    }

    @Test func `a series UID in two studies is two series`() throws {
        let shelf = Shelf([
            Shelf.instance(study: 1).with(.seriesInstanceUID, "1.9"),
            Shelf.instance(study: 2).with(.seriesInstanceUID, "1.9"),
        ])
        #expect(try shelf.matches(.keys("SERIES", [.seriesInstanceUID: "1.9"])) == ["1.9", "1.9"])
        #expect(try shelf.matches(.keys("SERIES", [.seriesInstanceUID: "1.9", .studyInstanceUID: "1.2.2"])) == ["1.9"])
    }
}
