// Drives the upper layer's state machine over a transport: reads PDUs, makes events of them, carries the actions out.
// What is for the user of the association comes back as actions; how it ended comes as a fault.

import DICOM
import Platform
import UpperLayer

/// One association's machine, stream, clock and receive buffer. Used by one thread.
final class Link {
    let transport: any Transport
    let limits: AssociationLimits
    private(set) var machine = AssociationStateMachine()
    var tracer = Tracer()
    private var held = HeldPDUs()

    private var buffer = ReceiveBuffer()
    /// Where in `received` the body of the P-DATA-TF is that the last `.indicateData` is about.
    private(set) var dataBody = 0..<0
    /// Where PDUs begin is no longer known: what still arrives is passed over.
    private var isFramingLost = false
    /// What the last invalid PDU was, for the log.
    private var violation: ProtocolViolation?
    /// When ARTIM expires; nil while it is stopped.
    private var timerSeconds: Double?
    private var pace = Pace()
    /// A data set of any length is arriving.
    var expectsMuch = false
    private var isTransportOpen = true
    private var receivedBytes = 0
    /// An idle association keeps no buffer.
    private static let bufferKeptSeconds = 0.1
    /// What is passed over before a close that the peer owes us.
    private static let passedOverMaximumBytes = 16 << 20

    init(_ transport: any Transport, limits: AssociationLimits) {
        self.transport = transport
        self.limits = limits
    }

    // MARK: Events

    /// Waits for the peer's next event, lets the machine decide and carries its actions out.
    ///
    /// - Returns: the actions that are for the user.
    /// - Throws: when the association ended with the event, after what had to be sent was sent.
    func advance(_ waiting: Waiting) throws(AssociationFault) -> [AssociationAction] {
        try conclude(try nextEvent(waiting), stage: waiting.stage)
    }

    /// The same for an event that is there already; nil when none is.
    func advanceWithoutWaiting(_ stage: AssociationFault.Stage) throws(AssociationFault) -> [AssociationAction]? {
        guard let event = try bufferedEvent() else { return nil }
        return try conclude(event, stage: stage)
    }

    private func conclude(
        _ event: AssociationEvent, stage: AssociationFault.Stage
    ) throws(AssociationFault) -> [AssociationAction] {
        let before = machine.state
        let actions = try handle(event)
        switch event {
        case .transportClosed:
            close()
            throw .closed(stage)
        case .timerExpired:
            throw .timedOut(stage, seconds: timerLength(in: before))
        case .abortArrived(let abort):
            throw .aborted(abort)
        case .rejectArrived(let reject) where actions.contains(.confirmReject(reject)):
            throw .rejected(reject)
        case .requestArrived where before == .awaitingRequest && machine.state == .awaitingClose:
            awaitClose()
            throw .refused(.protocolVersionNotSupported)
        default: break
        }
        guard machine.state == .awaitingClose, before != .awaitingClose else { return actions }
        let answer = sentAbort ?? .user
        let broken = violation ?? .unexpectedPDU(Self.name(of: event), state: before)
        awaitClose()
        throw .violated(broken, answer: answer)
    }

    /// The A-ABORT that the last event was answered with.
    private var sentAbort: Abort?

    /// Takes one event and carries out what is ours: sending, the timer, closing.
    @discardableResult
    func handle(_ event: AssociationEvent) throws(AssociationFault) -> [AssociationAction] {
        sentAbort = nil
        var forUser: [AssociationAction] = []
        for action in machine.handle(event) {
            switch action {
            case .send(let pdu):
                if case .abort(let abort) = pdu { sentAbort = abort }
                try send(pdu)
            case .startTimer: timerSeconds = transport.nowSeconds + timerLength(in: machine.state)
            case .stopTimer: timerSeconds = nil
            case .closeTransport: close()
            case .connect, .sendData, .decide, .confirmAccept, .confirmReject, .indicateData, .indicateRelease,
                .confirmRelease, .indicateAbort, .indicateProviderAbort:
                forUser.append(action)
            }
        }
        return forUser
    }

    /// ARTIM has one name and two lengths (PS3.8 §9.1.5): a stranger's first PDU may take longer than a farewell.
    private func timerLength(in state: AssociationState) -> Double {
        state == .awaitingRequest ? limits.associateSeconds : limits.closeSeconds
    }

    private static func name(of event: AssociationEvent) -> String {
        switch event {
        case .acceptArrived: PDU.Kind.associateAccept.description
        case .rejectArrived: PDU.Kind.associateReject.description
        case .requestArrived: PDU.Kind.associateRequest.description
        case .dataArrived: PDU.Kind.dataTransfer.description
        case .releaseRequestArrived: PDU.Kind.releaseRequest.description
        case .releaseResponseArrived: PDU.Kind.releaseResponse.description
        default: "PDU"
        }
    }

    /// The peer broke the protocol in what a PDU held: the machine answers with `abort`, and the association ends.
    func violate(_ violation: ProtocolViolation, _ abort: Abort) -> AssociationFault {
        do throws(AssociationFault) {
            try handle(.invalidPDUArrived(abort))
        } catch {
            return .violated(violation, answer: abort)
        }
        let answer = sentAbort ?? abort
        awaitClose()
        return .violated(violation, answer: answer)
    }

