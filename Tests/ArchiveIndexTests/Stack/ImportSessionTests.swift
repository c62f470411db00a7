// Import sessions: what goes into the journal, what becomes a run, and when the stack is brought into shape.

import Platform
import Support
import Testing

@testable import ArchiveIndex

@Suite("Import sessions, design: Stack") struct ImportSessionTests {
    static func paths(_ index: IndexFolder) throws -> Set<[UInt8]> {
        var found: Set<[UInt8]> = []
        var files = try index.snapshot().files(root: 1)
        while let file = try files.next() { found.insert(file.place.path) }
        return found
    }

    static func runs(_ index: IndexFolder) throws -> Int { try index.current().runs.count }

    @Test func `little goes into the journal, instances, foreign files and what has vanished`() throws {
        let temporary = try TemporaryFolder()
        let index = try IndexFolder.create(at: temporary.appending("index"))
        #expect(try index.root(of: "/mnt") == 1)
        let session = index.importSession()
        try session.add([Samples.regular(1), Samples.regular(2)])
        try session.append()
        #expect(session.waitingCount == 0)
        try session.forget(root: 1, path: Samples.regular(1).place.path)
        try session.add(
            ForeignFile(
                Place(
                    root: 1, path: [0x7A], sizeBytes: 1, modificationNs: 1, inode: 1, isTrusted: true, dataSetOffset: 0),
                reason: 1))
        try session.append()
        #expect(try Self.paths(index) == [Samples.regular(2).place.path, [0x7A]])
        #expect(try Self.runs(index) == 0)
        #expect(try index.statistics().journalEntries == 4)
        #expect(try index.verify().filter { !$0.isRemark } == [])
    }

    @Test(
        arguments: [
            ([], nil), ([7], nil), ([8_000, 1_600, 400], nil), ([6_400, 1_601, 400, 1], 0),
            ([100_000, 400, 100, 100], 1),
            ([1_600, 1_600, 1_600, 400], 0), ([100_000, 1_600, 1_600, 399], 1), ([8_000, 1_600, 320, 64, 16], nil),
            ([40_000, 8_000, 1_600, 320, 64, 16], 4),
        ] as [([Int], Int?)])
    func `the lowest run that is too small beside those above it is merged with them`(bytes: [Int], first: Int?) {
        let runs = bytes.enumerated().map { Current.RunEntry(number: UInt64($0.offset + 1), byteCount: $0.element) }
        #expect(IndexFolder.firstToMerge(runs) == first)
    }

    @Test func `runs are written while more is found, and all of it is there in the end`() throws {
        let temporary = try TemporaryFolder()
        let index = try IndexFolder.create(at: temporary.appending("index"))
        #expect(try index.root(of: "/mnt") == 1)
        let session = ImportSession(index, runEntries: 50)
        for number in 0..<1_830 {
            try session.add(Samples.regular(number))
            #expect(session.waitingCount < 50)
        }
        try session.publish()
        #expect(try Self.paths(index).count == 1_830)
        #expect(try Self.runs(index) < 20, "tiers were merged on the way")
        try session.finish()
        // Each run is larger than those above it together, also below what the last tier left.
        var above = 0
        for run in try index.current().runs.reversed() {
            #expect(run.byteCount >= 4 * above)
            above += run.byteCount
        }
        let findings = try index.verify().filter { !$0.isRemark }
        #expect(findings == [])
    }

    @Test func `what goes wrong with a run is told at the next, and one that was begun is waited for`() throws {
        let temporary = try TemporaryFolder()
        let index = try IndexFolder.create(at: temporary.appending("index"))
        #expect(try index.root(of: "/mnt") == 1)
        var lock: OpenFile? = try index.lock(.publish)
        #expect(lock != nil)
        var session: ImportSession? = ImportSession(index, runEntries: 10)
        for number in 0..<19 { try session?.add(Samples.regular(number)) }
        #expect(try Self.paths(index).isEmpty, "it waits for the lock")
        lock = nil
        session = nil
        #expect(try Self.paths(index).count == 10)
        try File.remove(index.path.appending("current"))
        try temporary.write([0x21], to: "index/current")
        let broken = ImportSession(index, runEntries: 10)
        for number in 20..<30 { try broken.add(Samples.regular(number)) }
        #expect(throws: IndexFault.self) { try broken.publish() }
    }

    @Test func `a file that came back since it was missed stays`() throws {
        let temporary = try TemporaryFolder()
        let index = try IndexFolder.create(at: temporary.appending("index"))
        #expect(try index.root(of: "/mnt") == 1)
        let known = Samples.regular(1)
        let mark = ForeignFile(
            Place(root: 1, path: [0x7A], sizeBytes: 1, modificationNs: 1, inode: 1, isTrusted: true, dataSetOffset: 0),
            reason: 1)
        let session = index.importSession()
        try session.add([known, Samples.regular(2)])
        try session.add(mark)
        try session.append()
        var anew = known
        anew.fields.place.inode += 1
        let other = index.importSession()
        try other.add(anew)
        try other.append()
        for place in [known.place, Samples.regular(2).place, mark.place, Samples.regular(3).place] {
            try session.remove(place)
        }
        try session.append()
        #expect(try Self.paths(index) == [known.place.path])
        try session.remove(anew.place)
        try session.publish()
        #expect(try Self.paths(index).isEmpty)
        let findings = try index.verify().filter { !$0.isRemark }
        #expect(findings == [])
    }

    @Test func `much becomes a run, without a detour`() throws {
        let temporary = try TemporaryFolder()
        let index = try IndexFolder.create(at: temporary.appending("index"))
        let session = index.importSession()
        for number in 0...ImportSession.appendedMaximum { try session.add(Samples.regular(number)) }
        try session.append()
        #expect(try Self.runs(index) == 1)
        #expect(try index.statistics().journalEntries == 0)
        #expect(try Self.paths(index).count == ImportSession.appendedMaximum + 1)
    }

    @Test func `the stack is brought into shape when it is due, and left alone before`() throws {
        let temporary = try TemporaryFolder()
        let index = try IndexFolder.create(at: temporary.appending("index"))
        var number = 0
        for _ in 0..<4 {
            let session = index.importSession()
            for _ in 0..<ImportSession.appendedMaximum {
                try session.add(Samples.regular(number))
                number += 1
            }
            #expect(try Self.runs(index) == 0)
            try session.append()
            try index.foldAndMergeWhereDue()
        }
        #expect(number == IndexFolder.journalEntries)
        #expect(try Self.runs(index) == 1, "the journal was full")
        let generation = try index.current().generation
        try index.foldAndMergeWhereDue()
        #expect(try index.current().generation == generation)
        // Two runs of one size are one too many.
        let session = index.importSession()
        for other in number..<(number + 2_000) { try session.add(Samples.regular(other)) }
        try session.publish()
        #expect(try Self.runs(index) == 2)
        try index.foldAndMergeWhereDue()
        #expect(try Self.runs(index) == 1)
        #expect(try Self.paths(index).count == number + 2_000)
    }
}
