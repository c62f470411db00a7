// Checks of files: are they still there, as they were indexed?

import ArchiveIndex
import DICOM
import Platform
import Support
import Testing

@testable import Archive

@Suite("Files of an index") struct FileCheckTests {
    /// Three instances and a foreign file, indexed.
    static func indexed() throws -> (folder: TemporaryFolder, index: IndexFolder) {
        let folder = try TemporaryFolder()
        for number in 1...3 {
            let instance = UID("\(Sample.series).\(number)") ?? Sample.instance
            try folder.writeAged(Sample.file(.explicitVRLittleEndian, Sample.dataSet(instance)), to: "tree/\(number)")
        }
        try folder.writeAged(Sample.foreign, to: "tree/foreign")
        let index = try IndexFolder.create(at: folder.appending("index"))
        let tree = folder.appending("tree")
        let session = index.importSession()
        try Importer(options: ImportOptions())
            .run(root: index.root(of: tree), folder: tree, excluding: [], snapshot: index.snapshot(), session: session)
        try session.finish()
        return (folder, index)
    }

    @Test func `finds nothing where all is as it was`() throws {
        let (folder, index) = try Self.indexed()
        let check = try FileCheck(index)
        #expect(check.fileCount == 3 && check.findings.isEmpty)
        // Foreign files are nobody's loss.
        try File.remove(folder.appending("tree/foreign"))
        #expect(try FileCheck(index).findings.isEmpty)
    }

    @Test func `names what is gone, cut, or no file any more`() throws {
        let (folder, index) = try Self.indexed()
        let size = try File.status(of: folder.appending("tree/2")).sizeBytes
        try File.remove(folder.appending("tree/1"))
        try File.remove(folder.appending("tree/2"))
        try folder.write(Array(Sample.file().prefix(100)), to: "tree/2")
        try File.remove(folder.appending("tree/3"))
        try Folder.make(folder.appending("tree/3"))
        let check = try FileCheck(index)
        #expect(check.fileCount == 3)
        #expect(
            check.findings == [
                FileFinding(path: folder.appending("tree/1"), what: Errno.noEntry.words),
                FileFinding(
                    path: folder.appending("tree/2"), what: "has 100 bytes, not the \(size) that were indexed"),
                FileFinding(path: folder.appending("tree/3"), what: "is no file any more"),
            ])
    }

    @Test func `a root that is gone is a finding for each of its files`() throws {
        let (folder, index) = try Self.indexed()
        try TemporaryFolder.remove(folder.appending("tree"))
        let check = try FileCheck(index)
        #expect(check.findings.count == 3 && check.findings.allSatisfy { $0.what == Errno.noEntry.words })
    }
}