    /// Aborts as the user of the association, and waits for the peer's close.
    func abort() {
        do throws(AssociationFault) {
            try handle(.abortRequested)
        } catch {
            close()
        }
        awaitClose()
        close()
    }

    // MARK: Sending

    /// Sends one PDU. When that fails the connection is lost: the machine hears of it, and the fault says why.
    private func send(_ pdu: PDU) throws(AssociationFault) {
        tracer.sent(pdu)
        let bytes = pdu.encoded()
        // An A-ABORT is the last that is said: who doesn't take it needs no longer wait than for a farewell.
        let isAbort = if case .abort = pdu { true } else { false }
        try send(
            [bytes], [GatherPiece(buffer: 0, range: 0..<bytes.count)],
            blockedSeconds: isAbort ? limits.closeSeconds : limits.blockedSendSeconds)
    }

    /// Sends bytes of whole PDUs.
    func send(_ buffers: [[UInt8]], _ pieces: [GatherPiece]) throws(AssociationFault) {
        try send(buffers, pieces, blockedSeconds: limits.blockedSendSeconds)
    }

    /// Keeps bytes of whole PDUs until something else is sent, the peer is waited for, or they are many or old.
    func hold(_ pdus: [UInt8]) throws(AssociationFault) {
        held.append(pdus, nowSeconds: transport.nowSeconds)
        try sendHeldWhereDue()
    }

    /// Nobody waits longer for what there is to be said.
    func sendHeldWhereDue() throws(AssociationFault) {
        if held.isDue(nowSeconds: transport.nowSeconds) { try send([], []) }
    }

    private func send(
        _ buffers: [[UInt8]], _ pieces: [GatherPiece], blockedSeconds: Double
    ) throws(AssociationFault) {
        guard isTransportOpen else { throw .notEstablished }
        var (buffers, pieces) = (buffers, pieces)
        if !held.isEmpty {
            pieces.insert(GatherPiece(buffer: buffers.count, range: 0..<held.bytes.count), at: 0)
            buffers.append(held.take())
        }
        do throws(TransportFault) {
            try transport.send(buffers, pieces, timeoutSeconds: blockedSeconds)
        } catch {
            let fault: AssociationFault =
                switch error {
                case .closed: explanationOfClose()
                case .blocked: .sendBlocked(seconds: blockedSeconds)
                case .woken: .interrupted(.sending)
                case .system(let operation, let errno): .transport(operation, errno)
                }
            _ = machine.handle(.transportClosed)
            close()
            throw fault
        }
    }

    /// A peer that aborts closes at once, and our next write fails before its A-ABORT was read: look whether one is there.
    private func explanationOfClose() -> AssociationFault {
        for _ in 0..<16 {
            guard let event = try? bufferedEvent() else { break }
            if case .abortArrived(let abort) = event { return .aborted(abort) }
        }
        return .closed(.sending)
    }

    // MARK: Receiving

    /// The next event, waited for.
    private func nextEvent(_ waiting: Waiting) throws(AssociationFault) -> AssociationEvent {
        if !held.isEmpty { try send([], []) }
        var deadline = transport.nowSeconds + waiting.seconds
        while true {
            // Looked at first: a peer that never stops sending mustn't stop the clock.
            if let timerSeconds, transport.nowSeconds >= timerSeconds { return .timerExpired }
            if let end = waiting.end, transport.nowSeconds >= end.atSeconds {
                throw giveUp(.timedOut(end.stage, seconds: end.seconds))
            }
            if let event = try bufferedEvent() { return event }
            let isInsidePDU = !buffer.unread.isEmpty && !isFramingLost
            let started = transport.nowSeconds
            if isInsidePDU { deadline = started + limits.messageSeconds }
            let isWakeable = waiting.isWakeable && !isInsidePDU
            // Who goes on at once needs the buffer again.
            let release =
                waiting.isIdle && !isInsidePDU && buffer.isHeld ? started + Self.bufferKeptSeconds : .infinity
            let end = min(deadline, timerSeconds ?? .infinity, waiting.end?.atSeconds ?? .infinity, release)
            switch try wait(untilSeconds: end, isWakeable: isWakeable) {
            case .woken: throw .interrupted(waiting.stage)
            case .timedOut:
                if transport.nowSeconds >= release { buffer.release() }
                if transport.nowSeconds < deadline { continue }
                throw giveUp(
                    .timedOut(
                        isInsidePDU ? .message : waiting.stage,
                        seconds: isInsidePDU ? limits.messageSeconds : waiting.seconds))
            case .ready: break
            }
            if isInsidePDU || !waiting.isIdle {
                let isTooSlow = pace.waited(transport.nowSeconds - started, limits: limits)
                if isTooSlow { throw giveUp(.tooSlow(bytesPerSecond: pace.bytesPerSecond)) }
            }
        }
    }

