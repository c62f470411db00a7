// C-GET and C-MOVE as SCP (PS3.4 §C.4.2, §C.4.3): the instances are fixed when the request arrives, then sent one by one.

import ArchiveIndex
import DICOM
import DIMSE
import Platform
import UpperLayer

/// Answers the C-GET and C-MOVE requests of one association.
package struct RetrieveSCP {
    private let area: ServedArea
    private let rules: RetrieveRules
    private let limits: AssociationLimits
    private let wake: WakeDescriptor?
    private let destination: (AETitle) -> MoveDestination
    private let log: ServiceLog

    /// - Parameters:
    ///   - limits: of the associations that a C-MOVE opens.
    ///   - wake: ends waiting for a destination.
    ///   - destination: what a Move Destination (0000,0600) means for the caller.
    package init(
        area: ServedArea, rules: RetrieveRules = RetrieveRules(), limits: AssociationLimits, wake: WakeDescriptor?,
        destination: @escaping (AETitle) -> MoveDestination, log: @escaping ServiceLog
    ) {
        self.area = area
        self.rules = rules
        self.limits = limits
        self.wake = wake
        self.destination = destination
        self.log = log
    }

    /// Answers one C-GET-RQ: the sub-operations go over the same association (PS3.4 §C.4.3).
    ///
    /// - Throws: what ends the association.
    package func answerGet(
        _ request: Message, model: InformationModel, over association: Association
    ) throws(AssociationFault) {
        let set: RetrieveSet
        do throws(RequestRefusal) {
            set = try RetrieveSet(request, model: model, area: area, rules: rules, over: association)
        } catch {
            return try refuse(request, error, "C-GET", over: association)
        }
        defer { set.files.settle() }
        var retrieval = Retrieval(
            request: request, requester: association, total: set.instances.count, roots: set.files.roots, log: log)
        var window = SubOperationWindow(
            SubOperation(
                over: association, from: set.files, for: nil, priority: request.command.urgency,
                withoutBulkData: model == .compositeInstance))
        var rest = set.instances[...]
        repeat {
            if try !retrieval.isCancelled(), let reference = rest.popFirst() {
                try window.send(reference)
            } else if try !window.awaitNext() {
                break
            }
            for ended in window.takeEnded() { try retrieval.record(ended.outcome, of: ended.reference) }
        } while true
        // Who hears the last response may ask for Instance Availability next.
        set.files.settle()
        try finish(retrieval, "C-GET", [])
    }

    /// Answers one C-MOVE-RQ: the sub-operations go over associations of our own to the Move Destination (PS3.4 §C.4.2).
    ///
    /// - Throws: what ends the requester's association; what ends the destination's becomes a status.
    package func answerMove(
        _ request: Message, model: InformationModel, over association: Association
    ) throws(AssociationFault) {
        let target: MoveTarget
        let set: RetrieveSet
        do throws(RequestRefusal) {
            // An unknown destination comes before anything else (PS3.4 §C.4.2.1.5).
            target = try MoveTarget(request.command.moveDestination, destination)
            set = try RetrieveSet(request, model: model, area: area, rules: rules, over: association)
        } catch {
            return try refuse(request, error, "C-MOVE", over: association)
        }
        defer { set.files.settle() }
        var retrieval = Retrieval(
            request: request, requester: association, total: set.instances.count, roots: set.files.roots, log: log)
        if let fault = target.fault {
            retrieval.recordAll(set.instances, because: "\(fault): \(target.words)")
        } else {
            let mover = Mover(
                target: target, files: set.files, area: area, limits: limits, wake: wake, requester: association,
                originator: MoveOriginator(title: association.callingAETitle, messageID: request.command.messageID),
                priority: request.command.urgency, window: rules.moveWindow)
            for batch in MoveBatch.batches(of: set.instances) {
                if try retrieval.isCancelled() { break }
                try mover.move(batch, &retrieval)
            }
        }
        set.files.settle()
        try finish(retrieval, "C-MOVE", [("destination", target.words)])
    }

    private func finish(
        _ retrieval: Retrieval, _ operation: String, _ fields: [(name: String, value: String)]
    ) throws(AssociationFault) {
        try retrieval.finish()
        let counts = retrieval.counts
        var fields = fields
        fields += [
            ("instances", "\(counts.total)"), ("completed", "\(counts.completed)"), ("failed", "\(counts.failed)"),
            ("warning", "\(counts.warning)"), ("status", "\(counts.finalStatus(wasCancelled: retrieval.wasCancelled))"),
        ]
        if let reason = counts.firstFailure { fields.append(("reason", reason)) }
        log(ServiceEvent(counts.failed > 0 ? .warning : .info, operation, fields))
    }

    /// A failure before the first sub-operation: its counts are all zero.
    private func refuse(
        _ request: Message, _ refusal: RequestRefusal, _ operation: String, over association: Association
    ) throws(AssociationFault) {
        try association.send(
            .retrieveResponse(
                to: request.command, status: refusal.status, remaining: nil, completed: 0, failed: 0, warning: 0,
                comment: refusal.comment, offending: refusal.offending),
            in: request.contextID)
        log(
            ServiceEvent(
                .warning, "\(operation) refused",
                [("status", "\(refusal.status)"), ("reason", refusal.detail ?? refusal.comment)]))
    }
}
