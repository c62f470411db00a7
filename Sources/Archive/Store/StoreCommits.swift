// Group commit: all instances whose files are durable at one time ride on one sync of the journal. One of the threads that wait
// does it for all; each is woken once, when it is its turn or done.

import ArchiveIndex
import Platform

/// Makes instances known, many at once. Shared by threads.
final class StoreCommits: Sendable {
    private typealias Outcome = Result<[StoreVerdict], IndexFault>

    private enum Turn {
        /// It is done.
        case done(Outcome)
        /// It is to be done, for all that wait.
        case lead
    }

    /// One call.
    private final class Waiting: Sendable {
        let candidates: [StoreCandidate]
        private let turn = Monitor<Turn?>(nil)

        init(_ candidates: [StoreCandidate]) { self.candidates = candidates }

        func give(_ next: Turn) { turn.withLock { $0 = next } }

        func takeTurn() -> Turn {
            while true {
                let taken = turn.withLock(when: { $0 != nil }) { turn in
                    defer { turn = nil }
                    return turn
                }
                if let taken = taken ?? nil { return taken }
            }
        }
    }

    private struct Queue {
        var waiting: [Waiting] = []
        var isLed = false
    }

    private let queue = Guarded(Queue())
    private let store: @Sendable ([StoreCandidate]) throws(IndexFault) -> [StoreVerdict]

    /// - Parameter store: makes a batch known.
    init(_ store: @escaping @Sendable ([StoreCandidate]) throws(IndexFault) -> [StoreVerdict]) { self.store = store }

    /// How many calls wait to be served, for tests.
    var waitingCount: Int { queue.withLock { $0.waiting.count } }

    /// Makes instances known, with all that wait for the same; returns when that is done.
    ///
    /// - Returns: a verdict for each, in order.
    func commit(_ candidates: [StoreCandidate]) throws(IndexFault) -> [StoreVerdict] {
        let own = Waiting(candidates)
        let isFirst = queue.withLock { queue in
            queue.waiting.append(own)
            defer { queue.isLed = true }
            return !queue.isLed
        }
        if isFirst { lead() }
        while true {
            switch own.takeTurn() {
            case .done(let outcome): return try outcome.get()
            case .lead: lead()
            }
        }
    }

    /// Serves all that wait, and leaves the lead to one who came meanwhile.
    private func lead() {
        let batch = queue.withLock { queue in
            defer { queue.waiting = [] }
            return queue.waiting
        }
        let outcomes = serve(batch)
        let next = queue.withLock { queue in
            if queue.waiting.isEmpty { queue.isLed = false }
            return queue.waiting.first
        }
        next?.give(.lead)
        for (waiting, outcome) in zip(batch, outcomes) { waiting.give(.done(outcome)) }
    }

    private func serve(_ batch: [Waiting]) -> [Outcome] {
        do throws(IndexFault) {
            var verdicts = try store(batch.flatMap(\.candidates))[...]
            var outcomes: [Outcome] = []
            for waiting in batch {
                outcomes.append(.success(Array(verdicts.prefix(waiting.candidates.count))))
                verdicts = verdicts.dropFirst(waiting.candidates.count)
            }
            return outcomes
        } catch {
            return batch.map { _ in .failure(error) }
        }
    }
}
