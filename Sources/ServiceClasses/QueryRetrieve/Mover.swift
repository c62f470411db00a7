// The associations of a C-MOVE to its destination (PS3.4 §C.4.2.3): one for each batch, another where one breaks off.

import ArchiveIndex
import DICOM
import DIMSE
import Platform

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

    /// Sends a batch. The instance at which the destination breaks off has failed; the rest goes over a new association.
    ///
    /// - Throws: what ends the requester's association; what ends the destination's becomes a count and a reason.
    func move(_ batch: MoveBatch, _ retrieval: inout Retrieval) throws(AssociationFault) {
        var limits = limits
        // After our A-ABORT there is nothing to hear from a destination; the requester waits.
        limits.releaseSeconds = min(limits.releaseSeconds, Self.closeSeconds)
        var rest = batch.instances[...]
        for _ in 0..<Self.associationsMaximum where !rest.isEmpty {
            if try retrieval.isCancelled() { return }
            do throws(AssociationFault) {
                let association = try Association.request(
                    to: target.addresses, calling: area.title, called: target.title, contexts: batch.contexts,
                    limits: limits, wake: wake, trace: requester.trace)
                if try !send(&rest, over: association, &retrieval) { return }
            } catch {
                if let fault = retrieval.requesterFault { throw fault }
                // Nothing could be sent at all: another attempt now would fare no better.
                return retrieval.recordAll(rest, because: "\(error.cause): \(target.words)")
            }
        }
        retrieval.recordAll(rest, because: "broke off \(Self.associationsMaximum) times: \(target.words)")
    }

    /// Sends what can be sent over one association; false when there is nothing left to do.
    ///
    /// - Throws: what ends the requester's association.
    private func send(
        _ rest: inout ArraySlice<InstanceReference>, over association: Association, _ retrieval: inout Retrieval
    ) throws(AssociationFault) -> Bool {
        let sender = SubOperation(over: association, from: files, for: originator)
        do throws(AssociationFault) {
            while try !retrieval.isCancelled(), let reference = rest.first {
                rest.removeFirst()
                let outcome: SubOperation.Outcome
                var hasBrokenOff = false
                do throws(AssociationFault) {
                    outcome = try sender.send(reference)
                } catch {
                    hasBrokenOff = true
                    outcome = .unsent(reason: "\(error.cause): \(target.words)")
                }
                try retrieval.record(outcome, of: reference)
                if hasBrokenOff {
                    association.abort()
                    return true
                }
            }
        } catch {
            // Nobody is left to report to: what remains isn't sent (PS3.4 §C.4.2.3.1 leaves it to us).
            association.abort()
            throw error
        }
        association.release()
        return false
    }
}

extension AssociationFault {
    /// The cause alone, for an Error Comment of 64 bytes that names the peer besides.
    fileprivate var cause: String {
        if case .notConnected(_, let fault) = self { return fault.cause }
        return "\(self)"
    }
}
