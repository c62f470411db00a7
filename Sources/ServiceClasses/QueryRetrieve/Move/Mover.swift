// The associations of a C-MOVE to its destination (PS3.4 §C.4.2.3): one for each batch and those that help it, another where
// one breaks off. They have threads of their own, so that the requester is heard and told while a destination is waited for.

import ArchiveIndex
import DICOM
import DIMSE
import Platform
import UpperLayer

/// Sends batches of instances to one Move Destination.
final class Mover: Sendable {
    /// A destination that breaks off so often in a row without having answered anything gets no more of a batch; where one
    /// instance may be tried more often, more often.
    static let breaksMaximum = 4
    private static let closeSeconds = 1.0
    private static let stackBytes = 512 << 10

    /// What a C-MOVE's associations have in common.
    struct Plan: Sendable {
        let target: MoveTarget
        let rules: MoveRules
        /// Ours, as calling title.
        let title: AETitle
        let files: InstanceFiles
        let originator: MoveOriginator
        let priority: Priority
        var limits: AssociationLimits
        let trace: (@Sendable (MessageTrace) -> Void)?
    }

    /// Woken by the first outcome and by the end.
    let news: WakeDescriptor
    private let plan: Plan
    private let tally: RetrievalTally
    private let queue = MoveQueue()
    private let cut: WakeDescriptor
    private let hasNews = Guarded(false)
    /// Some destinations take no offer of a window, or only seem to.
    private let offersWindow: Guarded<Bool>

    init(_ plan: Plan, _ tally: RetrievalTally) throws(Errno) {
        var plan = plan
        // After our A-ABORT there is nothing to hear from a destination; the requester waits.
        plan.limits.closeSeconds = min(plan.limits.closeSeconds, Self.closeSeconds)
        self.plan = plan
        self.tally = tally
        offersWindow = Guarded(plan.rules.window > 1)
        news = try WakeDescriptor()
        cut = try WakeDescriptor()
    }

    // MARK: For the requester's thread

    /// Starts sending, on a thread of its own.
    func start(_ batches: [MoveBatch]) throws(Errno) {
        _ = try Thread(named: "move", stackBytes: Self.stackBytes) { self.lead(batches) }
    }

    /// Every instance has its outcome. Associations may still be released: that is no business of the requester's.
    var hasEnded: Bool { queue.hasEnded }

    /// Nothing more is to be sent: what is under way has `graceSeconds`, everything else none.
    func stop(graceSeconds: Double) {
        let underWay = queue.stop()
        if underWay > 0, queue.awaitEnd(withinSeconds: graceSeconds) { return }
        cut.wake()
        // A resolver or a file system that hangs is left to itself.
        _ = queue.awaitEnd(withinSeconds: Self.closeSeconds)
    }

    // MARK: The first association of each batch

    private func lead(_ batches: [MoveBatch]) {
        var lost: DestinationFault?
        for (index, batch) in batches.enumerated() where !queue.isStopped {
            let number = queue.load(batch.instances, isLast: index == batches.count - 1)
            if let lost { giveUp(because: lost) } else { lost = lead(batch, number) }
        }
        queue.end()
        news.wake()
    }

    /// Nothing that is left of a batch will be sent.
    private func giveUp(because fault: DestinationFault) {
        let rest = queue.takeRest()
        tally.recordAll(rest, because: words(fault))
        if queue.settle(rest.count) { news.wake() }
    }

    /// Sends a batch.
    ///
    /// - Returns: why no other batch needs to be tried.
    private func lead(_ batch: MoveBatch, _ number: Int) -> DestinationFault? {
        var (failuresInARow, breaksInARow, isHelped) = (0, 0, false)
        while queue.awaitMore() {
            let association: Association
            do throws(DestinationFault) {
                association = try associate(batch.contexts)
            } catch {
                // Those that have an association do what there is to do.
                if queue.isStopped || queue.awaitHelpers() { continue }
                failuresInARow += 1
                guard failuresInARow <= plan.rules.retries, error.isPassing else {
                    giveUp(because: error)
                    return error
                }
                tell("destination can't be reached, trying again", error)
                queue.pause(seconds: plan.rules.retrySeconds)
                continue
            }
            failuresInARow = 0
            if !isHelped { startHelpers(batch, number) }
            isHelped = true
            guard let end = send(number, over: association) else { continue }
            breaksInARow = end.hasAnswered ? 0 : breaksInARow + 1
            guard breaksInARow < max(Self.breaksMaximum, plan.rules.retries + 2) else {
                giveUp(because: .association(end.fault))
                continue
            }
            tell("destination broke off, trying again", .association(end.fault))
            if !end.hasAnswered { queue.pause(seconds: plan.rules.retrySeconds) }
        }
        return nil
    }

    // MARK: More associations at a time

    private func startHelpers(_ batch: MoveBatch, _ number: Int) {
        for _ in 1..<max(1, min(plan.rules.parallelism, batch.instances.count)) {
            // Who gets no thread gets no help.
            _ = try? Thread(named: "move", stackBytes: Self.stackBytes) { self.help(number, batch.contexts) }
        }
    }

