// Runs on network file systems, which are read and not mapped (hardening.md §3): the same answers.

import Platform
import Support
import Testing

@testable import ArchiveIndex

@Suite("Runs that are read without mapping, hardening.md §3") struct UnmappedTests {
    static let seeds: ClosedRange<UInt64> = 1...(Program.environment("FILEROOM_SEEDS").flatMap { UInt64($0) } ?? 1)

    @Test(arguments: seeds) func `answer as mapped ones do, while both kinds of hosts write`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let temporary = try TemporaryFolder()
        let path = temporary.appending("index")
        let mapped = try IndexFolder.create(at: path)
        let unmapped = IndexFolder(path, instancesFolder: nil, kernel: SystemKernel(), readsWithoutMapping: true)
        #expect(try mapped.root(of: "/mnt") == 1)
        func compare(_ what: String) throws {
            let snapshots = (try mapped.snapshot(), try unmapped.snapshot())
            #expect(try Answers(snapshots.0) == Answers(snapshots.1), "seed \(seed), \(what)")
            let responses = (try ResponseBytes(snapshots.0), try ResponseBytes(snapshots.1))
            #expect(responses.0 == responses.1, "seed \(seed), \(what): \(responses.0.difference(from: responses.1))")
            #expect(try unmapped.verify() == mapped.verify(), "seed \(seed), \(what)")
        }
        let session = unmapped.importSession()
        try session.add(OrderTests.entries(&generator, from: 0))
        // More than a block, which is what is read at once.
        for number in 0..<400 {
            let place = Place(
                root: 1, path: generator.bytes(100).map { max(1, $0) }, sizeBytes: number, modificationNs: 1, inode: 1,
                isTrusted: true,
                dataSetOffset: 0)
            try session.add(ForeignFile(place, reason: 1))
        }
        try session.publish()
        #expect(try mapped.current().runs[0].byteCount > 32_768)
        try compare("a run")
        for number in 0..<20 {
            try (number % 2 == 0 ? mapped : unmapped).append([Samples.odd(&generator)])
        }
        try mapped.fold()
        try unmapped.append([Samples.regular(9_000, root: 0)])
        try compare("two runs and a journal")
        try unmapped.compact()
        try compare("merged")
    }

    @Test func `hosts that store in turn see what the other one has appended`() throws {
        let temporary = try TemporaryFolder()
        let path = temporary.appending("index")
        _ = try IndexFolder.create(at: path)
        let hosts = (0..<2).map { _ in
            IndexFolder(path, instancesFolder: nil, kernel: SystemKernel(), readsWithoutMapping: true)
        }
        for number in 0..<200 {
            let entry = Samples.regular(number, root: 0)
            #expect(try hosts[number % 2].store([StoreCandidate(entry)]) == [.stored])
            #expect(try hosts[(number + 1) % 2].contents(of: entry.sopInstanceUID).count == 1)
        }
        #expect(try hosts[0].journal(1)?.isUncached == true)
        #expect(try Answers(hosts[0].snapshot()) == Answers(IndexFolder.open(at: path).snapshot()))
    }
}
