// The AreaTable: what differs from area to area, what contradicts itself, and what can't be meant.

import DICOM
import Testing

@testable import Configuration

@Suite("The AreaTable") struct StorageLinesTests {
    /// Three titles of two areas, then `rows` from line 7 on; `before` stands in line 1.
    private func text(_ rows: [String], before: String = "", quota: String = "(9, 1gb)") -> String {
        let areas = ["A /a RW \(quota) ANY", "B /b RW \(quota) ANY", "B2 /b/ R \(quota) ANY"]
        return ([before, "AETable BEGIN"] + areas + ["AETable END", "AreaTable BEGIN"] + rows + ["AreaTable END"])
            .joined(separator: "\n")
    }

    @Test func `overrides for an area, whichever of its titles it names`() throws {
        let read = try settings(storageSample)
        let a = try #require(read.area(called: title("A")))
        let b = try #require(read.area(called: title("B")))
        let b2 = try #require(read.area(called: title("B2")))
        #expect(read.storage(of: a) == read.storage && read.storage(of: b) == read.storage(of: b2))
        let storage = read.storage(of: b)
        #expect(
            storage.maximumBytes == nil && storage.duplicates == .keepFirst && storage.fileLayout.naming == .sequential)
        #expect(storage.fileLayout.folders == read.storage.fileLayout.folders && storage.durability == .association)
    }

    @Test func `takes every parameter of storing`() throws {
        let values = [
            "StorageSOPClasses = CTImageStorage MRImageStorage", "TransferSyntaxes = all", "AcceptUnknownStorage = yes",
            "Durability = none", "FileLayout = flat", "FileName = timestamp", "Duplicates = keep-first",
            "MinimumFreeSpace = 5%", "MaxBytes = 1tb", "QuotaAction = delete-oldest", "RetentionDays = 0",
            "KeepRejected = r", "OnSeriesQuiet = 1 /x", "OnStudyQuiet = none",
            "FallbackCharacterSet = GBK",
        ]
        #expect(values.count == StorageParameter.allCases.count)
        let read = try settings(text(values.map { "A " + $0 }))
        let outside = try settings(values.joined(separator: "\n"))
        #expect(read.storage(of: read.areas[0]) == outside.storage && read.storage == StorageSettings())
        #expect(read.storage(of: read.areas[1]) == StorageSettings() && read.warnings.isEmpty)
    }

    @Test func `stands before the AETable or after it, and in several pieces`() throws {
        let read = try settings(
            "AreaTable BEGIN\nA RetentionDays = 3\nAreaTable END\nAETable BEGIN\nA /a W (1,1b) ANY\nAETable END\n"
                + "QuotaAction = delete-oldest\nAreaTable BEGIN\nA Durability = none\nAreaTable END")
        let storage = read.storage(of: read.areas[0])
        #expect(storage.retentionDays == 3 && storage.durability == .none && storage.quotaAction == .deleteOldest)
        #expect(read.warnings.isEmpty)
    }

    @Test func `takes the same value twice`() throws {
        #expect(try settings(text(["B MaxBytes = 1gb", "B2 MaxBytes = 1024mb"])).warnings.isEmpty)
    }

    @Test(arguments: [
        (["B Duplicates = replace", "B2 Duplicates = keep-both"], 9, "line 8", "one value"),
        (["A MaxBytes = 1gb", "A MaxBytes = none"], 9, "line 8", "one value"),
        (["ARCHIV MaxBytes = 1gb"], 8, "\"ARCHIV\"", "A, B, B2"), (["b2 MaxBytes = 1gb"], 8, "\"b2\"", "(B2?)"),
        (["A NetworkTCPPort = 1"], 8, "the same for all areas", "outside the tables"),
        (["A LogLevel = info"], 8, "the same for all areas", "MaxBytes"),
        (["A MaxByte = 1gb"], 8, "\"MaxByte\"", "MaxBytes"),
        (["A zzzzzzzzzz = 1"], 8, "zzzz", "one of StorageSOPClasses"),
        (["A"], 8, "without a parameter", "AETitle Parameter = value"),
        (["A MaxBytes ="], 8, "without a value", "bytes"),
        (["SEVENTEEN_LETTERS MaxBytes = 1gb"], 8, "SEVENTEEN", "AE title"),
        (["A RetentionDays = 1 2"], 8, "\"2\" after", "one value"),
        (["A Durability = much"], 8, "\"much\"", "association"),
    ])
    func `refuses what contradicts itself or isn't known`(rows: [String], line: Int, found: String, expected: String) {
        let all = faults(text(rows))
        #expect(
            all.map(\.line) == [line] && all[0].found.contains(found) && all[0].expected.contains(expected), "\(all)")
    }

    @Test func `needs an AETable`() {
        let found = faults("AreaTable BEGIN\nA MaxBytes = 1gb\nAreaTable END")
        #expect(found.map(\.line) == [2] && found[0].expected == "an AETable with that title")
    }

    @Test(arguments: [
        // FileName beside a template that names the file.
        ("FileLayout = {SOPInstanceUID}\nFileName = timestamp", [], [2], "FileName"),
        ("FileLayout = {SOPInstanceUID}\nFileName = sop-uid", [], [], ""),
        ("FileName = timestamp", ["A FileLayout = {PatientID}.dcm"], [], ""),
        ("FileLayout = {PatientID}.dcm", ["A FileName = timestamp"], [8], "FileName"),
        ("FileLayout = {PatientID}.dcm", ["A FileName = timestamp", "A FileLayout = flat"], [], ""),
        // RetentionDays where nothing is deleted.
        ("RetentionDays = 30", [], [1], "RetentionDays"),
        ("RetentionDays = 30", ["A QuotaAction = delete-oldest"], [], ""),
        ("", ["A RetentionDays = 30"], [8], "RetentionDays"),
        ("QuotaAction = delete-oldest", ["A RetentionDays = 30", "A QuotaAction = refuse"], [8], "RetentionDays"),
    ])
    func `says what has no effect`(before: String, rows: [String], lines: [Int], about: String) throws {
        let warnings = try settings(text(rows, before: before)).warnings
        #expect(warnings.map(\.line) == lines && warnings.allSatisfy { $0.text.hasPrefix(about) }, "\(warnings)")
    }

    @Test(arguments: [
        ("QuotaAction = delete-oldest", [], [1, 1]), ("QuotaAction = delete-oldest\nMaxBytes = 1tb", [], []),
        ("QuotaAction = delete-oldest", ["A MaxBytes = 1gb"], [1]), ("", ["B2 QuotaAction = delete-oldest"], [8]),
        ("MaxBytes = 1tb", ["B2 QuotaAction = delete-oldest", "B MaxBytes = none"], [8]),
        ("QuotaAction = delete-oldest\nMaxBytes = 1tb", ["A MaxBytes = none", "A QuotaAction = refuse"], []),
    ])
    func `says where delete-oldest has no limit to keep`(before: String, rows: [String], lines: [Int]) throws {
        let warnings = try settings(text(rows, before: before, quota: "(0, 1gb)")).warnings
        #expect(warnings.map(\.line) == lines && warnings.allSatisfy { $0.text.contains("no limit") }, "\(warnings)")
        // A number of studies is one.
        #expect(try settings(text(rows, before: before)).warnings.isEmpty)
    }

    @Test func `says nothing of limits where nothing is stored`() throws {
        let read = try settings("QuotaAction = delete-oldest\nAETable BEGIN\nA /a R (0, 0) ANY\nAETable END")
        #expect(read.warnings.isEmpty)
    }
}
