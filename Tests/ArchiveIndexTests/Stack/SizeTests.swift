// What an instance costs on disk; with FILEROOM_MEASURE set, also how long everything takes at 100,000.

import DICOM
import Platform
import Support
import Testing

@testable import ArchiveIndex

@Suite("Compactness, peers.md") struct SizeTests {
    @Test func `a CT-like instance costs less than 70 bytes`() throws {
        let measured = Program.environment("FILEROOM_MEASURE").flatMap { Int($0) }
        let count = measured ?? 2_000
        let folder = try TemporaryFolder()
        let index = try IndexFolder.create(at: folder.appending("index"))
        let entries = (0..<count).map { Samples.regular($0) }
        var clock = MonotonicInstant.now()
        func lap(_ what: String) {
            let now = MonotonicInstant.now()
            if measured != nil { print(what, now.seconds(since: clock), "s") }
            clock = MonotonicInstant.now()
        }
        let session = index.importSession()
        try session.add(entries)
        lap("add")
        try session.finish()
        lap("publish")
        let snapshot = try IndexFolder.open(at: folder.appending("index")).snapshot()
        lap("open and snapshot")
        let run = try #require(snapshot.sources.first)
        #expect(run.bytes.byteCount / count < 70)
        if measured != nil {
            print("bytes an instance", Double(run.bytes.byteCount) / Double(count))
            for table in Table.allCases {
                let reader = run.table(table)
                var bytes = 0
                for page in reader.pageIndices { bytes += try reader.place(ofPage: page).byteCount }
                print(table.name, reader.rowCount, "rows", Double(bytes) / Double(count), "bytes an instance")
            }
            clock = MonotonicInstant.now()
            var files = try snapshot.files(root: 1)
            var found = 0
            while try files.next() != nil { found += 1 }
            lap("files \(found)")
            var studies = try snapshot.studies()
            found = 0
            while let study = try studies.next() { found += try study.attributes().variants.count }
            lap("studies \(found)")
            let uid = entries[count / 2].sopInstanceUID
            for _ in 0..<1_000 { _ = try snapshot.instances(uid) }
            lap("1,000 instances by UID")
            let study = entries[count / 2].studyInstanceUID
            for _ in 0..<1_000 { _ = try snapshot.study(study) }
            lap("1,000 studies by UID")
            for _ in 0..<1_000 { _ = try index.snapshot() }
            lap("1,000 snapshots")
            let again = index.importSession()
            try again.add(entries)
            lap("add again")
            try again.finish()
            lap("publish nothing new")
            try index.append([Samples.regular(count)])
            lap("append")
            for number in 1...100 { try index.append([Samples.regular(count + number)]) }
            lap("100 appends")
            try index.compact()
            lap("compact")
        }
    }
}
