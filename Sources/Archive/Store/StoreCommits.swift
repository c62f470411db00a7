// Group commit: all instances whose files are durable at one time ride on one sync of the journal. One of the threads that wait
// does it for all.

import ArchiveIndex
import Platform

/// Makes instances known, many at once. Shared by threads.
final class StoreCommits: Sendable {
    private typealias Outcome = Result<[StoreVerdict], IndexFault>
    private typealias Waiting = (ticket: UInt64, candidates: [StoreCandidate])

    private struct State {
        var waiting: [Waiting] = []
        var done: [UInt64: Outcome] = [:]
        var lastTicket: UInt64 = 0
        var isLed = false
    }

    private enum Turn {
        case done(Outcome)
        case lead([Waiting])
    }

    private let state = Monitor(State())
    private let store: @Sendable ([StoreCandidate]) throws(IndexFault) -> [StoreVerdict]

    /// - Parameter store: makes a batch known.
    init(_ store: @escaping @Sendable ([StoreCandidate]) throws(IndexFault) -> [StoreVerdict]) { self.store = store }

    /// How many calls wait to be served, for tests.
    var waitingCount: Int { state.withLock { $0.waiting.count } }

    /// Makes instances known, with all that wait for the same; returns when that is done.
    ///
    /// - Returns: a verdict for each, in order.
    func commit(_ candidates: [StoreCandidate]) throws(IndexFault) -> [StoreVerdict] {
        let ticket = state.withLock { state in
            state.lastTicket += 1
            state.waiting.append((state.lastTicket, candidates))
            return state.lastTicket
        }
        while true {
            let turn = state.withLock(when: { $0.done[ticket] != nil || !$0.isLed }) { state -> Turn in
                if let outcome = state.done.removeValue(forKey: ticket) { return .done(outcome) }
                state.isLed = true
                defer { state.waiting = [] }
                return .lead(state.waiting)
            }
            switch turn {
            case .done(let outcome)?: return try outcome.get()
            case .lead(let batch)?: lead(batch)
            case nil: continue
            }
        }
    }

    private func lead(_ batch: [Waiting]) {
        var outcomes: [Outcome] = []
        do throws(IndexFault) {
            var verdicts = try store(batch.flatMap(\.candidates))[...]
            for waiting in batch {
                outcomes.append(.success(Array(verdicts.prefix(waiting.candidates.count))))
                verdicts = verdicts.dropFirst(waiting.candidates.count)
            }
        } catch {
            outcomes = batch.map { _ in .failure(error) }
        }
        let found = outcomes
        state.withLock { state in
            for (waiting, outcome) in zip(batch, found) { state.done[waiting.ticket] = outcome }
            state.isLed = false
        }
    }
}
