// Messages from the peer: whole ones, in order; C-CANCEL-RQs are set aside for whoever performs the operation.

import DICOM
import Platform
import UpperLayer

extension Association {
    /// Waits for the next message that starts or answers something; of several that have arrived, the most urgent.
    ///
    /// A C-CANCEL-RQ for an operation that is over means nothing any more and is passed over.
    ///
    /// - Returns: nil when the peer released the association; A-RELEASE-RP is sent, the connection closed.
    /// - Throws: `.tooLarge` for a message whose data set passed the limit, `.duplicate` for one whose Message ID is taken: they
    ///   can be answered. `.interrupted` when the wake descriptor woke the wait between messages: the association lives.
    ///   Else it is over.
    package func receive() throws(AssociationFault) -> Message? {
        // What is over was cancelled for good: its Message ID may come again, with another operation.
        if let performing { cancelled.remove(performing) }
        performing = nil
        receivedSink = nil
        while arrived.isEmpty {
            guard try advance(.nextMessage, seconds: limits.idleSeconds, isIdle: true) else { return nil }
        }
        if isWindowed { guard try lookAhead() else { return nil } }
        let index = mostUrgent
        let next = arrived[index].command
        cancelled.formIntersection(arrived.map(\.command.messageID))
        if !next.field.isResponse { performing = next.messageID }
        return try take(at: index)
    }

    /// Waits for the peer to release the association, at most so long, and passes over what it sends instead.
    ///
    /// - Returns: whether it did; else the association is over.
    package func awaitRelease(withinSeconds seconds: Double) -> Bool {
        let end = Link.End(of: .nextMessage, in: seconds, from: link.transport.nowSeconds)
        do throws(AssociationFault) {
            while try advance(.nextMessage, seconds: seconds, end: end, isIdle: false) { arrived = [] }
            return true
        } catch {
            return false
        }
    }

    /// Waits for a response to our request `messageID`, `responseSeconds` at most until it is whole. Other messages wait for
    /// `receive`.
    ///
    /// - Throws: `.closed(.response)` also when the peer released the association instead.
    package func receiveResponse(to messageID: UInt16) throws(AssociationFault) -> Message {
        try receiveResponse(toAnyOf: [messageID])
    }

    /// The same for the first response that comes to one of several outstanding requests.
    package func receiveResponse(toAnyOf messageIDs: [UInt16]) throws(AssociationFault) -> Message {
        let end = Link.End(of: .response, in: limits.responseSeconds, from: link.transport.nowSeconds)
        while true {
            if let index = firstResponse(toAnyOf: messageIDs) { return try take(at: index) }
            guard !isQueueFull else {
                throw link.violate(.tooManyMessages, .notSpecified)
            }
            guard try advance(.response, seconds: limits.responseSeconds, end: end, isIdle: false) else {
                throw .closed(.response)
            }
        }
    }

    /// A response to one of several outstanding requests as far as one has arrived; nil, without waiting, when none has.
    package func responseIfThere(toAnyOf messageIDs: [UInt16]) throws(AssociationFault) -> Message? {
        var eventsLeft = Self.eventsPerLook
        while true {
            if let index = firstResponse(toAnyOf: messageIDs) { return try take(at: index) }
            guard !isQueueFull else { throw link.violate(.tooManyMessages, .notSpecified) }
            guard eventsLeft > 0, let actions = try link.advanceWithoutWaiting(.response) else { return nil }
            guard try take(actions) else { throw .closed(.response) }
            eventsLeft -= 1
        }
    }

    private func firstResponse(toAnyOf messageIDs: [UInt16]) -> Int? {
        arrived.firstIndex { arrival in
            let command = arrival.command
            return command.field.isResponse && messageIDs.contains(command.messageID)
        }
    }

    /// Looks, without waiting, whether a C-CANCEL-RQ for `messageID` has arrived. Other messages wait for `receive`.
    ///
    /// - Throws: when the association has ended meanwhile; a release in the middle of an operation counts as such, and so do
    ///   more messages than are kept, behind which nobody would see a cancel. `.interrupted` when `cut` was woken.
    package func isCancelled(_ messageID: UInt16) throws(AssociationFault) -> Bool {
        if isCut { throw .interrupted(.nextMessage) }
        performing = messageID
        try look(for: messageID)
        if isWindowed { try performEchoes() }
        return cancelled.contains(messageID)
    }

    private func look(for messageID: UInt16) throws(AssociationFault) {
        var eventsLeft = Self.eventsPerLook
        while !cancelled.contains(messageID), eventsLeft > 0 {
            if isQueueFull { throw link.violate(.tooManyMessages, .notSpecified) }
            guard let actions = try link.advanceWithoutWaiting(.nextMessage) else { return }
            guard try take(actions) else { throw .closed(.message) }
            eventsLeft -= 1
        }
    }

    /// The same for one who has nothing else to do for so long, or until `other` is woken.
    ///
    /// - Throws: as `isCancelled`.
    package func awaitCancel(
        of messageID: UInt16, withinSeconds seconds: Double, orWoken other: WakeDescriptor
    ) throws(AssociationFault) -> Bool {
        if try isCancelled(messageID) { return true }
        // A wait that fails is over; the look that follows says what happened.
        _ = try? link.transport.waitToReceive(untilSeconds: link.transport.nowSeconds + seconds, orWoken: other)
        return try isCancelled(messageID)
    }

