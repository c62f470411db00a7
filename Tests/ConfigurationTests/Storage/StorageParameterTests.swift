// Parameters of storing: types, ranges, defaults.

import DICOM
import Testing

@testable import Configuration

@Suite("Parameters of storing") struct StorageParameterTests {
    @Test func `have defaults`() throws {
        let storage = try settings("AETable BEGIN\nA /a W (1, 1mb) ANY\nAETable END\n").storage
        #expect(storage == StorageSettings() && storage.sopClasses == nil && storage.transferSyntaxes == nil)
        #expect(
            storage.unknownStorage == .private && storage.durability == .instance && storage.duplicates == .keepBoth)
        #expect(storage.fileLayout == .standard && storage.minimumFreeSpace == .standard && storage.maximumBytes == nil)
        #expect(storage.quotaAction == .refuse && storage.retentionDays == 7 && storage.rejectedFolder == nil)
        #expect(storage.onSeriesQuiet == nil && storage.onStudyQuiet == nil)
    }

    @Test func `are read, each`() throws {
        let read = try settings(storageSample)
        let storage = read.storage
        #expect(read.storageTCPPort == 11_114 && read.warnings.isEmpty)
        #expect(
            storage.sopClasses
                == [UID(literal: "1.2.840.10008.5.1.4.1.1.2"), UID(literal: "1.2.840.10008.5.1.4.1.1.4")])
        #expect(storage.transferSyntaxes == [UID(literal: "1.2.840.10008.1.2.4.90")])
        #expect(storage.unknownStorage == .no && storage.durability == .association && storage.duplicates == .replace)
        #expect(try storage.fileLayout == FileLayout("{PatientID:8}/{0020,0011:04}", naming: .instanceNumber))
        #expect(storage.minimumFreeSpace == FreeSpaceReserve(bytes: 5 << 30, share: 250))
        #expect(storage.maximumBytes == 4 << 40 && storage.quotaAction == .deleteOldest && storage.retentionDays == 30)
        #expect(storage.rejectedFolder == "/etc/fileroom/rejected")
        #expect(
            storage.onSeriesQuiet
                == QuietProgram(seconds: 30, program: "/etc/fileroom/hooks/series", arguments: ["--fast"]))
        #expect(storage.onStudyQuiet == QuietProgram(seconds: 300, program: "/usr/bin/study", arguments: ["a b"]))
    }

    @Test(arguments: [
        "StorageSOPClasses = all", "TransferSyntaxes = ALL", "MaxBytes = none", "KeepRejected = None",
        "OnSeriesQuiet = none", "OnStudyQuiet = none", "MinimumFreeSpace = 1%, 1gb", "MinimumFreeSpace = 1gb 1.00%",
        "FileLayout = Study-Series", "FileName = SOP-UID", "Duplicates = Keep-Both", "RetentionDays = 7",
    ])
    func `can say their defaults`(line: String) throws {
        #expect(try settings(line) == Settings())
    }

    @Test func `name FileLayout and FileName in any order`() throws {
        let one = try settings("FileName = timestamp\nFileLayout = flat\n")
        let other = try settings("FileLayout = flat\nFileName = timestamp\n")
        #expect(try one.storage.fileLayout == FileLayout("flat", naming: .timestamp) && one == other)
    }

    @Test func `take the last of two, and say so`() throws {
        let read = try settings("RetentionDays = 1\nQuotaAction = delete-oldest\nRetentionDays = 2\n")
        #expect(read.storage.retentionDays == 2 && read.warnings.map(\.line) == [3])
    }

    @Test func `take SOP classes of one's own, and no other service's`() throws {
        #expect(try settings("StorageSOPClasses = 1.2.276.0.7230010.3.1.0.1").storage.sopClasses?.count == 1)
        #expect(faults("StorageSOPClasses = 1.2.840.10008.1.1").map(\.line) == [1])
        #expect(faults("StorageSOPClasses = MediaStorageDirectoryStorage").count == 1)
    }

    @Test(arguments: [
        ("StorageSOPClasses = CTImageStorge", "(CTImageStorage?)"),
        ("StorageSOPClasses = all, CTImageStorage", "all, or"),
        ("StorageSOPClasses", "all, or"), ("StorageSOPClasses = 1..2", "such as CTImageStorage"),
        ("TransferSyntaxes = JPEG2000Losless", "(JPEG2000Lossless?)"),
        ("TransferSyntaxes = 1.2.3", "transfer syntaxes"),
        ("TransferSyntaxes = JPIPReferenced", "transfer syntaxes"),
        ("TransferSyntaxes = 1.2.840.10008.1.2.4.94", "all, or"),
        ("TransferSyntaxes = CTImageStorage", "transfer syntaxes"),
        ("AcceptUnknownStorage = maybe", "private, yes, no"),
        ("Durability = full", "instance, association, none"), ("Durability = instance none", "one value"),
        ("FileLayout = study-serie", "(study-series?)"), ("FileLayout = {PatinetID}/x", "(PatientID?)"),
        ("FileLayout = {YYY}/x", "(YYYY?)"), ("FileLayout = ../{PatientID}", "something else"),
        // A comma separates values, so that such a template stands in quotation marks.
        ("FileLayout = {PatientID}/{0020,0011}", "quotation marks"), ("FileLayout = /{PatientID}", "relative path"),
        ("FileLayout =", "flat"), ("FileLayout = {PixelData}", "short value"), ("FileName = uid", "sop-uid"),
        ("Duplicates = keep", "keep-both"), ("MinimumFreeSpace = 100%", "below 100"),
        ("MinimumFreeSpace = 1%, 2%", "one of each"), ("MinimumFreeSpace = 1gb 2gb", "one of each"),
        ("MinimumFreeSpace = -1", "a size"), ("MinimumFreeSpace = 1.234%", "a size"),
        ("MinimumFreeSpace = %", "a size"),
        ("MinimumFreeSpace = .5%", "a size"), ("MinimumFreeSpace", "a size"), ("MaxBytes = 0", "from 1"),
        ("MaxBytes = 10pb", "number of bytes"), ("MaxBytes = 10 tb", "one value"),
        ("QuotaAction = delete", "delete-oldest"),
        ("RetentionDays = 36501", "0 to 36500 (days)"), ("RetentionDays = -1", "36500"), ("KeepRejected =", "path"),
        ("OnSeriesQuiet = 0 /x", "1 to 86400"), ("OnSeriesQuiet = 86401 /x", "1 to 86400"),
        ("OnSeriesQuiet = /x", "seconds"), ("OnSeriesQuiet = 5", "a program"), ("OnStudyQuiet = 5 \"\"", "a program"),
        ("OnStudyQuiet = none 5", "seconds"), ("OnStudyQuiet", "seconds"), ("Durabilty = instance", "Durability"),
        ("StorageTCPort = 1", "StorageTCPPort"), ("AreaTabel BEGIN", "AreaTable"),
    ])
    func `refuse a wrong value, with its line, and say what is right`(line: String, expected: String) {
        let found = faults("# first\n" + line + "\n")
        #expect(found.map(\.line) == [2] && found[0].expected.contains(expected), "\(found)")
    }
}
