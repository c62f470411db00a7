// A command set (PS3.7 §6.3.1): what a message asks or answers. One type for all messages; its elements are group 0000.

import DICOM

/// The elements of a command set that mean something to us (PS3.7 §E.1). Absent and empty elements are nil.
package struct CommandSet: Equatable, Sendable {
    package var field: CommandField
    /// The operation's Message ID: (0000,0110) in a request, (0000,0120) in a response and in C-CANCEL-RQ.
    package var messageID: UInt16
    package var affectedSOPClassUID: UID?
    package var requestedSOPClassUID: UID?
    package var affectedSOPInstanceUID: UID?
    package var requestedSOPInstanceUID: UID?
    /// As sent; see `Priority` for the values that the standard has.
    package var priority: UInt16?
    /// A data set follows: Command Data Set Type (0000,0800) is not 0101H. `Association.send` sets it from what is sent.
    package var hasDataSet = false
    /// Of a response; success, and not encoded, in a request.
    package var status = Status.success
    /// Of C-MOVE-RQ: where the instances are to be sent.
    package var moveDestination: AETitle?
    /// Of C-STORE-RQ: whose C-MOVE the store is a sub-operation of, and that request's Message ID.
    package var moveOriginator: AETitle?
    package var moveOriginatorMessageID: UInt16?
    /// Numbers of sub-operations (0000,1020)–(0000,1023).
    package var remaining: UInt16?
    package var completed: UInt16?
    package var failed: UInt16?
    package var warning: UInt16?
    /// Elements of the request that the status is about (0000,0901).
    package var offendingElements: [Tag] = []
    /// At most 64 bytes of the default repertoire go out: more is cut, other characters become `?`.
    package var errorComment: String?
    package var errorID: UInt16?
    package var eventTypeID: UInt16?
    package var actionTypeID: UInt16?
    package var attributeIdentifiers: [Tag] = []
    /// Elements that were there with a value that their VR excludes, so that a response can name them. Never encoded.
    package var malformedElements: [Tag] = []

    package init(_ field: CommandField, messageID: UInt16) {
        self.field = field
        self.messageID = messageID
    }
}

// MARK: Requests

extension CommandSet {
    /// Verification (PS3.4 §A.4).
    package static let verificationSOPClass = UID(literal: "1.2.840.10008.1.1")

    /// C-ECHO-RQ (PS3.7 §9.3.5.1).
    package static func echoRequest(messageID: UInt16) -> CommandSet {
        var command = CommandSet(.echoRequest, messageID: messageID)
        command.affectedSOPClassUID = verificationSOPClass
        return command
    }

    /// C-STORE-RQ; the originator is named in sub-operations of a C-MOVE (PS3.7 §9.1.1.1).
    package static func storeRequest(
        messageID: UInt16, sopClass: UID, sopInstance: UID, priority: Priority = .medium,
        moveOriginator: AETitle? = nil, moveOriginatorMessageID: UInt16? = nil
    ) -> CommandSet {
        var command = CommandSet(.storeRequest, messageID: messageID)
        command.affectedSOPClassUID = sopClass
        command.affectedSOPInstanceUID = sopInstance
        command.priority = priority.rawValue
        command.moveOriginator = moveOriginator
        command.moveOriginatorMessageID = moveOriginatorMessageID
        return command
    }

    /// C-FIND-RQ (PS3.7 §9.3.2.1); the identifier goes with it as data set.
    package static func findRequest(messageID: UInt16, sopClass: UID, priority: Priority = .medium) -> CommandSet {
        request(.findRequest, messageID: messageID, sopClass: sopClass, priority: priority)
    }

    /// C-GET-RQ (PS3.7 §9.3.3.1); the identifier goes with it as data set.
    package static func getRequest(messageID: UInt16, sopClass: UID, priority: Priority = .medium) -> CommandSet {
        request(.getRequest, messageID: messageID, sopClass: sopClass, priority: priority)
    }

    /// C-MOVE-RQ (PS3.7 §9.3.4.1): to send what the identifier, its data set, names to `destination`.
    package static func moveRequest(
        messageID: UInt16, sopClass: UID, destination: AETitle, priority: Priority = .medium
    ) -> CommandSet {
        var command = request(.moveRequest, messageID: messageID, sopClass: sopClass, priority: priority)
        command.moveDestination = destination
        return command
    }

    /// C-CANCEL-RQ for the operation that `messageID` started.
    package static func cancelRequest(of messageID: UInt16) -> CommandSet {
        CommandSet(.cancelRequest, messageID: messageID)
    }

    private static func request(
        _ field: CommandField, messageID: UInt16, sopClass: UID, priority: Priority
    ) -> CommandSet {
        var command = CommandSet(field, messageID: messageID)
        command.affectedSOPClassUID = sopClass
        command.priority = priority.rawValue
        return command
    }
}

// MARK: Responses

extension CommandSet {
    /// The response to any request: its field, Message ID, SOP class and instance (Requested becomes Affected, PS3.7 §10.3).
    package static func response(
        to request: CommandSet, status: Status, comment: String? = nil, offending: [Tag] = []
    ) -> CommandSet {
        var command = CommandSet(request.field.response, messageID: request.messageID)
        command.affectedSOPClassUID = request.affectedSOPClassUID ?? request.requestedSOPClassUID
        command.affectedSOPInstanceUID = request.affectedSOPInstanceUID ?? request.requestedSOPInstanceUID
        command.status = status
        command.errorComment = comment
        command.offendingElements = offending
        return command
    }

    /// C-ECHO-RSP (PS3.7 §9.3.5.2).
    package static func echoResponse(to request: CommandSet, status: Status = .success) -> CommandSet {
        response(to: request, status: status)
    }

    /// C-STORE-RSP (PS3.7 §9.3.1.2).
    package static func storeResponse(
        to request: CommandSet, status: Status, comment: String? = nil, offending: [Tag] = []
    ) -> CommandSet {
        response(to: request, status: status, comment: comment, offending: offending)
    }

    /// C-FIND-RSP (PS3.7 §9.3.2.2); a pending one has the match as its data set.
    package static func findResponse(
        to request: CommandSet, status: Status, comment: String? = nil, offending: [Tag] = []
    ) -> CommandSet {
        response(to: request, status: status, comment: comment, offending: offending)
    }

    /// A response of C-MOVE or C-GET. `remaining` belongs only in pending and cancel (PS3.4 §C.4.2.1.6).
    package static func retrieveResponse(
        to request: CommandSet, status: Status, remaining: UInt16?, completed: UInt16, failed: UInt16, warning: UInt16,
        comment: String? = nil, offending: [Tag] = []
    ) -> CommandSet {
        var command = response(to: request, status: status, comment: comment, offending: offending)
        command.remaining = remaining
        command.completed = completed
        command.failed = failed
        command.warning = warning
        return command
    }

    /// The final response to a C-FIND, C-GET or C-MOVE that was cancelled before it was begun with: that of the latter two has
    /// its counts, of sub-operations that were completed, failed and warned (PS3.4 §C.4.2.1.5).
    package static func cancelledResponse(to request: CommandSet) -> CommandSet {
        guard request.field != .findRequest else { return findResponse(to: request, status: .cancel) }
        return retrieveResponse(to: request, status: .cancel, remaining: nil, completed: 0, failed: 0, warning: 0)
    }
}
