// Searches that find nothing, and somebody who doesn't want to wait (C-CANCEL, PS3.4 §C.4.1.2.3): rows are counted, not time.

import DICOM
import Testing

@testable import ArchiveIndex

@Suite("Searches stop when told to, PS3.4 §C.4.1.2.3") struct StoppingTests {
    private static let count = 1_100

    /// As many patients, each with a study of one instance.
    private static let many = try! Shelf(
        (0..<count).map { number in
            Shelf.instance(study: number + 1).with(.patientName, "DOE^N\(number)").with(.patientID, "P\(number)")
                .with(.studyDate, "2024010\(number % 9 + 1)")
        }
    ).snapshot()

    /// The same studies of one patient, whom many studies say something else of.
    private static let one = try! Shelf(
        (0..<count).map { number in
            Shelf.instance(study: number + 1).with(.patientID, "ANON").with(.patientBirthDate, "\(19_000_101 + number)")
        }
    ).snapshot()

    /// The same instances in one study, each with a series of its own.
    private static let wide = try! Shelf((0..<count).map { Shelf.instance(series: $0 + 1) }).snapshot(runs: 2)

    /// The same in one series.
    private static let deep = try! Shelf((0..<count).map { Shelf.instance(instance: $0 + 1) }).snapshot(runs: 2)

    struct Search: Sendable, CustomTestStringConvertible {
        let name: String
        let snapshot: Snapshot
        let identifier: DataSet
        var model = InformationModel.studyRoot
        /// Rows that are passed over at least, in what they count.
        var rows = count * SearchWatch.rowsOfEntity
        var testDescription: String { name }
    }

    private static let list = (1...count).map { "1.99.\($0)" }.joined(separator: "\\")

    static let searches: [Search] = [
        Search(
            name: "a scan of studies", snapshot: many, identifier: .keys("STUDY", [.studyDescription: "NOWHERE"])),
        Search(
            name: "a scan of patients by birth date", snapshot: many,
            identifier: .keys("PATIENT", [.patientBirthDate: "18000101"]), model: .patientRoot),
        Search(
            name: "names by a part of them", snapshot: many, identifier: .keys("STUDY", [.patientName: "*ZZZ*"]),
            rows: count),
        Search(
            name: "names that begin so", snapshot: many,
            identifier: .keys("STUDY", [.patientName: "DOE*", .studyDescription: "NOWHERE"])),
        Search(
            name: "dates", snapshot: many,
            identifier: .keys("STUDY", [.studyDate: "20240101-20240109", .studyDescription: "NOWHERE"])),
        Search(
            name: "accession numbers that begin so", snapshot: many,
            identifier: .keys("STUDY", [.accessionNumber: "ACC*", .studyDescription: "NOWHERE"])),
        Search(
            name: "the choice among lists", snapshot: many,
            identifier: .keys("STUDY", [.patientID: list, .accessionNumber: list]),
            rows: 3 * count * SearchWatch.rowsOfEntity),
        Search(name: "a list of studies", snapshot: many, identifier: .keys("STUDY", [.studyInstanceUID: list])),
        Search(name: "a list of series", snapshot: many, identifier: .keys("SERIES", [.seriesInstanceUID: list])),
        Search(name: "a list of instances", snapshot: many, identifier: .keys("IMAGE", [.sopInstanceUID: list])),
        Search(
            name: "series of all studies", snapshot: many, identifier: .keys("SERIES", [.seriesDescription: "NOWHERE"]),
            rows: 2 * count * SearchWatch.rowsOfEntity),
        Search(
            name: "instances of all studies", snapshot: many,
            identifier: .keys("IMAGE", [.instanceNumber: "77"]), rows: 3 * count * SearchWatch.rowsOfEntity),
        Search(
            name: "studies of one patient", snapshot: one,
            identifier: .keys("STUDY", [.patientID: "ANON", .studyDescription: "NOWHERE"])),
        Search(
            name: "what a patient with many sets shows", snapshot: one,
            identifier: .keys("PATIENT", [.patientBirthDate: "18000101"]), model: .patientRoot),
        Search(
            name: "what a patient has in all", snapshot: one,
            identifier: .keys("PATIENT", [.numberOfPatientRelatedInstances: "0"]), model: .patientRoot,
            rows: 2 * count * SearchWatch.rowsOfEntity),
        Search(
            name: "modalities of a study", snapshot: wide, identifier: .keys("STUDY", [.modalitiesInStudy: "XX"])),
        Search(
            name: "SOP classes of a study", snapshot: wide, identifier: .keys("STUDY", [.sopClassesInStudy: "1.2.3"])),
        Search(
            name: "series of a study that two runs have", snapshot: wide,
            identifier: .keys("STUDY", [.numberOfStudyRelatedSeries: "0"])),
        Search(
            name: "instances of a series that two runs have", snapshot: deep,
            identifier: .keys("SERIES", [.numberOfSeriesRelatedInstances: "0"])),
        Search(
            name: "instances of a series", snapshot: deep, identifier: .keys("IMAGE", [.instanceNumber: "9999999"])),
    ]

