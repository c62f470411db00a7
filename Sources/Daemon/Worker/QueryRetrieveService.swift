// What fileroom-qrd does with an association: C-ECHO, C-FIND, C-GET and C-MOVE on the area that was called.

import ArchiveIndex
import Configuration
import DICOM
import DIMSE
import Platform
import ServiceClasses
import UpperLayer

/// Serves associations for query and retrieval, each on a thread of its own.
struct QueryRetrieveService: ConnectionService {
    private let gate: Gate
    private let limits: AssociationLimits
    private let options: MatchingOptions
    private let encoding: ResponseEncoding

    init(_ settings: Settings) {
        gate = Gate(settings)
        limits = AssociationLimits(settings)
        options = MatchingOptions(settings)
        encoding = ResponseEncoding(settings.responseCharacterSet)
    }

    /// Takes an association from its first byte to its end. What happens is logged; nothing is thrown.
    func serve(_ socket: consuming sending Socket, wake: WakeDescriptor, isFull: Bool, log: Logger) {
        var log = log
        var admitted: (entry: StorageAreaEntry, area: ServedArea, peer: SocketAddress)?
        let association: Association
        do throws(AssociationFault) {
            association = try Association.accept(socket, limits: limits, wake: wake, trace: log.tracer) {
                request, peer in
                log = log.about(
                    calling: request.callingAETitle?.text ?? "", called: request.calledAETitle?.text ?? "")
                if isFull {
                    log.warn("association rejected: too many associations")
                    return .reject(.localLimitExceeded)
                }
                switch gate.judge(calling: request.callingAETitle, called: request.calledAETitle, from: peer) {
                case .refused(let reject, let reason):
                    log.warn("association rejected: \(reason)")
                    return .reject(reject)
                case .admitted(let entry, let area):
                    admitted = (entry, area, peer)
                    return .accept(PresentationPolicy.queryRetrieve)
                }
            }
        } catch {
            return log.ended(by: error)
        }
        guard let admitted else { return association.abort() }
        association.trace = log.tracer
        log.info("association accepted", ("contexts", "\(association.contexts.count)"))
        let exchange = QueryRetrieveExchange(
            association: association, log: log,
            find: FindSCP(area: admitted.area, options: options, encoding: encoding, log: log.record),
            retrieve: RetrieveSCP(
                area: admitted.area, limits: limits, wake: wake,
                destination: { gate.destination($0, area: admitted.entry, caller: admitted.peer) }, log: log.record))
        exchange.run()
    }
}

/// The messages of one association, until its end.
private struct QueryRetrieveExchange {
    let association: Association
    let log: Logger
    let find: FindSCP
    let retrieve: RetrieveSCP

    func run() {
        while true {
            do throws(AssociationFault) {
                guard let message = try association.receive() else { return log.info("association released") }
                try answer(message)
            } catch {
                switch error {
                case .tooLarge(let message, let limit):
                    guard refuse(message, .outOfResources, "identifier over \(limit) bytes") else { return }
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

    private func answer(_ message: Message) throws(AssociationFault) {
        let syntax = association.context(message.contextID)?.abstractSyntax
        let service = syntax.flatMap { QueryRetrieveSOPClass.named($0) }
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
