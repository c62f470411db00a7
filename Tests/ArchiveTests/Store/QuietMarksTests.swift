// Marks of what is waited for to be quiet: none is lost, whoever claims, gives back, dies or stores meanwhile.

import DICOM
import Platform
import Support
import Testing

@testable import Archive

@Suite("Marks for OnSeriesQuiet and OnStudyQuiet") struct QuietMarksTests {
    private static let folder = StoreTrial.paths.index.appending("quiet").appending("series")

    private static func marks(_ disk: CrashableDisk) -> QuietMarks {
        QuietMarks(.series, of: StoreTrial.paths, kernel: disk)
    }

    private static func set(_ marks: QuietMarks, _ number: Int = 1) throws(FileFault) {
        try marks.set(study: Sample.study, series: UID("\(Sample.study).\(number)") ?? Sample.series, isDurable: true)
    }

    private static func names(_ disk: CrashableDisk) throws -> [String] {
        try Folder.entries(of: folder, kernel: disk).map { String(decoding: $0.name, as: UTF8.self) }
    }

    private static func disk() throws -> CrashableDisk {
        let disk = CrashableDisk()
        try Folder.make(StoreTrial.paths.index, parents: true, kernel: disk)
        for folder: Path in ["/", "/area"] { try Folder.synchronize(folder, kernel: disk) }
        return disk
    }

    @Test func `a mark is on stable storage when the instance may be acknowledged`() throws {
        let disk = try Self.disk()
        try Self.set(Self.marks(disk))
        #expect(try Self.marks(disk.afterPowerCut(.losesAll)).marks().count == 1)
    }

    @Test func `what arrives while its mark is claimed makes another one, and both are run`() throws {
        let disk = try Self.disk()
        try Self.set(Self.marks(disk))
        let keeper = Self.marks(disk)
        let mark = try #require(try keeper.marks().first)
        let claim = try #require(try keeper.claim(mark))
        #expect(try keeper.marks().isEmpty)
        // Another process stores.
        try Self.set(Self.marks(disk))
        #expect(try keeper.marks().count == 1)
        try keeper.finish(claim)
        #expect(try keeper.marks().count == 1)
    }

    @Test func `a mark that is claimed just as it is set anew is not lost`() throws {
        let quiet = try Self.disk()
        try Self.set(Self.marks(quiet))
        let counted = quiet.afterKill()
        try Self.set(Self.marks(counted))
        #expect(counted.callCount > 2)
        for number in 1...counted.callCount {
            let disk = quiet.afterKill()
            let keeper = Self.marks(disk)
            let mark = try #require(try keeper.marks().first)
            disk.interpose(atCall: disk.callCount + number) { _ = try? keeper.claim(mark) }
            try Self.set(Self.marks(disk))
            #expect(try keeper.marks().count == 1, "claimed in front of call \(number)")
        }
    }

    @Test func `what a keeper had claimed that is no more is waited for again, and what is being made stays`() throws {
        let disk = try Self.disk()
        for number in 1...2 { try Self.set(Self.marks(disk), number) }
        let keeper = Self.marks(disk)
        for mark in try keeper.marks() { _ = try keeper.claim(mark) }
        // One writer was killed, another one is at it.
        try File.open(Self.folder.appending("new-left"), .creating, kernel: disk).append([1])
        let living = try File.open(Self.folder.appending("new-living"), .creating, kernel: disk)
        #expect(try living.tryLock(0..<1, .exclusive))
        try Self.marks(disk).recover()
        #expect(try keeper.marks().count == 2)
        #expect(
            try Set(Self.names(disk)).subtracting(keeper.marks().map { "\(Sample.study)_\($0.subject.series!)" }) == [
                "new-living"
            ])
    }
}
