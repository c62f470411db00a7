// The messages of one association to fileroom-qrd, from its first to its last.

import ArchiveIndex
import DICOM
import DIMSE
import Platform
import ServiceClasses
import UpperLayer

/// The messages of one association, until its end.
struct QueryRetrieveExchange {
    let association: Association
    let log: Logger
    let find: FindSCP
    let retrieve: RetrieveSCP

    /// Who was answered so shortly before the daemon ends is about to release the association: he has so long.
    private static let farewellSeconds = 2.0

    func run() {
        var lastAnswer = MonotonicInstant.now().advanced(bySeconds: -Self.farewellSeconds)
        while true {
            do throws(AssociationFault) {
                guard let message = try receive(lastAnswer) else { return log.info("association released") }
                try answer(message)
                lastAnswer = .now()
            } catch {
                switch error {
                case .tooLarge(let message, let limit):
                    let isFind = message.command.field == .findRequest
                    let status: Status = isFind ? .outOfResources : .unableToCalculateMatches
                    guard refuse(message, status, "identifier over \(limit) bytes") else { return }
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
        if let named = message.command.affectedSOPClassUID, named != syntax, message.command.field != .cancelRequest {
            _ = refuse(message, .sopClassNotSupported, "\(named) is not the SOP class of this context")
            return
        }
        switch (message.command.field, service?.operation) {
        case (.echoRequest, _):
            try Verification.answer(message, over: association)
            log.info("C-ECHO")
        case (.findRequest, .find?): try find.answer(message, model: service?.model ?? .studyRoot, over: association)
        case (.getRequest, .get?):
            try retrieve.answerGet(message, model: service?.model ?? .studyRoot, over: association)
        case (.moveRequest, .move?):
            try retrieve.answerMove(message, model: service?.model ?? .studyRoot, over: association)
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
