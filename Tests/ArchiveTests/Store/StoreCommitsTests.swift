// Group commit: who waits rides on one call, and each hears of his own instances.

import ArchiveIndex
import DICOM
import Platform
import Support
import Testing

@testable import Archive

@Suite("One journal sync for all that arrive together") struct StoreCommitsTests {
    static func candidate(_ number: Int) throws -> StoreCandidate {
        guard case .header(let header) = InstanceHeader.read(Sending(number).file.rawSpan, isWhole: true) else {
            throw StoreFault.unreadable(.notDICOM)
        }
        return StoreCandidate(header.entry(at: .unknown))
    }

    /// Takes batches while it is held; what it does then is the test's.
    final class Journal: Sendable {
        struct State: Sendable {
            var batches: [[UID]] = []
            var isHeld = true
            var fault: IndexFault?
        }

        let state = Monitor(State())

        func store(_ candidates: [StoreCandidate]) throws(IndexFault) -> [StoreVerdict] {
            state.withLock { $0.batches.append(candidates.map(\.entry.sopInstanceUID)) }
            let fault = state.withLock(when: { !$0.isHeld }) { $0.fault } ?? nil
            if let fault { throw fault }
            // A verdict that tells whose it is.
            return candidates.map { $0.entry.sopInstanceUID == Sending(3).uid ? .met([]) : .stored }
        }
    }

    /// Commits each list on a thread of its own. The first begins alone, and the journal goes on when all others wait.
    static func commitAtOnce(
        _ commits: StoreCommits, _ journal: Journal, _ lists: [[StoreCandidate]]
    ) throws -> [Result<[StoreVerdict], IndexFault>?] {
        let results = Guarded([Result<[StoreVerdict], IndexFault>?](repeating: nil, count: lists.count))
        let begun = Monitor(0)
        var threads: [Parcel<Thread>] = []
        let batchesBefore = journal.state.withLock { $0.batches.count }
        for (number, list) in lists.enumerated() {
            threads.append(
                Parcel(
                    try Thread { @Sendable in
                        begun.withLock { $0 += 1 }
                        let result: Result<[StoreVerdict], IndexFault>
                        do throws(IndexFault) { result = .success(try commits.commit(list)) } catch {
                            result = .failure(error)
                        }
                        results.withLock { $0[number] = result }
                    }))
            if number == 0 {
                _ = journal.state.withLock(when: { $0.batches.count > batchesBefore }) { _ in }
            }
        }
        _ = begun.withLock(when: { $0 == lists.count }) { _ in }
        // All have begun; that they wait shows in the queue.
        while commits.waitingCount < lists.count - 1 { _ = Deadline(afterSeconds: 0) }
        journal.state.withLock { $0.isHeld = false }
        for thread in threads { thread.take().join() }
        return results.withLock { $0 }
    }

    @Test func `those that wait while one is written are written together, and each gets its own verdicts`() throws {
        let journal = Journal()
        let commits = StoreCommits { (candidates) throws(IndexFault) in try journal.store(candidates) }
        let lists = try [[1], [2, 3], [4], [5, 6, 7], [8]].map { try $0.map { try Self.candidate($0) } }
        let results = try Self.commitAtOnce(commits, journal, lists)
        for (list, result) in zip(lists, results) {
            let verdicts: [StoreVerdict] = list.map { $0.entry.sopInstanceUID == Sending(3).uid ? .met([]) : .stored }
            #expect(try result?.get() == verdicts)
        }
        let batches = journal.state.withLock { $0.batches }
        #expect(batches.map(\.count) == [1, 7], "one for the first, one for all that waited")
        #expect(Set(batches[1]) == Set((2...8).map { Sending($0).uid }))
    }

    @Test func `a batch that fails fails for all in it, and the next one succeeds`() throws {
        let journal = Journal()
        let commits = StoreCommits { (candidates) throws(IndexFault) in try journal.store(candidates) }
        let fault = IndexFault.file(FileFault(.synchronize, "/area/index/journal-1", .inputOutput))
        journal.state.withLock { $0.fault = fault }
        let lists = try (1...5).map { [try Self.candidate($0)] }
        for result in try Self.commitAtOnce(commits, journal, lists) { #expect(result?.fault == fault) }
        journal.state.withLock { $0.fault = nil }
        #expect(try commits.commit(lists[0]) == [.stored])
        #expect(commits.waitingCount == 0)
    }

    @Test func `many threads that come as they like are all served`() throws {
        let journal = Journal()
        journal.state.withLock { $0.isHeld = false }
        let commits = StoreCommits { (candidates) throws(IndexFault) in try journal.store(candidates) }
        let candidate = try Self.candidate(1)
        let count = Guarded(0)
        let threads = try (0..<8).map { _ in
            Parcel(
                try Thread { @Sendable in
                    for _ in 0..<50 where (try? commits.commit([candidate])) == [.stored] { count.withLock { $0 += 1 } }
                })
        }
        for thread in threads { thread.take().join() }
        #expect(count.withLock { $0 } == 400)
        #expect(journal.state.withLock { $0.batches.reduce(0) { $0 + $1.count } } == 400)
    }

    /// An instance whose attributes are more than a journal takes.
    static func tooLarge(_ number: Int) -> Sending {
        Sending(number) { set in
            let text = [UInt8](repeating: UInt8(ascii: "A"), count: 60_000)
            for tag in Level.allCases.flatMap(HeldAttributes.tags) where tag != .patientID {
                guard DataDictionary.vr(of: tag) == .SQ else {
                    set.set(tag, .UT, bytes: text)
                    continue
                }
                var item = DataSet()
                item.set(.codeMeaning, .UT, bytes: text)
                set[tag] = DataElement(tag, .SQ, .items([item]))
            }
        }
    }

    @Test func `one that is too large for the journal is refused, and nobody else`() throws {
        let trial = try StoreTrial()
        let sendings = [Sending(1), Self.tooLarge(2), Sending(3), Sending(4)]
        let results = trial.send(sendings)
        #expect(results.map(\.fault) == [nil, .attributesTooLarge, nil, nil])
        let stored = [sendings[0], sendings[2], sendings[3]]
        let found = try FoundArea(trial.disk, "beside it")
        #expect(found.contents == FoundArea.contents(of: stored) && found.orphans.isEmpty && found.incoming.isEmpty)
        let cut = try FoundArea(trial.disk.afterPowerCut(.losesAll), "beside it, cut")
        #expect(cut.contents == FoundArea.contents(of: stored))
    }

    @Test func `instances of several associations come with one frame and one sync`() throws {
        let disk = CrashableDisk()
        let trial = try StoreTrial(disk)
        _ = try trial.send(Sending(99))
        let sendings = (1...12).map { Sending($0) }
        let before = disk.calls.count
        for result in trial.send(sendings) { #expect(try result.get().isStored) }
        let syncs = disk.calls.dropFirst(before).filter {
            $0.kind == .synchronize && $0.path.relative(to: StoreTrial.paths.index) != nil
        }
        #expect(syncs.count == 1, "\(syncs)")
        #expect(try FoundArea(disk.afterPowerCut(.losesAll), "all").known.count == 13)
    }
}