    /// Ends the association for a reason of ours.
    private func giveUp(_ fault: AssociationFault) -> AssociationFault {
        abort()
        return fault
    }

    private func wait(
        untilSeconds end: Double, isWakeable: Bool
    ) throws(AssociationFault) -> TransportReadiness {
        do throws(TransportFault) {
            return try transport.waitToReceive(untilSeconds: end, isWakeable: isWakeable)
        } catch {
            // The read that follows says what happened.
            return .ready
        }
    }

    /// The next event from what has arrived, without waiting; nil when no whole PDU is there yet.
    func bufferedEvent() throws(AssociationFault) -> AssociationEvent? {
        guard isTransportOpen else { return .transportClosed }
        while true {
            if let event = parse() { return event }
            guard let count = receive() else { return nil }
            guard count > 0 else { return .transportClosed }
            pace.received(count)
            receivedBytes += count
            if isFramingLost {
                buffer.consumeAll()
                return nil
            }
        }
    }

    /// Reads once. A broken stream reads as closed.
    private func receive() -> Int? {
        buffer.fill(expectsMuch: expectsMuch) { [transport] bytes, offset in
            do throws(TransportFault) {
                return try transport.receive(into: &bytes, at: offset)
            } catch {
                return 0
            }
        }
    }

    /// The storage that `dataBody` is a range of.
    var received: [UInt8] { buffer.bytes }

    /// Makes an event of the first PDU that is there; nil when it isn't whole.
    private func parse() -> AssociationEvent? {
        guard !isFramingLost, let first = buffer.unread.first else { return nil }
        // A local, because a span can't be had of a class's stored property; no byte is copied.
        let bytes = buffer.bytes
        guard PDU.Kind(rawValue: bytes[first]) != nil else { return loseFraming(unrecognised(bytes[buffer.unread])) }
        let arrived = bytes.rawSpan.extracting(buffer.unread)
        guard let header = try? PDUHeader(decoding: arrived), let kind = header.kind else { return nil }
        let limit = longestBody(of: kind)
        guard header.bodyBytes <= limit else {
            return loseFraming(
                (.tooLong(kind.description, lengthBytes: header.bodyBytes, limitBytes: limit), .invalidParameterValue))
        }
        guard header.bodyBytes <= buffer.unread.count - PDUHeader.bytes else { return nil }
        let start = first + PDUHeader.bytes
        let body = start..<(start + header.bodyBytes)
        buffer.consume(PDUHeader.bytes + header.bodyBytes)
        if kind == .dataTransfer {
            dataBody = body
            return .dataArrived
        }
        do throws(DecodingFault) {
            let pdu = try PDU(kind, decoding: bytes.rawSpan.extracting(body), limits: limits.associate)
            tracer.received(pdu)
            return .init(arrived: pdu)
        } catch {
            violation = .malformed(kind.description, error)
            return .invalidPDUArrived(.invalidParameterValue)
        }
    }

    private func unrecognised(_ arrived: ArraySlice<UInt8>) -> (ProtocolViolation, Abort) {
        let first = Array(arrived.prefix(16))
        let isFirstPDU = machine.state == .awaitingRequest || machine.state == .awaitingAnswer
        return (isFirstPDU ? .notDICOM(firstBytes: first) : .unrecognisedPDU(type: first[0]), .unrecognisedPDU)
    }

    private func loseFraming(_ cause: (violation: ProtocolViolation, abort: Abort)) -> AssociationEvent {
        violation = cause.violation
        isFramingLost = true
        return .invalidPDUArrived(cause.abort)
    }

    /// A P-DATA-TF may be as long as we announced, an A-ASSOCIATE as its limit allows, the others are 4 bytes and some grace.
    private func longestBody(of kind: PDU.Kind) -> Int {
        switch kind {
        case .dataTransfer: limits.receivePDUBytes
        case .associateRequest, .associateAccept: limits.associate.pduBytes
        case .associateReject, .releaseRequest, .releaseResponse, .abort: 1024
        }
    }

    /// A message is complete: how long it took no longer matters.
    func finishMessage() { pace = Pace() }

    // MARK: Closing

    /// State 13: says no more, and passes over what arrives until the peer closes or ARTIM expires.
    func awaitClose() {
        transport.finishSending()
        let maximumBytes = receivedBytes + Self.passedOverMaximumBytes
        while machine.state == .awaitingClose, receivedBytes < maximumBytes {
            do throws(AssociationFault) {
                // Looked at first: a peer that never stops sending mustn't stop the clock.
                let end = timerSeconds ?? 0
                if transport.nowSeconds >= end {
                    try handle(.timerExpired)
                } else if let event = try bufferedEvent() {
                    try handle(event)
                } else if try wait(untilSeconds: end, isWakeable: false) == .woken {
                    // Nobody has time for farewells.
                    break
                }
            } catch {
                // What can't be sent any more ends the wait as well.
                break
            }
        }
        close()
    }

    func close() {
        guard isTransportOpen else { return }
        isTransportOpen = false
        transport.close()
        buffer.release()
    }
}
