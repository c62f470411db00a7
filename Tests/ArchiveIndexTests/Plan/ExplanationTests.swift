// Explanations of queries: of what C-FIND does, in numbers that agree, with what helps where nothing is found.

import DICOM
import Support
import Testing

@testable import ArchiveIndex

@Suite("Why a query is answered so") struct ExplanationTests {
    static let shelf = Shelf(
        MatchCursorTests.shelf.dataSets + [
            Shelf.instance(study: 7).with(.patientID, "007").with(.patientName, "MÜLLER-LÜDENSCHEIDT^HANS").with(
                .studyDate, "20240315"
            )
            .with(.accessionNumber, "A-0042").with(.studyDescription, "Head")
        ])

    static func explain(
        _ level: String, _ values: KeyValuePairs<DICOM.Tag, String>, model: InformationModel = .studyRoot, runs: Int = 2
    ) throws -> Explanation {
        let query = try Query(identifier: .keys(level, values), model: model, options: MatchingOptions())
        return try shelf.snapshot(runs: runs).explain(query)
    }

    @Test func `names the sources, the chosen one, and each key in order`() throws {
        let found = try Self.explain(
            "STUDY", [.patientName: "S*", .studyDate: "20240102-", .studyDescription: "CHEST"])
        #expect(found.sources.map(\.key) == [.patientName, .studyDate, nil])
        #expect(found.sources.filter(\.isChosen).count == 1)
        #expect(found.matches == 1)
        #expect(found.exclusion == nil)
        #expect(Set(found.tests.map(\.key)) == [.patientName, .studyDate, .studyDescription])
        #expect(found.tests.last?.key == .patientName)
        #expect(found.tests.first?.tested == found.candidates[0].count)
        for (test, next) in zip(found.tests, found.tests.dropFirst()) { #expect(next.tested == test.passed) }
        #expect(found.tests.last?.passed == 1)
    }

    @Test func `chooses as the cursor does`() throws {
        var generator = SeededGenerator(seed: 11)
        let pool: [(DICOM.Tag, [String])] = [
            (.patientID, ["P", "Q", "*"]), (.patientName, ["SMITH*", "*R*", "X*"]),
            (.studyDate, ["20240101", "20240102-", "-20200101"]), (.accessionNumber, ["ACC1", "ACC*", "NO"]),
            (.modalitiesInStudy, ["CT", "XA"]), (.studyInstanceUID, ["1.2.1", "1.2.1\\1.2.2"]),
        ]
        for _ in 0..<200 {
            var identifier = DataSet.keys(["STUDY", "SERIES", "IMAGE"].randomElement(using: &generator)!)
            for (tag, values) in pool where Int.random(in: 0..<3, using: &generator) == 0 {
                identifier = identifier.with(tag, values.randomElement(using: &generator)!)
            }
            let query = try Query(identifier: identifier, model: .studyRoot, options: MatchingOptions())
            let snapshot = try Self.shelf.snapshot(runs: 3)
            let explained = try snapshot.explain(query)
            let source = try StudySource.best(for: query, in: snapshot)
            #expect(explained.sources.first { $0.isChosen }?.words == source.words(at: query.level))
            var cursor = try snapshot.find(query)
            var count = 0
            while try cursor.next() != nil { count += 1 }
            #expect(explained.matches == count)
            #expect((explained.exclusion == nil) == (count > 0))
        }
    }

    @Test func `keys that aren't held are named`() throws {
        let found = try Self.explain("STUDY", [.patientID: "P", .seriesDescription: "X"])
        #expect(found.unsupported == [.seriesDescription])
        #expect(found.matches == 2)
    }

    @Test func `the key that left nothing over is named, with what the candidates have`() throws {
        let found = try Self.explain("STUDY", [.patientID: "P", .studyDate: "20230101"])
        #expect(found.exclusion?.key == .studyDate)
        let other = try Self.explain("SERIES", [.studyInstanceUID: "1.2.1", .modality: "MR"])
        #expect(other.exclusion?.key == .modality)
        #expect(other.exclusion?.candidates == 2)
        #expect(other.exclusion?.stored == [.init(text: "CT", count: 1), .init(text: "SR", count: 1)])
        #expect(other.candidates.map(\.count) == [1, 2])
    }

    @Test(
        arguments: [
            (.patientID, "7", "007"), (.patientID, "p", "P"),
            (.patientName, "MULLER-LUDENSCHEIDT^HANS", "MÜLLER-LÜDENSCHEIDT^HANS"),
            (.patientName, "SMYTH*", "SMITH^JOHN"), (.patientName, "SMITH", "SMITH^JOHN"),
            (.accessionNumber, "a42", "A-0042"), (.accessionNumber, "AC1", "ACC1"),
            (.accessionNumber, "A-004", "A-0042"),
            (.studyDescription, "HEAD", "Head"), (.studyDescription, "HES", "CHEST"),
            (.studyDate, "20240201", "20240103"), (.studyDate, "20240201-20240228", "20240315"),
        ] as [(DICOM.Tag, String, String)])
    func `what is near is named`(key: DICOM.Tag, value: String, near: String) throws {
        for runs in [1, 3] {
            let found = try Self.explain("STUDY", [key: value], runs: runs)
            #expect(found.matches == 0)
            #expect(found.exclusion?.key == key)
            #expect(
                found.exclusion?.hints.contains { $0.values.contains(near) } == true, "\(found.exclusion?.hints ?? [])")
        }
    }

