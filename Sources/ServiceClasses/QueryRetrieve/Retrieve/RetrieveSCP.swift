// C-GET and C-MOVE as SCP (PS3.4 §C.4.2, §C.4.3): the instances are fixed when the request arrives, then sent one by one.

import ArchiveIndex
import DICOM
import DIMSE
import Platform
import UpperLayer

/// Answers the C-GET and C-MOVE requests of one association.
package struct RetrieveSCP {
    /// Instances that are on their way when a C-CANCEL comes may arrive within so long.
    private static let graceSeconds = 0.5

    private let area: ServedArea
    private let rules: RetrieveRules
    private let moving: MoveRules
    private let limits: AssociationLimits
    private let destination: (AETitle) -> MoveDestination
    private let trace: (@Sendable (MessageTrace) -> Void)?
    private let log: ServiceLog

    /// - Parameters:
    ///   - limits: of the associations that a C-MOVE opens.
    ///   - destination: what a Move Destination (0000,0600) means for the caller.
    ///   - trace: of those associations, on threads of their own.
    package init(
        area: ServedArea, rules: RetrieveRules = RetrieveRules(), moving: MoveRules = MoveRules(),
        limits: AssociationLimits, destination: @escaping (AETitle) -> MoveDestination,
        trace: (@Sendable (MessageTrace) -> Void)? = nil, log: @escaping ServiceLog
    ) {
        self.area = area
        self.rules = rules
        self.moving = moving
        self.limits = limits
        self.destination = destination
        self.trace = trace
        self.log = log
    }

    /// Answers one C-GET-RQ: the sub-operations go over the same association (PS3.4 §C.4.3).
    ///
    /// - Throws: what ends the association.
    package func answerGet(
        _ request: Message, model: InformationModel, over association: Association
    ) throws(AssociationFault) {
        guard let set = try plan(request, model, "C-GET", over: association) else { return }
        defer { set.files.settle() }
        var retrieval = Retrieval(
            request: request, requester: association, total: set.instances.count, roots: set.files.roots, log: log)
        var window = SubOperationWindow(
            SubOperation(
                over: association, from: set.files, for: nil, priority: request.command.urgency,
                withoutBulkData: model == .compositeInstance,
                isStopped: {
                    // Of an association that has ended the next step says so.
                    (try? association.isCancelled(request.command.messageID)) ?? true
                }))
        do throws(AssociationFault) {
            try send(set.instances, &window, &retrieval)
        } catch {
            throw brokenOff(retrieval, "C-GET", [], error)
        }
        try finish(retrieval, "C-GET", [])
    }

    /// Sends all, and hears of each.
    private func send(
        _ instances: [InstanceReference], _ window: inout SubOperationWindow, _ retrieval: inout Retrieval
    ) throws(AssociationFault) {
        var rest = instances[...]
        var isOver = false
        while !isOver {
            try window.awaitRoom()
            if try !retrieval.isCancelled(), let reference = rest.popFirst() {
                try window.send(reference)
            } else {
                isOver = try !window.awaitNext()
            }
            for ended in window.takeEnded() { try retrieval.record(ended.outcome, of: ended.reference) }
        }
    }

    /// Answers one C-MOVE-RQ: the sub-operations go over associations of our own to the Move Destination (PS3.4 §C.4.2).
    ///
    /// - Throws: what ends the requester's association; what ends the destination's becomes a status.
    package func answerMove(
        _ request: Message, model: InformationModel, over association: Association
    ) throws(AssociationFault) {
        let target: MoveTarget
        do throws(RequestRefusal) {
            // An unknown destination comes before anything else (PS3.4 §C.4.2.1.5).
            target = try MoveTarget(request.command.moveDestination, destination)
        } catch {
            return try refuse(request, error, "C-MOVE", over: association)
        }
        guard let set = try plan(request, model, "C-MOVE", over: association) else { return }
        defer { set.files.settle() }
        var retrieval = Retrieval(
            request: request, requester: association, total: set.instances.count, roots: set.files.roots, log: log)
        let batches = MoveBatch.batches(of: set.instances)
        let plan = Mover.Plan(
            target: target, rules: moving, title: area.title, files: set.files,
            originator: MoveOriginator(title: association.callingAETitle, messageID: request.command.messageID),
            priority: request.command.urgency, limits: limits, trace: trace)
        let fields = [("destination", target.words)]
        do throws(AssociationFault) {
            if let mover = start(plan, batches, retrieval) { try attend(mover, &retrieval) }
        } catch {
            throw brokenOff(retrieval, "C-MOVE", fields, error)
        }
        // Before the final response: who hears of a failure finds the instance UNAVAILABLE.
        set.files.settle()
        try finish(retrieval, "C-MOVE", fields)
    }

    /// Nil where the system has no thread or descriptor left to send with: then all have failed.
    private func start(_ plan: Mover.Plan, _ batches: [MoveBatch], _ retrieval: Retrieval) -> Mover? {
        do throws(Errno) {
            let mover = try Mover(plan, retrieval.tally)
            try mover.start(batches)
            return mover
        } catch {
            for batch in batches {
                retrieval.recordAll(batch.instances, because: "nothing to send with: \(error.words)")
            }
            return nil
        }
    }

    /// Hears and tells the requester while `mover` sends.
    ///
    /// - Throws: what ends the requester's association. What becomes of sub-operations then is left to us (PS3.4
    ///   §C.4.2.3.1): nobody is left to report to, and they stop at once.
    private func attend(_ mover: Mover, _ retrieval: inout Retrieval) throws(AssociationFault) {
        do throws(AssociationFault) {
            while !mover.hasEnded, !retrieval.wasCancelled {
                try retrieval.awaitCancel(orWoken: mover.news)
                mover.news.clear()
                try retrieval.report()
            }
        } catch {
            mover.stop(graceSeconds: 0)
            throw error
        }
        if retrieval.wasCancelled { mover.stop(graceSeconds: Self.graceSeconds) }
    }

    /// The set of instances; nil when the request has been answered already.
    private func plan(
        _ request: Message, _ model: InformationModel, _ operation: String, over association: Association
    ) throws(AssociationFault) -> RetrieveSet? {
        do throws(PlanningFault) {
            let set = try RetrieveSet.plan(request, model: model, area: area, rules: rules, over: association)
            if let set { return set }
        } catch {
            switch error {
            case .refusal(let refusal): try refuse(request, refusal, operation, over: association)
            case .association(let fault): throw fault
            }
            return nil
        }
        // Nothing was started, and how much remains nobody knows.
        try refuse(
            request, RequestRefusal(.cancel, "cancelled before the first sub-operation"), operation, over: association)
        return nil
    }

    private func finish(
        _ retrieval: Retrieval, _ operation: String, _ fields: [(name: String, value: String)]
    ) throws(AssociationFault) {
        do throws(AssociationFault) { try retrieval.finish() } catch {
            throw brokenOff(retrieval, operation, fields, error)
        }
        let counts = retrieval.counts
        var fields = fields + counted(counts)
        fields.append(("status", "\(counts.finalStatus(wasCancelled: retrieval.wasCancelled))"))
        if let reason = counts.reason { fields.append(("reason", reason)) }
        log(ServiceEvent(counts.failed > 0 ? .warning : .info, operation, fields))
    }

    /// What became of a retrieval whose requester is gone: only the log hears it.
    private func brokenOff(
        _ retrieval: Retrieval, _ operation: String, _ fields: [(name: String, value: String)],
        _ fault: AssociationFault
    ) -> AssociationFault {
        retrieval.abandon()
        let fields = fields + counted(retrieval.counts) + [("reason", "the requester: \(fault)")]
        log(ServiceEvent(.warning, "\(operation) broken off", fields))
        return fault
    }

    private func counted(_ counts: SubOperationCounts) -> [(name: String, value: String)] {
        [
            ("instances", "\(counts.total)"), ("completed", "\(counts.completed)"), ("failed", "\(counts.failed)"),
            ("warning", "\(counts.warning)"),
        ]
    }

    /// The end before the first sub-operation: its counts are all zero.
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
