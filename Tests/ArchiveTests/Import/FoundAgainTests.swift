// Files that are there again: an import withdraws their marks, and does without where it can't.

import DICOM
import Platform
import Support
import Testing

@testable import Archive
@testable import ArchiveIndex

@Suite("Marks and imports, FORMAT.md 5.5") struct FoundAgainTests {
    /// An archive of three instances that are all marked unavailable, though their files are there.
    static func marked() throws -> ImporterTests.Archive {
        let archive = try ImporterTests.Archive()
        try archive.writeInstances(1...3)
        try archive.run()
        let index = try IndexFolder.open(at: archive.indexPath)
        var marks: [AvailabilityMark] = []
        var studies = try index.snapshot().studies()
        while let study = try studies.next() {
            var series = try study.series()
            while let one = try series.next() {
                var instances = try one.instances()
                while let instance = try instances.next() {
                    let named = AvailabilityMark.Instance(
                        study: study.studyInstanceUID, series: one.seriesInstanceUID, instance: instance.sopInstanceUID)
                    let places = AvailabilityMark.fingerprint(of: try instance.content().places)
                    marks.append(AvailabilityMark(named, places: places, isUnavailable: true))
                }
            }
        }
        try index.note(marks)
        return archive
    }

    static func marks(_ archive: ImporterTests.Archive) throws -> Int {
        try IndexFolder.open(at: archive.indexPath).snapshot().unavailable.count
    }

    @Test func `an import withdraws the marks of files that are there`() throws {
        let archive = try Self.marked()
        #expect(try Self.marks(archive) == 3)
        try archive.run()
        #expect(try Self.marks(archive) == 0)
    }

    @Test func `an import that can't withdraw a mark is as good as any, and the mark stands`() throws {
        let archive = try Self.marked()
        let lock = try IndexFolder.open(at: archive.indexPath).lock(.append)
        defer { withExtendedLifetime(lock) {} }
        let report = try archive.run()
        #expect(report.unchanged == 3 && report.failed == 0)
        #expect(try Self.marks(archive) == 3)
    }
}
