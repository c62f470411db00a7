// The associations of a C-MOVE to its destination (PS3.4 §C.4.2.3): one for each batch, another where one breaks off.

import ArchiveIndex
import DICOM
import DIMSE
import Platform
import UpperLayer

/// Sends batches of instances to one Move Destination.
struct Mover {
    /// A destination that breaks off so often in one batch gets no more of it.
    private static let associationsMaximum = 4
    private static let closeSeconds = 1.0

    let target: MoveTarget
    let files: InstanceFiles
    let area: ServedArea
    let limits: AssociationLimits
    let wake: WakeDescriptor?
    let requester: Association
    let originator: MoveOriginator
    let priority: Priority
    /// C-STOREs that may be outstanding at once, where the destination agrees; with 1 it isn't asked (PS3.7 §D.3.3.3).
    let window: Int

    /// Sends a batch. The instance at which the destination breaks off has failed; the rest goes over a new association. With
    /// several outstanding nobody knows which it was, and some destinations take no offer of a window, or only seem to: then
    /// what has no response goes again, one at a time.
    ///
    /// - Throws: what ends the requester's association; what ends the destination's becomes a count and a reason.
    func move(_ batch: MoveBatch, _ retrieval: inout Retrieval) throws(AssociationFault) {
        var limits = limits
        // After our A-ABORT there is nothing to hear from a destination; the requester waits.
        limits.releaseSeconds = min(limits.releaseSeconds, Self.closeSeconds)
        var rest = batch.instances[...]
        var proposal = window > 1 ? AsynchronousOperationsWindow(invoked: UInt16(clamping: window), performed: 1) : nil
        var attemptsLeft = Self.associationsMaximum
        while attemptsLeft > 0, !rest.isEmpty {
            if try retrieval.isCancelled() { return }
            do throws(AssociationFault) {
                let association = try Association.request(
                    to: target.addresses, calling: area.title, called: target.title, contexts: batch.contexts,
                    window: proposal, limits: limits, wake: wake, trace: requester.trace)
                switch try send(&rest, over: association, &retrieval) {
                case .done: return
                case .brokenOff: attemptsLeft -= 1
                case .windowDoubtful: proposal = nil
                }
            } catch {
                if let fault = retrieval.requesterFault { throw fault }
                if proposal != nil, error.mayBeOfUnknownItem {
                    proposal = nil
                    continue
                }
                // Nothing could be sent at all: another attempt now would fare no better.
                return retrieval.recordAll(rest, because: "\(error.cause): \(target.words)")
            }
        }
        retrieval.recordAll(rest, because: "broke off \(Self.associationsMaximum) times: \(target.words)")
    }

    private enum End { case done, brokenOff, windowDoubtful }

    /// Sends what can be sent over one association.
    ///
    /// - Throws: what ends the requester's association.
    private func send(
        _ rest: inout ArraySlice<InstanceReference>, over association: Association, _ retrieval: inout Retrieval
    ) throws(AssociationFault) -> End {
        var window = SubOperationWindow(
            SubOperation(over: association, from: files, for: originator, priority: priority))
        do throws(AssociationFault) {
            var isOver = false
            while !isOver {
                var broken: AssociationFault?
                do throws(AssociationFault) {
                    isOver = try !step(&rest, &window, isCancelled: try retrieval.isCancelled())
                } catch {
                    if let fault = retrieval.requesterFault { throw fault }
                    broken = error
                }
                for ended in window.takeEnded() { try retrieval.record(ended.outcome, of: ended.reference) }
                guard let broken else { continue }
                association.abort()
                var lost = window.unanswered[...]
                defer { rest = lost + rest }
                if window.isDoubtful { return .windowDoubtful }
                if let first = lost.popFirst() {
                    try retrieval.record(.unsent(reason: "\(broken.cause): \(target.words)"), of: first)
                }
                return .brokenOff
            }
        } catch {
            // Nobody is left to report to: what remains isn't sent (PS3.4 §C.4.2.3.1 leaves it to us).
            association.abort()
            throw error
        }
        association.release()
        return .done
    }

    /// Sends the next instance, or waits for a response where none is to be sent; false when there is nothing left to do.
    private func step(
        _ rest: inout ArraySlice<InstanceReference>, _ window: inout SubOperationWindow, isCancelled: Bool
    ) throws(AssociationFault) -> Bool {
        guard !isCancelled, let reference = rest.popFirst() else { return try window.awaitNext() }
        try window.send(reference)
        return true
    }
}

extension AssociationFault {
    /// How peers answer an association request with an item that they don't know: with an A-ABORT, a close, or a rejection
    /// that names no reason.
    fileprivate var mayBeOfUnknownItem: Bool {
        switch self {
        case .aborted, .violated, .closed: true
        case .rejected(let reject): reject.reason == 1 && reject.source != .providerPresentation
        default: false
        }
    }

    /// The cause alone, for an Error Comment of 64 bytes that names the peer besides.
    fileprivate var cause: String {
        if case .notConnected(_, let fault) = self { return fault.cause }
        return "\(self)"
    }
}
