// The instances of a C-MOVE on their way to the threads that send them, and how these are told to stop.

import ArchiveIndex
import Platform

/// Deals the instances of one batch at a time out to several threads. An instance is settled, or given back to be sent again.
final class MoveQueue: Sendable {
    /// An instance and how often it was sent in vain.
    struct Unit: Sendable {
        let reference: InstanceReference
        var attempts = 0
    }

    private struct State {
        var batch = 0
        var rest: ArraySlice<InstanceReference> = []
        var returned: [Unit] = []
        /// Taken and neither settled nor given back.
        var underWay = 0
        /// Associations besides the first.
        var helpers = 0
        /// No batch follows.
        var isLast = false
        var isStopped = false

        var isEmpty: Bool { rest.isEmpty && returned.isEmpty }
        /// Nothing is under way, and nothing will be.
        var hasEnded: Bool { underWay == 0 && (isStopped || isLast && isEmpty) }
    }

    private let state = Monitor(State())

    /// Begins a batch; the one before has ended.
    ///
    /// - Parameter isLast: no other follows.
    /// - Returns: its number, for `take`: who still asks for the one before gets nothing.
    func load(_ instances: [InstanceReference], isLast: Bool = false) -> Int {
        state.withLock { state in
            state.batch += 1
            state.isLast = isLast
            state.rest = instances[...]
            return state.batch
        }
    }

    /// The next instance of a batch to send; nil when there is none, or none is to be sent any more.
    func take(of batch: Int) -> Unit? {
        state.withLock { state in
            guard !state.isStopped, state.batch == batch else { return nil }
            guard let unit = state.returned.popLast() ?? state.rest.popFirst().map({ Unit(reference: $0) }) else {
                return nil
            }
            state.underWay += 1
            return unit
        }
    }

    /// Instances that were taken have their outcomes.
    ///
    /// - Returns: whether that was the end.
    func settle(_ count: Int = 1) -> Bool {
        state.withLock { state in
            state.underWay -= count
            return state.hasEnded
        }
    }

    /// An instance that was taken is to be sent again.
    func giveBack(_ unit: Unit) {
        state.withLock { state in
            state.underWay -= 1
            state.returned.append(unit)
        }
    }

    /// All that is left once nobody has anything under way, to be settled without being sent. Nothing after a stop: what isn't
    /// begun with then remains.
    func takeRest() -> [InstanceReference] {
        state.withLock(when: { $0.underWay == 0 || $0.isStopped }) { state in
            guard !state.isStopped else { return [] }
            let rest = state.returned.map(\.reference) + state.rest
            state.returned = []
            state.rest = []
            state.underWay = rest.count
            return rest
        } ?? []
    }

    /// Waits until there is something to send; false when all of the batch is settled, or nothing is to be sent any more.
    func awaitMore() -> Bool {
        state.withLock(when: { !$0.isEmpty || $0.underWay == 0 || $0.isStopped }) { state in
            !state.isStopped && !state.isEmpty
        } ?? false
    }

    // MARK: Helpers

    func helperBegan() { state.withLock { $0.helpers += 1 } }
    func helperEnded() { state.withLock { $0.helpers -= 1 } }

    /// Waits as long as others send over associations of their own; false when there is none.
    func awaitHelpers() -> Bool {
        var isHelped = false
        _ = state.withLock(
            when: { state in
                if state.helpers > 0 { isHelped = true }
                return state.helpers == 0 || state.isStopped
            }) { _ in }
        return isHelped
    }

    // MARK: The end

    /// Nothing more is to be sent. What is under way may come to its end.
    ///
    /// - Returns: how much is under way.
    func stop() -> Int {
        state.withLock { state in
            state.isStopped = true
            return state.underWay
        }
    }

    var isStopped: Bool { state.withLock { $0.isStopped } }

    /// Waits so long; shorter when nothing more is to be sent.
    func pause(seconds: Double) {
        _ = state.withLock(when: { $0.isStopped }, until: Deadline(afterSeconds: seconds)) { _ in }
    }

    /// No batch follows.
    func end() { state.withLock { $0.isLast = true } }

    /// Nothing is under way, and nothing will be.
    var hasEnded: Bool { state.withLock { $0.hasEnded } }

    /// Waits for that, at most so long.
    func awaitEnd(withinSeconds seconds: Double) -> Bool {
        state.withLock(when: { $0.hasEnded }, until: Deadline(afterSeconds: seconds)) { _ in true } ?? false
    }
}
