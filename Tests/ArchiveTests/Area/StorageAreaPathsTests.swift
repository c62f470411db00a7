// Storage areas: where their parts lie, and which of their files no index knows.

import ArchiveIndex
import Platform
import Support
import Testing

import Archive

@Suite("Storage areas, design: On disk") struct StorageAreaPathsTests {
    @Test func `root 0 lies in the area, the index where it is told to`() {
        let paths = StorageAreaPaths(folder: "/srv/a", index: "/fast/a")
        #expect(paths.instances == "/srv/a/instances" && paths.index == "/fast/a")
    }

    @Test func `counts the files that no index knows, up to a limit`() throws {
        let folder = try TemporaryFolder()
        for number in 0..<5 { try folder.write([1], to: "f\(number)/file") }
        try folder.write([1], to: "index/left-over")
        let paths = StorageAreaPaths(folder: folder.path, index: folder.appending("index"))
        #expect(try paths.unindexedFiles(limit: 100) == 5)
        #expect(try paths.unindexedFiles(limit: 3) == 3)
    }

    @Test func `an index knows all that it has seen`() throws {
        let folder = try TemporaryFolder()
        try folder.write([1], to: "file")
        let paths = StorageAreaPaths(folder: folder.path, index: folder.appending("index"))
        #expect(try paths.unindexedFiles(limit: 100) == 1)
        _ = try IndexFolder.create(at: paths.index)
        #expect(try paths.unindexedFiles(limit: 100) == 0)
    }

    @Test func `an area that isn't there is said`() throws {
        let folder = try TemporaryFolder()
        let gone = StorageAreaPaths(folder: folder.appending("none"), index: folder.appending("none/index"))
        #expect(throws: IndexFault.file(FileFault(.open, folder.appending("none"), .noEntry))) {
            try gone.unindexedFiles(limit: 100)
        }
    }
}
