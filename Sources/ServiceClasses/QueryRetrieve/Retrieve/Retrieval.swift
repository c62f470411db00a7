// One running C-GET or C-MOVE as its requester hears of it: pending responses, the final one, and the notice of a C-CANCEL.

import ArchiveIndex
import DICOM
import DIMSE
import Platform

/// The requester's side of a retrieval, on its association's thread.
struct Retrieval {
    /// Between pending responses at most: clients' timers must not fire, and tiny objects not be outnumbered by responses.
    static let pendingIntervalSeconds = 0.5

    let request: Message
    let requester: Association
    let tally: RetrievalTally
    private let log: ServiceLog
    private(set) var wasCancelled = false
    private var nextPending: Deadline?

    /// - Parameter roots: where the instances' files lie, for the log.
    init(request: Message, requester: Association, total: Int, roots: [Int: Path], log: @escaping ServiceLog) {
        self.request = request
        self.requester = requester
        self.log = log
        tally = RetrievalTally(total: total, roots: roots)
    }

    var counts: SubOperationCounts { tally.counts }

    /// Looks for a C-CANCEL without waiting.
    ///
    /// - Throws: when the requester's association has ended.
    mutating func isCancelled() throws(AssociationFault) -> Bool {
        if !wasCancelled { wasCancelled = try requester.isCancelled(request.command.messageID) }
        return wasCancelled
    }

    /// Waits for a C-CANCEL until a pending response is due or `news` is woken.
    ///
    /// - Throws: when the requester's association has ended.
    mutating func awaitCancel(orWoken news: WakeDescriptor) throws(AssociationFault) {
        let seconds = nextPending.map { $0.instant.seconds(since: .now()) } ?? Self.pendingIntervalSeconds
        wasCancelled = try requester.awaitCancel(
            of: request.command.messageID, withinSeconds: max(0, seconds), orWoken: news)
    }

    /// Records how one sub-operation ended; a pending response goes out with the first and then twice a second.
    mutating func record(_ outcome: SubOperation.Outcome, of reference: InstanceReference) throws(AssociationFault) {
        tally.record(outcome, of: reference)
        try report()
    }

    /// Records that none of `references` could be sent, and why.
    func recordAll(_ references: some Sequence<InstanceReference>, because reason: String) {
        tally.recordAll(references, because: reason)
    }

    /// A pending response where one is due, and what the log has yet to hear.
    mutating func report() throws(AssociationFault) {
        writeLog()
        guard nextPending?.hasPassed ?? true else { return }
        nextPending = Deadline(afterSeconds: Self.pendingIntervalSeconds)
        let counts = counts
        guard counts.remaining > 0 else { return }
        try requester.send(response(.pending, counts, comment: nil), in: request.contextID)
    }

    /// The final response with its Failed SOP Instance UID List. What is recorded later doesn't count.
    func finish() throws(AssociationFault) {
        tally.close()
        writeLog()
        let counts = counts
        let encoding = requester.encoding(of: request.contextID)
        let list = counts.failedInstanceList.flatMap { try? $0.encoded(as: encoding) }
        try requester.send(
            response(counts.finalStatus(wasCancelled: wasCancelled), counts, comment: counts.reason), dataSet: list,
            in: request.contextID)
    }

    /// The requester is gone: nobody hears of anything any more but the log.
    func abandon() {
        tally.close()
        writeLog()
    }

    private func writeLog() {
        for event in tally.takeEvents() { log(event) }
    }

    /// Remaining belongs in pending and cancel responses only (PS3.4 §C.4.2.1.6).
    private func response(_ status: Status, _ counts: SubOperationCounts, comment: String?) -> CommandSet {
        let saturated = SubOperationCounts.saturated
        return .retrieveResponse(
            to: request.command, status: status,
            remaining: status == .pending || status == .cancel ? saturated(counts.remaining) : nil,
            completed: saturated(counts.completed), failed: saturated(counts.failed),
            warning: saturated(counts.warning), comment: comment)
    }
}
