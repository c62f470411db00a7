// The messages of one association, from its first to its last.

import ArchiveIndex
import DICOM
import DIMSE
import Platform
import ServiceClasses
import UpperLayer

/// The messages of one association, until its end.
struct ArchiveExchange {
    let association: Association
    let log: Logger
    /// Nil what isn't provided.
    var find: FindSCP?
    var retrieve: RetrieveSCP?
    var store: StoreSCP?

    init(association: Association, log: Logger) {
        self.association = association
        self.log = log
    }

    /// Who was answered so shortly before the daemon ends is about to release the association: he has so long.
    private static let farewellSeconds = 2.0

    func run() {
        association.performMeanwhile = { (message) throws(AssociationFault) in try answer(message) }
        defer {
            association.performMeanwhile = nil
            store?.end()
        }
        var lastAnswer = MonotonicInstant.now().advanced(bySeconds: -Self.farewellSeconds)
        while true {
            do throws(AssociationFault) {
                guard let message = try receive(lastAnswer) else { return log.info("association released") }
                try answer(message)
                lastAnswer = .now()
            } catch {
                switch error {
                case .tooLarge(let message, let limit):
                    guard refuseTooLarge(message, limit) else { return }
                case .duplicate(let message):
                    guard refuse(message, .duplicateInvocation, "Message ID is that of an outstanding request") else {
                        return
                    }
                case .interrupted:
                    association.abort()
                    return log.info("association aborted: the daemon is ending")
                default:
                    association.abort()
                    return log.ended(by: error)
                }
            }
        }
    }

    /// The next message; nil when the association was released, also at the last moment.
    private func receive(_ lastAnswer: MonotonicInstant) throws(AssociationFault) -> Message? {
        do throws(AssociationFault) { return try association.receive() } catch {
            let isLeaving = MonotonicInstant.now().seconds(since: lastAnswer) < Self.farewellSeconds
            guard case .interrupted = error, isLeaving,
                association.awaitRelease(withinSeconds: Self.farewellSeconds)
            else { throw error }
            return nil
        }
    }

    private func answer(_ message: Message) throws(AssociationFault) {
        let syntax = association.context(message.contextID)?.abstractSyntax
        let service = syntax.flatMap { QueryRetrieveSOPClass.named($0) }
        // Of C-STORE its service says so, in its own words.
        let isJudgedHere = message.command.field != .cancelRequest && message.command.field != .storeRequest
        if isJudgedHere, let named = message.command.affectedSOPClassUID, named != syntax {
            _ = refuse(message, .sopClassNotSupported, "\(named) is not the SOP class of this context")
            return
        }
        let isCancellable = [.findRequest, .getRequest, .moveRequest].contains(message.command.field)
        if isCancellable, association.wasCancelled(message.command.messageID) {
            try association.send(.cancelledResponse(to: message.command), in: message.contextID)
            return log.info("\(message.command.field) cancelled before its turn")
        }
        let model = service?.model ?? .studyRoot
        switch (message.command.field, service?.operation) {
        case (.echoRequest, _):
            try Verification.answer(message, over: association)
            log.info("C-ECHO")
        case (.findRequest, .find?): try find?.answer(message, model: model, over: association)
        case (.getRequest, .get?): try retrieve?.answerGet(message, model: model, over: association)
        case (.moveRequest, .move?): try retrieve?.answerMove(message, model: model, over: association)
        case (.storeRequest, nil) where isStored(in: message.contextID): try store?.answer(message)
        case (.cancelRequest, _): break
        case (.findRequest, _), (.getRequest, _), (.moveRequest, _), (.storeRequest, _):
            _ = refuse(message, .sopClassNotSupported, "not a message of this presentation context")
        default:
            if message.command.field.isResponse {
                log.warn("a \(message.command.field) answers nothing that was asked")
                association.abort()
                throw .notEstablished
            }
            _ = refuse(message, .unrecognisedOperation, "\(message.command.field) is not provided")
        }
    }

    /// Whether C-STOREs of a context are ours to perform.
    private func isStored(in id: PresentationContextID) -> Bool {
        guard let store, let context = association.context(id) else { return false }
        return context.weMayBeSCP && store.isStorage(context.abstractSyntax)
    }

    private func refuseTooLarge(_ message: Message, _ limit: Int) -> Bool {
        // Of several outstanding requests (PS3.7 Annex C, 0213H); alone it would have had room.
        if limit < association.limits.dataSetBytes {
            return refuse(message, .resourceLimitation, "outstanding identifiers take too much memory")
        }
        return switch message.command.field {
        case .findRequest: refuse(message, .outOfResources, "identifier over \(limit) bytes")
        case .storeRequest: refuse(message, .sopClassNotSupported, "not a message of this presentation context")
        default: refuse(message, .unableToCalculateMatches, "identifier over \(limit) bytes")
        }
    }

    /// Answers with a failure; false when the association is over.
    private func refuse(_ message: Message, _ status: Status, _ comment: String) -> Bool {
        log.warn("\(message.command.field) refused", ("status", "\(status)"), ("reason", comment))
        do throws(AssociationFault) {
            try association.send(
                .response(to: message.command, status: status, comment: comment), in: message.contextID)
            return true
        } catch {
            log.ended(by: error)
            return false
        }
    }
}
