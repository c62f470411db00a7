// The accepting side against scripted peers, friendly and hostile.

import DICOM
import DIMSE
import Testing
import UpperLayer

@Suite("accepting side, PS3.8 §9.2 and hardening T5, T11, T13") struct AcceptingTests {
    static func accepted(
        _ transport: ScriptedTransport, limits: AssociationLimits = .standard,
        trace: ((MessageTrace) -> Void)? = nil
    ) throws(AssociationFault) -> Association {
        try Association.accept(over: transport, peerName: "peer", limits: limits, trace: trace) { _ in
            .accept(Sample.policy)
        }
    }

    static func established(
        _ steps: ScriptedTransport.Step..., limits: AssociationLimits = .standard
    ) throws -> (Association, ScriptedTransport) {
        let transport = ScriptedTransport(
            [.bytes(PDU.associateRequest(Sample.request()).encoded())] + steps)
        return (try accepted(transport, limits: limits), transport)
    }

    /// The fault that `body` throws.
    static func fault(_ body: () throws -> Void) -> AssociationFault? {
        do {
            try body()
            return nil
        } catch {
            return error as? AssociationFault
        }
    }

    @Test func `associate, echo, release`() throws {
        let echo = CommandSet.echoRequest(messageID: 1)
        let (association, transport) = try Self.established(
            .bytes(Sample.message(echo)), .bytes(PDU.releaseRequest.encoded()), .close)
        #expect(association.callingAETitle == Sample.calling && association.calledAETitle == Sample.called)
        #expect(association.contexts.count == 2)
        let message = try #require(try association.receive())
        #expect(message == Message(contextID: Sample.one, command: echo))
        try association.send(.echoResponse(to: message.command), in: message.contextID)
        #expect(try association.receive() == nil)
        #expect(association.state == .idle && transport.isClosed)
        let pdus = transport.sentPDUs
        #expect(pdus.map(\.kind) == [.associateAccept, .dataTransfer, .releaseResponse])
        var response = CommandSet.echoResponse(to: echo)
        response.hasDataSet = false
        guard case .dataTransfer(let data) = pdus[1] else { return }
        #expect(data.values[0].fragment == response.encoded())
    }