    private static func isStopped(_ search: () throws -> Void) throws -> Bool {
        do {
            try search()
            return false
        } catch IndexFault.stopped {
            return true
        }
    }

    @Test(arguments: searches)
    func `is asked whether to go on each so many rows, whatever is searched`(search: Search) throws {
        var looks = 0
        let watch = SearchWatch {
            looks += 1
            return false
        }
        let query = try Query(identifier: search.identifier, model: search.model, options: MatchingOptions())
        var cursor = try search.snapshot.find(query, watch: watch)
        #expect(try cursor.next() == nil)
        #expect(looks > search.rows / SearchWatch.rowsBetweenLooks)
    }

    @Test(arguments: searches)
    func `stops where it is told to`(search: Search) throws {
        var looks = 0
        let watch = SearchWatch {
            looks += 1
            return looks == 2
        }
        let query = try Query(identifier: search.identifier, model: search.model, options: MatchingOptions())
        #expect(
            try Self.isStopped {
                var cursor = try search.snapshot.find(query, watch: watch)
                while try cursor.next() != nil {}
            })
        #expect(looks == 2)
    }

    @Test func `counts of a response stop as well`() throws {
        var isUnwanted = false
        let watch = SearchWatch { isUnwanted }
        let identifier = DataSet.keys("PATIENT", [.patientID: "ANON", .numberOfPatientRelatedInstances: ""])
        let query = try Query(identifier: identifier, model: .patientRoot, options: MatchingOptions())
        var cursor = try Self.one.find(query, watch: watch)
        let match = try #require(try cursor.next())
        isUnwanted = true
        #expect(
            try Self.isStopped {
                _ = try ResponseIdentifier.make(match, for: query, retrieveAETitle: AETitle("FILEROOM")!)
            })
    }

    @Test func `a patient's availability is looked for in its own studies, and stops as well (PS3.4 §C.4.1.1.3.2)`()
        throws
    {
        var snapshot = Self.one
        let elsewhere = AvailabilityMark.Instance(study: UID("1.9")!, series: UID("1.9.1")!, instance: UID("1.9.1.1")!)
        snapshot.unavailable.apply(AvailabilityMark(elsewhere, places: 1, isUnavailable: true))
        var looks = 0
        var isUnwanted = false
        let watch = SearchWatch {
            looks += 1
            return isUnwanted
        }
        let query = try Query(
            identifier: .keys("PATIENT", [.patientID: "ANON"]), model: .patientRoot, options: MatchingOptions())
        var cursor = try snapshot.find(query, watch: watch)
        let match = try #require(try cursor.next())
        looks = 0
        #expect(try match.value(.instanceAvailability)?.bytes == Array("ONLINE".utf8))
        #expect(looks >= Self.count * SearchWatch.rowsOfEntity / SearchWatch.rowsBetweenLooks)
        isUnwanted = true
        #expect(try Self.isStopped { _ = try match.value(.instanceAvailability) })
    }

    @Test func `before each file whose header is read it is asked`() throws {
        var looks = 0
        var read = 0
        let watch = SearchWatch {
            looks += 1
            return read == 7
        }
        let headers = HeaderSource(filesMaximum: 1_000) { _, _, _ in
            read += 1
            return ReadHeader(attributes: DataSet())
        }
        let query = try Query(
            identifier: .keys("IMAGE").with(Tag(0x0020, 0x1041), "5"), model: .studyRoot, options: MatchingOptions())
        #expect(
            try Self.isStopped {
                var cursor = try Self.deep.find(query, headers: headers, watch: watch)
                while try cursor.next() != nil {}
            })
        #expect(read == 7)
        #expect(looks >= 8)
    }

    @Test(arguments: [DICOM.Tag.modalitiesInStudy, .sopClassesInStudy])
    func `what is gathered from a study is gathered once for all its series, PS3.4 §C.3.4`(tag: DICOM.Tag) throws {
        let query = try Query(
            identifier: .keys("SERIES", [.seriesInstanceUID: ""]).with(tag, ""), model: .studyRoot,
            options: MatchingOptions())
        var looks = 0
        let watch = SearchWatch {
            looks += 1
            return false
        }
        var cursor = try Self.wide.find(query, headers: .none, watch: watch)
        var found = 0
        while let match = try cursor.next() {
            #expect(try match.value(tag)?.bytes.isEmpty == false)
            found += 1
        }
        // Gathered for each, it would be a thousand times as many rows as there are.
        #expect(found == Self.count)
        #expect(looks < 10 * Self.count * SearchWatch.rowsOfEntity / SearchWatch.rowsBetweenLooks)
    }
}
