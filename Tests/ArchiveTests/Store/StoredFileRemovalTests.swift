// A file that was replaced goes, and none that has taken its name since.

import ArchiveIndex
import DICOM
import Platform
import Support
import Testing

@testable import Archive

@Suite("Removing stored files, hardening T17") struct StoredFileRemovalTests {
    private static let paths = StoreTrial.paths

    /// Two data sets of one UID, the second in the first one's place; the first one's file is there still.
    private struct Replaced {
        let disk = CrashableDisk()
        let place: Place
        let batch: StoredBatch
        let trial: StoreTrial

        init() throws {
            trial = try StoreTrial(disk, StorePolicy(duplicates: .replace))
            try #require(trial.send([Sending(1, pixel: 1)])[0].isSuccess)
            var files = try IndexFolder.open(at: paths.index, kernel: disk).snapshot().files(root: 0)
            place = try #require(try files.next()).place
            batch = trial.store.store([try trial.arrive(Sending(1, pixel: 2))])
        }

        var path: Path { paths.instances.appending(Path(bytes: place.path)) }

        func remove() throws -> Bool { try place.removeFile(below: paths.instances, kernel: disk) }
    }

    @Test func `what was replaced goes, once`() throws {
        let replaced = try Replaced()
        #expect(try replaced.remove())
        #expect(try !replaced.remove())
        replaced.batch.cleanUp()
        let found = try FoundArea(replaced.disk, "replaced")
        #expect(found.orphans.isEmpty && found.contents == FoundArea.contents(of: [Sending(1, pixel: 2)]))
    }

    @Test func `another file that has taken its name stays`() throws {
        let replaced = try Replaced()
        // Somebody else removes it as well, and is faster; then the first data set comes once more, and takes the name.
        #expect(try replaced.remove())
        try #require(replaced.trial.send([Sending(1, pixel: 1)])[0].isSuccess)
        #expect(try File.exists(replaced.path, kernel: replaced.disk))
        replaced.batch.cleanUp()
        let found = try FoundArea(replaced.disk, "taken anew")
        #expect(found.orphans.isEmpty && found.contents == FoundArea.contents(of: [Sending(1, pixel: 1)]))
    }

    @Test func `the same again in the place of what is about to go stays`() throws {
        let replaced = try Replaced()
        // Its row is gone and its file isn't: it is taken for what a crash left.
        try #require(replaced.trial.send([Sending(1, pixel: 1)])[0].isSuccess)
        replaced.batch.cleanUp()
        let found = try FoundArea(replaced.disk, "taken over")
        #expect(found.contents == FoundArea.contents(of: [Sending(1, pixel: 1)]))
    }

    @Test func `who forgets what another has replaced already doesn't forget who has the name now`() throws {
        let replaced = try Replaced()
        replaced.batch.cleanUp()
        let index = try IndexFolder.open(at: Self.paths.index, kernel: replaced.disk)
        // Another instance has the name.
        let other = Sending(2)
        let arrived = try replaced.trial.arrive(other)
        var place = replaced.place
        place.modificationNs += 1
        #expect(try index.store([StoreCandidate(arrived.header.entry(at: place))]) == [.stored])
        // One that was judged before all this is stored now.
        let known = try index.contents(of: Sending(1).uid).flatMap(\.places)
        let late = try replaced.trial.arrive(Sending(1, pixel: 3))
        var own = replaced.place
        own.path += Array("_3".utf8)
        let candidate = StoreCandidate(
            late.header.entry(at: own), judged: Set(known + [replaced.place]), replaced: known + [replaced.place])
        #expect(try index.store([candidate]) == [.stored])
        #expect(try index.isKnown(root: 0, path: place.path))
        #expect(try index.contents(of: other.uid).count == 1)
        #expect(try index.contents(of: Sending(1).uid).flatMap(\.places).map(\.path) == [own.path])
    }
}