    @Test func `T13 a peer that says nothing is closed when ARTIM expires`() {
        let transport = ScriptedTransport([.silence(seconds: 1e9)])
        #expect(throws: AssociationFault.timedOut(.associateRequest, seconds: 30)) {
            try Self.accepted(transport)
        }
        #expect(transport.nowSeconds == 1030 && transport.isClosed && transport.sent.isEmpty)
    }

    @Test func `T13 one byte a second doesn't stretch ARTIM`() {
        let bytes = PDU.associateRequest(Sample.request()).encoded()
        let transport = ScriptedTransport(bytes.flatMap { [.bytes([$0]), .silence(seconds: 1)] })
        #expect(throws: AssociationFault.timedOut(.associateRequest, seconds: 30)) { try Self.accepted(transport) }
        #expect(transport.nowSeconds <= 1031)
    }

    @Test func `half an A-ASSOCIATE-RQ, then the end`() {
        let bytes = PDU.associateRequest(Sample.request()).encoded()
        for length in 0..<bytes.count {
            let transport = ScriptedTransport([.bytes(Array(bytes[..<length])), .close])
            let steps = length == 0 ? ScriptedTransport([.close]) : transport
            #expect(throws: AssociationFault.closed(.associateRequest)) { try Self.accepted(steps) }
            #expect(steps.isClosed)
        }
    }

    @Test(arguments: [("GET / HTTP/1.1\r\n\r\n", "HTTP"), ("\u{16}\u{03}\u{01}hello", "TLS"), ("xyz", "not DICOM")])
    func `other protocols get an A-ABORT and are named`(text: String, name: String) {
        let transport = ScriptedTransport([.bytes(Array(text.utf8)), .close])
        let fault = Self.fault { _ = try Self.accepted(transport) }
        #expect(fault.map { "\($0)" }?.contains(name) == true)
        #expect(transport.sentPDUs == [.abort(.user)], "state 2 aborts as the user: AA-1")
    }

    @Test(arguments: [0x0004_0001, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF] as [UInt32])
    func `T5 an A-ASSOCIATE-RQ too long is refused by its header`(length: UInt32) {
        let header = [1, 0] + (0..<4).map { UInt8(truncatingIfNeeded: length >> UInt32(24 - 8 * $0)) }
        let transport = ScriptedTransport([.bytes(header), .silence(seconds: 5), .close])
        guard
            case .violated(.tooLong("A-ASSOCIATE-RQ", let found, 262_144), answer: .user)? = Self.fault({
                _ = try Self.accepted(transport)
            })
        else {
            Issue.record("not refused")
            return
        }
        #expect(found == Int(length))
    }

    @Test func `T5 memory grows with what arrives, not with what is announced`() {
        let transport = ScriptedTransport([.bytes([1, 0, 0, 3, 0xFF, 0xFF]), .silence(seconds: 1e9)])
        _ = Self.fault { _ = try Self.accepted(transport) }
        #expect(transport.longestBuffer <= 16_384)
    }

    @Test func `a refusal carries its reason`() {
        let transport = ScriptedTransport(.associateRequest(Sample.request()))
        #expect(throws: AssociationFault.refused(.calledAETitleNotRecognised)) {
            try Association.accept(over: transport, peerName: "peer") { _ in .reject(.calledAETitleNotRecognised) }
        }
        #expect(transport.sentPDUs == [.associateReject(.calledAETitleNotRecognised)])
    }

    @Test func `a foreign application context, version or maximum length is refused`() {
        var request = Sample.request()
        request.applicationContext = Sample.find
        let foreign = ScriptedTransport(.associateRequest(request))
        #expect(throws: AssociationFault.refused(.applicationContextNotSupported)) { try Self.accepted(foreign) }
        request = Sample.request()
        request.protocolVersion = 2
        let version = ScriptedTransport(.associateRequest(request))
        #expect(throws: AssociationFault.refused(.protocolVersionNotSupported)) { try Self.accepted(version) }
        #expect(version.sentPDUs == [.associateReject(.protocolVersionNotSupported)])
        let tiny = ScriptedTransport(.associateRequest(Sample.request(maximumLength: 7)))
        #expect(throws: AssociationFault.self) { try Self.accepted(tiny) }
        #expect(tiny.sentPDUs.map(\.kind) == [.associateReject])
    }

    static let violations: [(name: String, bytes: [UInt8], abort: Abort)] = [
        ("unknown type", [9, 0, 0, 0, 0, 0], .unrecognisedPDU),
        ("too long", [4, 0, 0, 2, 0, 1], .invalidParameterValue),
        ("second request", PDU.associateRequest(Sample.request()).encoded(), .unexpectedPDU),
        ("accept", PDU.associateAccept(Sample.accept()).encoded(), .unexpectedPDU),
        ("release response", PDU.releaseResponse.encoded(), .unexpectedPDU),
        ("short release", [5, 0, 0, 0, 0, 2, 0, 0], .invalidParameterValue),
        ("empty P-DATA-TF", [4, 0, 0, 0, 0, 0], .invalidParameterValue),
        ("PDV past the end", [4, 0, 0, 0, 0, 6, 0, 0, 0, 9, 1, 3], .invalidParameterValue),
        (
            "context that was not accepted",
            Sample.message(.echoRequest(messageID: 1), in: PresentationContextID(rawValue: 9)!), .invalidParameterValue
        ),
        ("unannounced data set", [4, 0, 0, 0, 0, 8, 0, 0, 0, 4, 1, 2, 0, 0], .unexpectedParameter),
        ("command set that is none", [4, 0, 0, 0, 0, 8, 0, 0, 0, 4, 1, 3, 0, 0], .user),
    ]

    @Test(arguments: 0..<violations.count) func `T5 a broken protocol gets the A-ABORT of PS3.8 §9.3.8`(row: Int) throws
    {
        let (name, bytes, abort) = Self.violations[row]
        let (association, transport) = try Self.established(.bytes(bytes), .bytes([1, 2, 3]), .close)
        let fault = Self.fault { _ = try association.receive() }
        guard case .violated(_, answer: abort)? = fault else {
            Issue.record("\(name): \(String(describing: fault))")
            return
        }
        #expect(transport.sentPDUs.last == .abort(abort), "\(name)")
        #expect(transport.isClosed && association.state == .idle, "\(name)")
        #expect(throws: AssociationFault.notEstablished) {
            try association.send(.echoRequest(messageID: 1), in: Sample.one)
        }
    }

    @Test func `an A-ABORT ends everything`() throws {
        let (association, transport) = try Self.established(.bytes(PDU.abort(.unexpectedPDU).encoded()))
        #expect(throws: AssociationFault.aborted(.unexpectedPDU)) { try association.receive() }
        #expect(transport.isClosed)
    }

    @Test func `T13 an idle association is aborted after its time`() throws {
        let (association, transport) = try Self.established(.silence(seconds: 1e9))
        #expect(throws: AssociationFault.timedOut(.nextMessage, seconds: 600)) { try association.receive() }
        #expect(transport.sentPDUs.last == .abort(.user))
        #expect(transport.nowSeconds == 1610, "600 s idle, 10 s for the peer's close")
    }

    @Test func `T13 silence inside a message is aborted after 30 s`() throws {
        let bytes = Sample.message(.echoRequest(messageID: 1))
        let (association, transport) = try Self.established(.bytes(Array(bytes[..<20])), .silence(seconds: 1e9))
        #expect(throws: AssociationFault.timedOut(.message, seconds: 30)) { try association.receive() }
        #expect(transport.sentPDUs.last == .abort(.user))
    }

    @Test func `T13 silence between the PDUs of a message is aborted after 30 s`() throws {
        let bytes = Sample.message(Sample.findRequest, dataSet: [1, 2], in: Sample.three)
        let (association, transport) = try Self.established(
            .bytes(Array(bytes[..<(bytes.count - 14)])), .silence(seconds: 1e9))
        #expect(throws: AssociationFault.timedOut(.message, seconds: 30)) { try association.receive() }
        #expect(transport.sentPDUs.last == .abort(.user))
    }

    @Test func `T13 a byte a second is too slow`() throws {
        let bytes = Sample.message(Sample.findRequest, dataSet: [UInt8](repeating: 0, count: 2000), in: Sample.three)
        let transport = ScriptedTransport(
            [.bytes(PDU.associateRequest(Sample.request()).encoded())]
                + bytes.flatMap { [.bytes([$0]), .silence(seconds: 1)] })
        let association = try Self.accepted(transport)
        #expect(throws: AssociationFault.tooSlow(bytesPerSecond: 1)) { try association.receive() }
        #expect(transport.nowSeconds <= 1000 + 60 + 10 + 2)
    }

    @Test func `a peer that takes nothing is given up`() throws {
        let (association, transport) = try Self.established(.silence(seconds: 1e9))
        transport.sendableBytes = 0
        #expect(throws: AssociationFault.sendBlocked(seconds: 60)) {
            try association.send(.echoRequest(messageID: 1), in: Sample.one)
        }
        #expect(transport.isClosed && association.state == .idle)
    }

    @Test func `a woken wait leaves the association as it was`() throws {
        let (association, transport) = try Self.established(
            .wake, .bytes(Sample.message(.echoRequest(messageID: 1))), .close)
        #expect(throws: AssociationFault.interrupted(.nextMessage)) { try association.receive() }
        #expect(association.state == .established && !transport.isClosed)
        #expect(try association.receive()?.command.messageID == 1)
    }

    @Test func `who is about to release is given a moment, and no more`() throws {
        let (leaving, leavingTransport) = try Self.established(
            .bytes(Sample.message(.echoRequest(messageID: 1))), .bytes(PDU.releaseRequest.encoded()), .close)
        #expect(leaving.awaitRelease(withinSeconds: 2))
        #expect(leavingTransport.isClosed && leavingTransport.nowSeconds < 1001)
        let (staying, stayingTransport) = try Self.established(.silence(seconds: 1e9))
        #expect(!staying.awaitRelease(withinSeconds: 2))
        #expect(stayingTransport.nowSeconds >= 1002 && stayingTransport.nowSeconds <= 1000 + 2 + 10 + 2)
    }

    @Test func `any cut of a message into PDUs and reads arrives whole`() throws {
        let dataSet = (0..<100).map { UInt8($0) }
        for maximum: UInt32 in [8, 20, 64, 0] {
            let bytes = Sample.message(Sample.findRequest, dataSet: dataSet, in: Sample.three, maximum: maximum)
            for size in [1, 7, 1000] {
                let reads = stride(from: 0, to: bytes.count, by: size).flatMap {
                    [ScriptedTransport.Step.bytes(Array(bytes[$0..<min($0 + size, bytes.count)])), .pause]
                }
                let transport = ScriptedTransport(
                    [.bytes(PDU.associateRequest(Sample.request()).encoded())] + reads + [.close])
                let association = try Self.accepted(transport)
                let message = try #require(try association.receive())
                #expect(message.dataSet == dataSet && message.contextID == Sample.three)
            }
        }
    }

    @Test func `an identifier over the limit can be answered`() throws {
        var limits = AssociationLimits.standard
        limits.dataSetBytes = 10
        let long = Sample.message(
            Sample.findRequest, dataSet: [UInt8](repeating: 1, count: 50), in: Sample.three, maximum: 20)
        let (association, transport) = try Self.established(
            .bytes(long), .bytes(Sample.message(.echoRequest(messageID: 8))), .close, limits: limits)
        guard case .tooLarge(let message, limitBytes: 10)? = Self.fault({ _ = try association.receive() }) else {
            Issue.record("not reported")
            return
        }
        #expect(message.command.messageID == 7 && message.dataSet == nil)
        try association.send(.findResponse(to: message.command, status: .outOfResources), in: message.contextID)
        #expect(try association.receive()?.command.messageID == 8)
        #expect(transport.sentPDUs.last?.kind == .dataTransfer)
    }

    @Test func `a C-CANCEL-RQ is seen during the operation, and only its own`() throws {
        let (association, _) = try Self.established(
            .bytes(Sample.message(Sample.findRequest, dataSet: [], in: Sample.three)), .pause, .pause,
            .bytes(Sample.message(.cancelRequest(of: 99), in: Sample.three)),
            .bytes(Sample.message(.echoRequest(messageID: 8))), .pause,
            .bytes(Sample.message(.cancelRequest(of: 7), in: Sample.three)), .pause,
            .bytes(Sample.message(.cancelRequest(of: 7), in: Sample.three)),
            .bytes(Sample.message(.echoRequest(messageID: 9))), .close)
        #expect(try association.receive()?.command == Sample.findRequestWithDataSet)
        for _ in 0..<3 { #expect(try !association.isCancelled(7)) }
        #expect(try association.isCancelled(7))
        #expect(try association.isCancelled(7), "and stays so")
        #expect(try association.receive()?.command.messageID == 8, "what came meanwhile is not lost")
        #expect(try association.receive()?.command.messageID == 9, "a cancel that comes too late means nothing")
    }

    @Test func `our release waits for the peer's answer`() throws {
        let (association, transport) = try Self.established(
            .bytes(Sample.message(.echoRequest(messageID: 1))), .bytes(PDU.releaseResponse.encoded()), .close)
        #expect(association.release() == nil)
        #expect(transport.sentPDUs.map(\.kind) == [.associateAccept, .releaseRequest])
    }

    @Test func `a release collision ends as the table says, acceptor's side`() throws {
        let (association, transport) = try Self.established(
            .bytes(PDU.releaseRequest.encoded()), .bytes(PDU.releaseResponse.encoded()), .close)
        #expect(association.release() == nil)
        #expect(transport.sentPDUs.map(\.kind) == [.associateAccept, .releaseRequest, .releaseResponse])
        #expect(association.state == .idle)
    }

    @Test func `a release that nobody answers ends in an A-ABORT after 10 s`() throws {
        let (association, transport) = try Self.established(.silence(seconds: 1e9))
        #expect(association.release() == .timedOut(.releaseResponse, seconds: 10))
        #expect(transport.sentPDUs.last == .abort(.user) && transport.isClosed)
    }

    @Test func `the exchange can be read`() throws {
        var lines: [String] = []
        let transport = ScriptedTransport([
            .bytes(PDU.associateRequest(Sample.request()).encoded()),
            .bytes(Sample.message(.echoRequest(messageID: 1))),
            .bytes(
                Sample.message(
                    Sample.findRequest,
                    dataSet: [0x10, 0, 0x10, 0, 6, 0, 0, 0] + Array("SMI*\u{1B} ".utf8) + [
                        0x28, 0, 0x10, 0, 2, 0, 0, 0, 9, 0,
                    ],
                    in: Sample.three)),
            .bytes(PDU.releaseRequest.encoded()), .close,
        ])
        let association = try Self.accepted(transport) { trace in
            lines += trace.lines.map { "\(trace.direction.rawValue): \($0)" }
        }
        while let message = try association.receive() {
            try association.send(.echoResponse(to: message.command), in: message.contextID)
        }
        #expect(lines.first == "received: A-ASSOCIATE-RQ MODALITY -> FILEROOM")
        #expect(lines.contains("received:   context 1: Verification; Implicit VR Little Endian"))
        #expect(lines.contains("received:   (0010,0010) PatientName: SMI*?"))
        #expect(lines.contains("received:   (0028,0010) Rows: 9"))
        #expect(lines.contains("received: C-ECHO-RQ message 1 context 1"))
        #expect(lines.contains("sent: C-ECHO-RSP message 1 context 1 status 0000H success"))
        #expect(lines.last == "sent: A-RELEASE-RP")
    }

    @Test func `T11 a recorded association with any bit flipped neither traps nor hangs`() {
        let recorded =
            PDU.associateRequest(Sample.request()).encoded()
            + Sample.message(Sample.findRequest, dataSet: [1, 2, 3, 4], in: Sample.three)
            + PDU.releaseRequest.encoded()
        for bit in 0..<(recorded.count * 8) {
            var bytes = recorded
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            let transport = ScriptedTransport([.bytes(bytes), .silence(seconds: 1e9)])
            _ = Self.fault {
                let association = try Self.accepted(transport)
                while let message = try association.receive() {
                    try association.send(
                        .response(to: message.command, status: .unrecognisedOperation), in: message.contextID)
                }
            }
            #expect(transport.isClosed)
        }
    }
}

extension Sample {
    static var findRequestWithDataSet: CommandSet {
        var command = findRequest
        command.hasDataSet = true
        return command
    }
}