    /// A peer that never stops sending keeps nobody from its work.
    private static let eventsPerLook = 64
    static let longestQueue = 64

    /// Messages kept while something else is awaited: so many, or as many bytes as the longest data set. Nobody may send so
    /// much unasked: operations aren't asynchronous where that wasn't negotiated (PS3.7 §D.3.3.3). Where it was, more bytes
    /// aren't kept.
    private var isQueueFull: Bool {
        arrived.count >= Self.longestQueue || !isWindowed && heldBytes >= limits.dataSetBytes
    }

    /// Lets one event happen. False when the peer released the association.
    private func advance(
        _ stage: AssociationFault.Stage, seconds: Double, end: Link.End? = nil, isIdle: Bool
    ) throws(AssociationFault) -> Bool {
        let isInsideMessage = openCommand != nil || !assembler.isBetweenMessages
        let waiting =
            isInsideMessage
            ? Link.Waiting(stage: .message, seconds: limits.messageSeconds, end: end)
            : Link.Waiting(stage: stage, seconds: seconds, end: end, isWakeable: isIdle, isIdle: true)
        return try take(try link.advance(waiting))
    }

    /// Carries out what the machine left to the user. False when the peer released the association.
    func take(_ actions: [AssociationAction]) throws(AssociationFault) -> Bool {
        for action in actions {
            switch action {
            case .indicateData: try takeData()
            case .indicateRelease:
                willRelease?()
                try link.handle(.releaseAnswered)
                link.awaitClose()
                return false
            default: break
            }
        }
        return true
    }

    /// Assembles what one P-DATA-TF brought.
    func takeData() throws(AssociationFault) {
        var offset = 0
        while let piece = try nextPiece(from: &offset) {
            switch piece {
            case .command(let id, let bytes): try takeCommand(bytes, in: id)
            case .dataSet(let id, let bytes): finish(in: id, dataSet: bytes)
            case .dataSetOverLimit(let id): finish(in: id, dataSet: nil)
            case .fragment(let id, let range, let isLast): try passOn(range, isLast: isLast, in: id)
            }
        }
    }

    private func nextPiece(from offset: inout Int) throws(AssociationFault) -> PDataAssembler.Piece? {
        let received = link.received
        do throws(PDataFault) {
            return try assembler.take(received.rawSpan.extracting(link.dataBody), from: &offset)
        } catch {
            throw link.violate(.data(error), error.abort)
        }
    }

    private func takeCommand(_ bytes: [UInt8], in id: PresentationContextID) throws(AssociationFault) {
        let command: CommandSet
        do throws(DecodingFault) {
            command = try CommandSet(decoding: bytes.rawSpan)
        } catch {
            // A command set is the user's matter, not the provider's (PS3.8 §9.3.8).
            link.abort()
            throw .violated(.commandSet(error), answer: .user)
        }
        if command.hasDataSet {
            openCommand = command
            if let sink, let context = context(id) { openSink = sink(command, context) }
            if openSink == nil {
                assembler.expectDataSet(limitBytes: dataSetLimitBytes)
            } else {
                assembler.passOnDataSet()
                link.expectsMuch = true
            }
            return
        }
        link.finishMessage()
        trace(command, dataSet: nil, in: id)
        if command.field == .cancelRequest {
            takeCancel(command.messageID)
        } else {
            keep(Message(contextID: id, command: command))
        }
    }

    /// Remembers a cancel of what is being performed or waits to be; any other comes too late.
    private func takeCancel(_ messageID: UInt16) {
        if isOutstanding(messageID) { cancelled.insert(messageID) }
    }

    /// Gives the sink the next bytes of its data set.
    private func passOn(
        _ range: Range<Int>, isLast: Bool, in id: PresentationContextID
    ) throws(AssociationFault) {
        let received = link.received
        openSink?.take(received.rawSpan.extracting(link.dataBody).extracting(range))
        if let words = openSink?.endlessness {
            // The user's matter, too.
            link.abort()
            throw .violated(.endlessDataSet(words), answer: .user)
        }
        guard isLast, let command = openCommand else { return }
        let sink = openSink
        openCommand = nil
        openSink = nil
        link.expectsMuch = false
        link.finishMessage()
        trace(command, dataSet: nil, in: id)
        keep(Message(contextID: id, command: command), sink: sink)
    }

    /// The open command's data set is complete; nil when it passed the limit.
    private func finish(in id: PresentationContextID, dataSet: [UInt8]?) {
        guard let command = openCommand else { return }
        openCommand = nil
        link.finishMessage()
        trace(command, dataSet: dataSet, in: id)
        let message = Message(contextID: id, command: command, dataSet: dataSet)
        guard dataSet == nil else { return keep(message) }
        arrived.append(.tooLarge(message, limitBytes: dataSetLimitBytes))
    }

    private func trace(_ command: CommandSet, dataSet: [UInt8]?, in id: PresentationContextID) {
        guard link.tracer.hook != nil, let context = context(id) else { return }
        link.tracer.received(command, dataSet: dataSet, in: context)
    }

    /// Gives out what has arrived at `index`.
    func take(at index: Int) throws(AssociationFault) -> Message {
        switch arrived.remove(at: index) {
        case .message(let message, let sink):
            receivedSink = sink
            return message
        case .tooLarge(let message, let limit): throw .tooLarge(message, limitBytes: limit)
        case .duplicate(let message): throw .duplicate(message)
        }
    }
}
