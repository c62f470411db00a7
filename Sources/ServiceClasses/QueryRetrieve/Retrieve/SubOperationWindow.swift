// C-STORE sub-operations over one association, as many outstanding at once as both sides agreed on (PS3.7 §D.3.3.3).
//
// Nobody can block forever on the other's full buffers: while we write a request the peer has at most as many responses to
// write as requests are outstanding, each a command set of some hundred bytes, which its send buffer and our receive buffer
// take in whether or not we read; and we read what has come before each request that we send.

import ArchiveIndex
import DIMSE
import UpperLayer

/// Sends instances, and matches the responses, which come in any order, by Message ID Being Responded To (PS3.7 §9.1.1.1).
///
/// What has ended is taken out with `takeEnded`, after a fault too.
struct SubOperationWindow {
    /// We keep no more outstanding, whatever a peer allows.
    static let maximum = 16

    /// A sub-operation that is over.
    struct Ended {
        let reference: InstanceReference
        let outcome: SubOperation.Outcome
    }

    private struct Outstanding {
        let messageID: UInt16
        let reference: InstanceReference
        let hasFileChanged: Bool
    }

    private let sender: SubOperation
    private let size: Int
    private var outstanding: [Outstanding] = []
    private var ended: [Ended] = []
    private var wasAnswered = false

    init(_ sender: SubOperation) {
        self.sender = sender
        let allowed = Int(sender.association.window.invoked)
        size = allowed == 0 ? Self.maximum : min(allowed, Self.maximum)
    }

    /// The instances whose responses haven't come, in the order in which they were sent.
    var unanswered: [InstanceReference] { outstanding.map(\.reference) }

    /// Where the association has broken off: which instance that was about is unknown, or a window was proposed, and never a
    /// response came.
    var isDoubtful: Bool {
        size > 1 || !wasAnswered && sender.association.own.asynchronousOperationsWindow != nil
    }

    /// Waits until one more may be outstanding: whoever may yet decide otherwise decides after it.
    mutating func awaitRoom() throws(AssociationFault) {
        while let response = try responseIfThere() { settle(response) }
        while outstanding.count >= size { settle(try awaitResponse()) }
    }

    /// Sends one instance, as soon as there is room.
    ///
    /// - Throws: what ends the association; `reference` is among the unanswered then.
    mutating func send(_ reference: InstanceReference) throws(AssociationFault) {
        do throws(AssociationFault) {
            try awaitRoom()
            switch try sender.send(reference) {
            case .unsent(let reason): ended.append(Ended(reference: reference, outcome: .unsent(reason: reason)))
            case .sent(let messageID, let hasFileChanged):
                outstanding.append(
                    Outstanding(messageID: messageID, reference: reference, hasFileChanged: hasFileChanged))
            }
        } catch {
            outstanding.append(Outstanding(messageID: 0, reference: reference, hasFileChanged: false))
            throw error
        }
    }

    /// Waits for one response; false when none is outstanding.
    mutating func awaitNext() throws(AssociationFault) -> Bool {
        guard !outstanding.isEmpty else { return false }
        settle(try awaitResponse())
        return true
    }

    /// What has ended since this was asked last.
    mutating func takeEnded() -> [Ended] {
        defer { ended = [] }
        return ended
    }

    private func responseIfThere() throws(AssociationFault) -> Message? {
        guard !outstanding.isEmpty else { return nil }
        return try sender.association.responseIfThere(toAnyOf: outstanding.map(\.messageID))
    }

    private func awaitResponse() throws(AssociationFault) -> Message {
        try sender.association.receiveResponse(toAnyOf: outstanding.map(\.messageID))
    }

    private mutating func settle(_ response: Message) {
        wasAnswered = true
        guard let index = outstanding.firstIndex(where: { $0.messageID == response.command.messageID }) else { return }
        let answered = outstanding.remove(at: index)
        // What went out can't be taken back, but it mustn't pass for the instance.
        let outcome =
            answered.hasFileChanged
            ? SubOperation.Outcome.unsent(reason: "the file changed while it was sent")
            : .answered(response.command.status)
        ended.append(Ended(reference: answered.reference, outcome: outcome))
    }
}
