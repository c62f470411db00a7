// One running C-GET or C-MOVE: what has been done, and when its requester hears of it.

import ArchiveIndex
import DICOM
import DIMSE
import Platform

/// Counts sub-operations, answers pending, and notices the requester's C-CANCEL.
struct Retrieval {
    /// Between pending responses at most: clients' timers must not fire, and tiny objects not be outnumbered by responses.
    private static let pendingIntervalSeconds = 0.5
    /// Instances that one retrieval names in the log; its last line counts them all.
    static let loggedFailuresMaximum = 100

    let request: Message
    let requester: Association
    private let roots: [Int: Path]
    private let log: ServiceLog
    private(set) var counts: SubOperationCounts
    private(set) var wasCancelled = false
    /// What ended the requester's association, kept apart from what may end a destination's.
    private(set) var requesterFault: AssociationFault?
    private var nextPending: Deadline?

    /// - Parameter roots: where the instances' files lie, for the log.
    init(request: Message, requester: Association, total: Int, roots: [Int: Path], log: @escaping ServiceLog) {
        self.request = request
        self.requester = requester
        self.roots = roots
        self.log = log
        counts = SubOperationCounts(total: total)
    }

    /// Looks for a C-CANCEL without waiting.
    mutating func isCancelled() throws(AssociationFault) -> Bool {
        if wasCancelled { return true }
        do throws(AssociationFault) {
            wasCancelled = try requester.isCancelled(request.command.messageID)
        } catch {
            requesterFault = error
            throw error
        }
        return wasCancelled
    }

    /// Records how one sub-operation ended; a pending response goes out with the first and then twice a second. The log hears
    /// of each that failed, with its file.
    mutating func record(_ outcome: SubOperation.Outcome, of reference: InstanceReference) throws(AssociationFault) {
        let failedBefore = counts.failed
        switch outcome {
        case .answered(let status): counts.record(status, of: reference.sopInstanceUID)
        case .unsent(let reason): counts.fail(reference.sopInstanceUID, because: reason)
        }
        if counts.failed > failedBefore, counts.failed <= Self.loggedFailuresMaximum { tell(reference, outcome) }
        guard counts.remaining > 0, nextPending?.hasPassed ?? true else { return }
        nextPending = Deadline(afterSeconds: Self.pendingIntervalSeconds)
        do throws(AssociationFault) {
            try requester.send(response(.pending, comment: nil), in: request.contextID)
        } catch {
            requesterFault = error
            throw error
        }
    }

    private func tell(_ reference: InstanceReference, _ outcome: SubOperation.Outcome) {
        let reason =
            switch outcome {
            case .answered(let status): "the destination answered \(status)"
            case .unsent(let reason): reason
            }
        var fields = [("instance", reference.sopInstanceUID.text)]
        if let place = reference.places.first, let root = roots[place.root] {
            fields.append(("file", "\(root.appending(Path(bytes: place.path)))"))
        }
        log(ServiceEvent(.warning, "instance not sent", fields + [("reason", reason)]))
    }

    /// Records that none of `references` could be sent; one reason holds for all, so the log hears it with the last line.
    mutating func recordAll(_ references: some Sequence<InstanceReference>, because reason: String) {
        for reference in references { counts.fail(reference.sopInstanceUID, because: reason) }
    }

    /// The final response with its Failed SOP Instance UID List.
    func finish() throws(AssociationFault) {
        let encoding = requester.encoding(of: request.contextID)
        let list = counts.failedInstanceList.flatMap { try? $0.encoded(as: encoding) }
        try requester.send(
            response(counts.finalStatus(wasCancelled: wasCancelled), comment: counts.firstFailure), dataSet: list,
            in: request.contextID)
    }

    /// Remaining belongs in pending and cancel responses only (PS3.4 §C.4.2.1.6).
    private func response(_ status: Status, comment: String?) -> CommandSet {
        let saturated = SubOperationCounts.saturated
        return .retrieveResponse(
            to: request.command, status: status,
            remaining: status == .pending || status == .cancel ? saturated(counts.remaining) : nil,
            completed: saturated(counts.completed), failed: saturated(counts.failed),
            warning: saturated(counts.warning), comment: status == .pending ? nil : comment)
    }
}
