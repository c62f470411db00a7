// The message exchange in readable lines, for logs at level debug. Nothing is put into words unless somebody listens.

import DICOM
import UpperLayer

/// One PDU or message, sent or received, in words.
package struct MessageTrace: Equatable, Sendable {
    package enum Direction: String, Sendable { case sent, received }
    package let direction: Direction
    /// The name first, then one line for each context, element or key. Printable characters only.
    package let lines: [String]
}

/// Puts PDUs and messages into words for a hook.
struct Tracer {
    var hook: ((MessageTrace) -> Void)?

    func sent(_ pdu: PDU) { hook?(MessageTrace(direction: .sent, lines: Self.lines(pdu))) }
    func received(_ pdu: PDU) { hook?(MessageTrace(direction: .received, lines: Self.lines(pdu))) }

    func sent(_ command: CommandSet, dataSet: [UInt8]?, in context: AcceptedContext) {
        hook?(MessageTrace(direction: .sent, lines: Self.lines(command, dataSet: dataSet, in: context)))
    }

    func received(_ command: CommandSet, dataSet: [UInt8]?, in context: AcceptedContext) {
        hook?(MessageTrace(direction: .received, lines: Self.lines(command, dataSet: dataSet, in: context)))
    }

    // MARK: PDUs

    private static func lines(_ pdu: PDU) -> [String] {
        switch pdu {
        case .associateRequest(let request): lines(request)
        case .associateAccept(let accept): lines(accept)
        case .associateReject(let reject): ["A-ASSOCIATE-RJ \(reject)"]
        case .abort(let abort): ["A-ABORT \(abort)"]
        case .dataTransfer, .releaseRequest, .releaseResponse: ["\(pdu.kind)"]
        }
    }

    private static func lines(_ request: AssociateRequest) -> [String] {
        let calling = request.callingAETitle?.text ?? "(none)"
        let called = request.calledAETitle?.text ?? "(none)"
        let contexts = request.presentationContexts.map { context in
            "  context \(context.id): \(name(context.abstractSyntax)); "
                + context.transferSyntaxes.map(name).joined(separator: ", ")
        }
        return ["A-ASSOCIATE-RQ \(calling) -> \(called)"] + contexts + lines(request.userInformation)
    }

    private static func lines(_ accept: AssociateAccept) -> [String] {
        let contexts = accept.presentationContexts.map { context in
            "  context \(context.id): " + (context.transferSyntax.map(name) ?? "\(context.result)")
        }
        return ["A-ASSOCIATE-AC"] + contexts + lines(accept.userInformation)
    }

    private static func lines(_ user: UserInformation) -> [String] {
        let version = user.implementationVersionName.map { " \($0)" } ?? ""
        let implementation = (user.implementationClassUID?.text ?? "unnamed") + version
        var lines = ["  maximum length \(user.maximumLength), implementation \(implementation)"]
        lines += user.roles.map { role in
            "  role \(name(role.sopClass)): " + (role.isSCU ? "SCU" : "") + (role.isSCU && role.isSCP ? "+" : "")
                + (role.isSCP ? "SCP" : "")
        }
        lines += user.extendedNegotiations.map { item in
            "  extended negotiation \(name(item.sopClass)): "
                + item.information.map { hexadecimal($0, digits: 2).dropLast() }.joined(separator: " ")
        }
        if let identity = user.userIdentity { lines.append("  user identity of type \(identity.type)") }
        return lines
    }

    // MARK: Messages

    private static func lines(_ command: CommandSet, dataSet: [UInt8]?, in context: AcceptedContext) -> [String] {
        var words = "\(command.field) message \(command.messageID) context \(context.id)"
        if command.field.isResponse { words += " status \(command.status)" }
        var lines = [words]
        func add(_ name: String, _ value: (some CustomStringConvertible)?) {
            if let value { lines.append("  \(name): \(value)") }
        }
        add("Affected SOP Class", command.affectedSOPClassUID.map(name))
        add("Requested SOP Class", command.requestedSOPClassUID.map(name))
        add("Affected SOP Instance", command.affectedSOPInstanceUID)
        add("Requested SOP Instance", command.requestedSOPInstanceUID)
        add("Move Destination", command.moveDestination)
        add("Move Originator", command.moveOriginator)
        add("Remaining", command.remaining)
        add("Completed", command.completed)
        add("Failed", command.failed)
        add("Warning", command.warning)
        if !command.offendingElements.isEmpty { add("Offending Element", "\(command.offendingElements)") }
        add("Error Comment", command.errorComment)
        if let dataSet { lines += DataSetWords.lines(dataSet, transferSyntax: context.transferSyntax) }
        return lines
    }

    /// A UID, with its name where the dictionary knows one.
    private static func name(_ uid: UID) -> String {
        SOPClass.named(uid)?.name ?? TransferSyntax.named(uid)?.name ?? uid.text
    }
}
