// Keys that no file holds (PS3.4 §C.3.4, §C.4.1.1.3.2, §C.6): each at its level, returned and matched.

import DICOM
import Testing

@testable import ArchiveIndex

@Suite("Computed keys, PS3.4 §C.3.4, §C.4.1.1.3.2") struct ComputedKeysTests {
    /// Study 1 of patient P1: CT, two instances; MR, one. Study 2 of P1: CT, one. Study 3 of P3: CT, one.
    static let shelf = Shelf([
        Shelf.instance(), Shelf.instance(instance: 2),
        Shelf.instance(series: 2).with(.modality, "MR").with(.sopClassUID, "1.2.840.10008.5.1.4.1.1.4"),
        Shelf.instance(study: 2).with(.patientID, "P1"), Shelf.instance(study: 3),
    ])

    static let cases: [(level: String, key: DICOM.Tag, of: (tag: DICOM.Tag, value: String), value: String)] = [
        ("PATIENT", .numberOfPatientRelatedStudies, (.patientID, "P1"), "2"),
        ("PATIENT", .numberOfPatientRelatedSeries, (.patientID, "P1"), "3"),
        ("PATIENT", .numberOfPatientRelatedInstances, (.patientID, "P1"), "4"),
        ("STUDY", .modalitiesInStudy, (.studyInstanceUID, "1.2.1"), "CT\\MR"),
        (
            "STUDY", .sopClassesInStudy, (.studyInstanceUID, "1.2.1"),
            "1.2.840.10008.5.1.4.1.1.2\\1.2.840.10008.5.1.4.1.1.4"
        ),
        ("STUDY", .numberOfStudyRelatedSeries, (.studyInstanceUID, "1.2.1"), "2"),
        ("STUDY", .numberOfStudyRelatedInstances, (.studyInstanceUID, "1.2.1"), "3"),
        ("SERIES", .numberOfSeriesRelatedInstances, (.seriesInstanceUID, "1.2.1.1"), "2"),
        (
            "IMAGE", .availableTransferSyntaxUID, (.sopInstanceUID, "1.2.1.1.1"),
            "1.2.840.10008.1.2.1\\1.2.840.10008.1.2\\1.2.840.10008.1.2.1.99\\1.2.840.10008.1.2.2"
        ),
    ]

    @Test(arguments: cases.indices) func `each comes back at its level`(index: Int) throws {
        let row = Self.cases[index]
        let found = try Self.shelf.responses(
            to: .keys(row.level, [row.of.tag: row.of.value, row.key: ""]), model: .patientRoot)
        #expect(found.map { $0.text(row.key) } == [row.value])
    }

    @Test(arguments: cases.indices) func `each is matched at its level, by one of its values`(index: Int) throws {
        let row = Self.cases[index]
        let one = row.value.split(separator: "\\")[0].description
        let unique = Level(name: row.level)!.uniqueKey
        let found = try Self.shelf.matches(.keys(row.level, [unique: "", row.key: one]), model: .patientRoot)
        #expect(found.contains(row.of.value))
        #expect(try Self.shelf.matches(.keys(row.level, [row.key: "9"]), model: .patientRoot) == [])
        // Of a level below it is unsupported: absent, and FF01H (§C.2.2.1.3).
        guard row.level != "PATIENT" else { return }
        let query = try Query(
            identifier: .keys("PATIENT", [.patientID: "", row.key: ""]), model: .patientRoot,
            options: MatchingOptions())
        #expect(query.unsupportedKeys == [row.key] && !query.isFullySupported)
    }

