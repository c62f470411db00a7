// What has become of a retrieval's instances so far: told by whichever threads send them, heard by the requester's.

import ArchiveIndex
import DICOM
import DIMSE
import Platform

/// The one place where the outcome of each sub-operation is recorded.
final class RetrievalTally: Sendable {
    /// Instances that one retrieval names in the log; its last line counts them all.
    static let loggedFailuresMaximum = 100

    private struct State {
        var counts: SubOperationCounts
        /// For the log, which is the requester's thread's.
        var events: [ServiceEvent] = []
        /// Those that `tell` brought.
        var told = 0
        /// The final response says what there is: nothing is counted any more.
        var isClosed = false
    }

    private let state: Guarded<State>
    private let roots: [Int: Path]

    /// - Parameter roots: where the instances' files lie, for the log.
    init(total: Int, roots: [Int: Path]) {
        self.roots = roots
        state = Guarded(State(counts: SubOperationCounts(total: total)))
    }

    var counts: SubOperationCounts { state.withLock { $0.counts } }

    /// Records how one sub-operation ended. The log hears of each that failed, with its file.
    func record(_ outcome: SubOperation.Outcome, of reference: InstanceReference) {
        state.withLock { state in
            guard !state.isClosed else { return }
            let failedBefore = state.counts.failed
            switch outcome {
            case .answered(let status): state.counts.record(status, of: reference.sopInstanceUID)
            case .unsent(let reason): state.counts.fail(reference.sopInstanceUID, because: reason)
            }
            if state.counts.failed > failedBefore, state.counts.failed <= Self.loggedFailuresMaximum {
                state.events.append(event(outcome, reference))
            }
        }
    }

    /// Records that none of `references` could be sent; one reason holds for all, so the log hears it with the last line.
    func recordAll(_ references: some Sequence<InstanceReference>, because reason: String) {
        state.withLock { state in
            guard !state.isClosed else { return }
            for reference in references { state.counts.fail(reference.sopInstanceUID, because: reason) }
        }
    }

    /// Something else that the log should hear, as often as it hears of instances: a destination may break off at each.
    func tell(_ event: ServiceEvent) {
        state.withLock { state in
            state.told += 1
            if state.told <= Self.loggedFailuresMaximum { state.events.append(event) }
        }
    }

    /// What the log has yet to hear.
    func takeEvents() -> [ServiceEvent] {
        state.withLock { state in
            let events = state.events
            if !events.isEmpty { state.events = [] }
            return events
        }
    }

    /// What is recorded from now on doesn't count: a thread that hangs may come to its end long after the final response.
    func close() { state.withLock { $0.isClosed = true } }

    private func event(_ outcome: SubOperation.Outcome, _ reference: InstanceReference) -> ServiceEvent {
        let reason =
            switch outcome {
            case .answered(let status): "the destination answered \(status)"
            case .unsent(let reason): reason
            }
        var fields = [("instance", reference.sopInstanceUID.text)]
        if let place = reference.places.first, let root = roots[place.root] {
            fields.append(("file", "\(root.appending(Path(bytes: place.path)))"))
        }
        return ServiceEvent(.warning, "instance not sent", fields + [("reason", reason)])
    }
}