    /// Sends what there is over a further association. A destination that won't have it is sent to over those it has.
    private func help(_ number: Int, _ contexts: [ProposedContext]) {
        while !queue.isStopped {
            let association: Association
            do throws(DestinationFault) {
                association = try associate(contexts)
            } catch {
                return tell("destination takes no further association", error)
            }
            queue.helperBegan()
            let end = send(number, over: association)
            queue.helperEnded()
            guard let end, end.hasAnswered else { return }
        }
    }

    // MARK: One association

    /// How an association ended that we didn't release.
    private struct Break {
        let fault: AssociationFault
        /// Whether anything was answered over it.
        let hasAnswered: Bool
    }

    private func associate(_ contexts: [ProposedContext]) throws(DestinationFault) -> Association {
        let addresses: [SocketAddress]
        switch plan.target.addresses() {
        case .success(let found): addresses = found
        case .failure(let fault): throw .unresolved(fault)
        }
        let isOffered = offersWindow.withLock { $0 }
        let window =
            isOffered ? AsynchronousOperationsWindow(invoked: UInt16(clamping: plan.rules.window), performed: 1) : nil
        do throws(AssociationFault) {
            return try Association.request(
                to: addresses, calling: plan.title, called: plan.target.title, contexts: contexts, window: window,
                limits: plan.limits, cut: cut, trace: plan.trace)
        } catch {
            guard isOffered, error.mayBeOfUnknownItem, !queue.isStopped else { throw .association(error) }
        }
        offersWindow.withLock { $0 = false }
        return try associate(contexts)
    }

    /// Sends what the queue has.
    ///
    /// - Returns: nil when there was no more to send, and the association has been released.
    private func send(_ batch: Int, over association: Association) -> Break? {
        var window = SubOperationWindow(
            SubOperation(over: association, from: plan.files, for: plan.originator, priority: plan.priority))
        var underWay: [MoveQueue.Unit] = []
        var (hasRoom, isOver, hasAnswered) = (false, false, false)
        while !isOver {
            var broken: AssociationFault?
            do throws(AssociationFault) {
                // What is taken is begun with: a stop leaves the rest to those that remain.
                if !hasRoom {
                    try window.awaitRoom()
                    hasRoom = true
                } else if let unit = queue.take(of: batch) {
                    hasRoom = false
                    underWay.append(unit)
                    try window.send(unit.reference)
                } else {
                    isOver = try !window.awaitNext()
                }
            } catch {
                broken = error
            }
            for ended in window.takeEnded() {
                if case .answered = ended.outcome { hasAnswered = true }
                guard let index = underWay.firstIndex(where: { $0.reference == ended.reference }) else { continue }
                settle(underWay.remove(at: index), ended.outcome)
            }
            guard let broken else { continue }
            resend(underWay, after: broken, isDoubtful: window.isDoubtful)
            association.abort()
            return Break(
                fault: broken, hasAnswered: hasAnswered || broken.isOfOurFile || window.isDoubtful)
        }
        association.release()
        return nil
    }

    private func settle(_ unit: MoveQueue.Unit, _ outcome: SubOperation.Outcome) {
        tally.record(outcome, of: unit.reference)
        let isEnd = queue.settle()
        let isFirst = hasNews.withLock { hasNews in
            defer { hasNews = true }
            return !hasNews
        }
        if isFirst || isEnd { news.wake() }
    }

    /// What wasn't answered is sent again where it may be: a destination that has it already says so, or stores it anew. With
    /// several outstanding nobody knows at which it broke off: then all go again, one at a time.
    private func resend(_ unanswered: [MoveQueue.Unit], after fault: AssociationFault, isDoubtful: Bool) {
        var unanswered = unanswered
        if queue.isStopped {
            for unit in unanswered { settle(unit, .unsent(reason: "cancelled while it was sent")) }
            return
        }
        if fault.isOfOurFile {
            // That of the last, at which we broke off ourselves.
            if let last = unanswered.popLast() { settle(last, .unsent(reason: "\(fault)")) }
        } else if isDoubtful {
            offersWindow.withLock { $0 = false }
        } else if !unanswered.isEmpty {
            unanswered[0].attempts += 1
            if unanswered[0].attempts > plan.rules.retries {
                settle(unanswered.removeFirst(), .unsent(reason: words(.association(fault))))
            }
        }
        for unit in unanswered.reversed() { queue.giveBack(unit) }
    }

    // MARK: Words

    /// `connection refused: VIEWER at ws7:11113`.
    private func words(_ fault: DestinationFault) -> String { "\(fault.words): \(plan.target.words)" }

    private func tell(_ message: String, _ fault: DestinationFault) {
        guard !queue.isStopped else { return }
        tally.tell(
            ServiceEvent(.warning, message, [("destination", plan.target.words), ("reason", fault.detail)]))
    }
}