    @Test func `what is far is not`() throws {
        for (key, value) in [(DICOM.Tag.patientID, "X99"), (.accessionNumber, "0000"), (.patientName, "WASHINGTON*")] {
            #expect(try Self.explain("STUDY", [key: value]).exclusion?.hints.isEmpty == true, "\(value)")
        }
    }

    @Test func `a UID of another level is known for what it is`() throws {
        let study = try Self.explain("STUDY", [.studyInstanceUID: "1.2.1.1"])
        #expect(study.exclusion?.key == .studyInstanceUID)
        #expect(study.exclusion?.hints.first == .init(words: "This is the UID of a series", values: ["1.2.1.1"]))
        let series = try Self.explain("SERIES", [.studyInstanceUID: "1.2.1", .seriesInstanceUID: "1.2.2.1"])
        #expect(series.exclusion?.key == .seriesInstanceUID)
        #expect(series.exclusion?.hints.contains { $0.values == ["1.2.2"] } == true)
        let instance = try Self.explain("IMAGE", [.sopInstanceUID: "1.2.3"])
        #expect(instance.exclusion?.hints.contains { $0.words.contains("of a study") } == true)
    }

    @Test func `an empty index holds nothing, and an empty range is said to be one`() throws {
        let query = try Query(identifier: .keys("STUDY"), model: .studyRoot, options: MatchingOptions())
        let nothing = try Snapshot.empty.explain(query)
        #expect(nothing.exclusion != nil && nothing.exclusion?.key == nil)
        let backwards = try Self.explain("STUDY", [.studyDate: "20250101-20240101"])
        #expect(backwards.exclusion?.hints.first?.words.contains("ends before") == true)
    }

    @Test func `patients are explained as well`() throws {
        let found = try Self.explain("PATIENT", [.patientID: "P", .patientSex: "F"], model: .patientRoot)
        #expect(found.candidates.map(\.count) == [1])
        #expect(found.exclusion?.key == .patientSex)
        #expect(found.exclusion?.stored == [.init(text: "M", count: 1)])
    }
}

@Suite("Texts that are nearly the same") struct NearTextTests {
    @Test(
        arguments: [
            ("ACC1", "acc-001", 0), ("SMITH", "SMITH^JOHN", 1), ("MULLER", "müller", 2), ("smyth", "smith^john", 3),
            ("A12345", "A12399", 4), ("A12345", "A12354", 3), ("ABC", "XYZ", nil), ("AB", "AC", nil),
            ("ABCDEF", "AB", nil),
        ] as [(String, String, Int?)])
    func `are as far apart as letters differ`(asked: String, stored: String, distance: Int?) {
        #expect(NearText(asked).distance(to: NearText(stored)) == distance)
    }
}