    @Test func `numbers tell entities apart when matched, §C_3-1`() throws {
        #expect(
            try Self.shelf.matches(
                .keys("STUDY", [.studyInstanceUID: "", .numberOfStudyRelatedInstances: "1"])) == ["1.2.2", "1.2.3"])
        #expect(
            try Self.shelf.matches(
                .keys("PATIENT", [.patientID: "", .numberOfPatientRelatedStudies: "1"]), model: .patientRoot) == ["P3"])
        #expect(try Self.shelf.matches(.keys("STUDY", [.studyInstanceUID: "", .modalitiesInStudy: "MR"])) == ["1.2.1"])
        #expect(
            try Self.shelf.matches(
                .keys("STUDY", [.studyInstanceUID: "", .sopClassesInStudy: "1.2.840.10008.5.1.4.1.1.4"])) == ["1.2.1"])
    }

    // MARK: Available Transfer Syntax UID, §C.6.1.1.5.2

    @Test func `what can't be converted is available as it is stored alone`() {
        let jpeg = UID("1.2.840.10008.1.2.4.70")!
        #expect(TransferSyntax.available(for: jpeg) == [jpeg])
        #expect(TransferSyntax.available(for: UID("1.2.3")!) == [UID("1.2.3")!])
    }

    // MARK: Retrieve AE Title, §C.4.1.1.3.2

    static func asked(_ title: String, at level: Level) throws -> Int {
        var options = MatchingOptions()
        options.retrieveAETitle = AETitle("FILEROOM")!
        let identifier = DataSet.keys(level.name, [level.uniqueKey: "", .retrieveAETitle: title])
        return try shelf.matches(identifier, model: .patientRoot, options: options).count
    }

    @Test(arguments: Level.allCases) func `Retrieve AE Title is matched at each level when it is asked for`(
        level: Level
    )
        throws
    {
        let all = try Self.asked("", at: level)
        #expect(all >= 2)
        for own in ["FILEROOM", "FILEROOM ", "FILE*", "*", "FILER??M", "OTHER\\FILEROOM"] {
            #expect(try Self.asked(own, at: level) == all, "\(own)")
        }
        for other in ["OTHER", "fileroom", "FILEROO", "F?"] {
            #expect(try Self.asked(other, at: level) == 0, "\(other)")
        }
    }

    @Test(arguments: Level.allCases) func `Retrieve AE Title and availability are in each response, asked for or not`(
        level: Level
    ) throws {
        for identifier in [
            DataSet.keys(level.name, [level.uniqueKey: ""]),
            .keys(level.name, [level.uniqueKey: "", .retrieveAETitle: "", .instanceAvailability: ""]),
        ] {
            let found = try Self.shelf.responses(to: identifier, model: .patientRoot)
            #expect(found.count >= 2)
            for response in found {
                #expect(response.text(.retrieveAETitle) == "FILEROOM")
                #expect(response.text(.instanceAvailability) == "ONLINE")
            }
            let query = try Query(identifier: identifier, model: .patientRoot, options: MatchingOptions())
            #expect(query.isFullySupported)
        }
    }

    // MARK: Instance Availability, §C.4.1.1.3.2

    /// Which entities of a level a query finds where instance 1.2.1.2.1 (MR) is marked unavailable.
    static func found(_ availability: String, at level: Level) throws -> [String: String] {
        var snapshot = try shelf.snapshot(runs: 2)
        let entry = Shelf.entry(shelf.dataSets[2], file: 2)
        snapshot.unavailable.apply(
            AvailabilityMark(
                AvailabilityMark.Instance(
                    study: entry.studyInstanceUID, series: entry.seriesInstanceUID, instance: entry.sopInstanceUID),
                places: AvailabilityMark.fingerprint(of: [entry.place]), isUnavailable: true))
        let identifier = DataSet.keys(level.name, [level.uniqueKey: "", .instanceAvailability: availability])
        let query = try Query(identifier: identifier, model: .patientRoot, options: MatchingOptions())
        var cursor = try snapshot.find(query)
        var found: [String: String] = [:]
        while let match = try cursor.next() {
            let response = try ResponseIdentifier.make(match, for: query, retrieveAETitle: AETitle("FILEROOM")!)
            found[response.text(level.uniqueKey) ?? ""] = response.text(.instanceAvailability)
        }
        return found
    }

    static let unavailable: [(level: Level, key: String)] = [
        (.patient, "P1"), (.study, "1.2.1"), (.series, "1.2.1.2"), (.image, "1.2.1.2.1"),
    ]

    @Test(arguments: unavailable.indices) func `the least available of a set counts, and is matched`(index: Int) throws
    {
        let (level, key) = Self.unavailable[index]
        let all = try Self.found("", at: level)
        #expect(all.count >= 2 && all.filter { $0.value == "UNAVAILABLE" } == [key: "UNAVAILABLE"])
        #expect(try Self.found("UNAVAILABLE", at: level) == [key: "UNAVAILABLE"])
        #expect(try Self.found("UN*", at: level) == [key: "UNAVAILABLE"])
        let online = try Self.found("ONLINE", at: level)
        #expect(online.count == all.count - 1 && online.values.allSatisfy { $0 == "ONLINE" })
        #expect(try Self.found("ONLINE\\UNAVAILABLE", at: level) == all)
        for none in ["NEARLINE", "OFFLINE", "online"] { #expect(try Self.found(none, at: level).isEmpty) }
    }
}
