// The requesting side against scripted peers.

import DICOM
import DIMSE
import Testing
import UpperLayer

@Suite("requesting side, PS3.8 §9.2") struct RequestingTests {
    static let contexts = [
        ProposedContext(abstractSyntax: Sample.verification, transferSyntaxes: [Sample.implicit]),
        ProposedContext(abstractSyntax: Sample.find, transferSyntaxes: [Sample.implicit]),
    ]

    static func requested(_ transport: ScriptedTransport) throws(AssociationFault) -> Association {
        try Association.request(
            over: transport, peerName: "peer", calling: Sample.calling, called: Sample.called, contexts: contexts)
    }

    static func established(
        _ steps: ScriptedTransport.Step..., maximumLength: UInt32 = 16384
    ) throws -> (Association, ScriptedTransport) {
        let accept = Sample.accept(maximumLength: maximumLength)
        let transport = ScriptedTransport([.bytes(PDU.associateAccept(accept).encoded())] + steps)
        return (try requested(transport), transport)
    }

    @Test func `associate, echo, release`() throws {
        let echo = CommandSet.echoRequest(messageID: 1)
        let (association, transport) = try Self.established(
            .bytes(Sample.message(.echoResponse(to: echo))), .bytes(PDU.releaseResponse.encoded()), .close)
        let id = try #require(association.context(for: Sample.verification)?.id)
        #expect(association.nextMessageID() == 1)
        try association.send(echo, in: id)
        #expect(try association.receiveResponse(to: 1).command.status == .success)
        #expect(association.release() == nil)
        #expect(transport.sentPDUs.map(\.kind) == [.associateRequest, .dataTransfer, .releaseRequest])
        #expect(association.contexts.allSatisfy { $0.weMayBeSCU && !$0.weMayBeSCP })
    }

    @Test func `a rejection is told as it came`() {
        let transport = ScriptedTransport(.associateReject(.callingAETitleNotRecognised))
        #expect(throws: AssociationFault.rejected(.callingAETitleNotRecognised)) { try Self.requested(transport) }
        #expect(transport.isClosed)
    }

    @Test func `no answer ends in an A-ABORT`() {
        let transport = ScriptedTransport([.silence(seconds: 1e9)])
        #expect(throws: AssociationFault.timedOut(.associateAnswer, seconds: 30)) { try Self.requested(transport) }
        #expect(transport.sentPDUs.last == .abort(.user))
    }

    @Test func `an answer to what was not proposed is a violation`() {
        var accept = Sample.accept()
        accept.presentationContexts = [.accepted(PresentationContextID(rawValue: 77)!, Sample.implicit)]
        let transport = ScriptedTransport(.associateAccept(accept))
        #expect(throws: AssociationFault.self) { try Self.requested(transport) }
        #expect(transport.sentPDUs.last == .abort(.invalidParameterValue))
    }

    @Test func `a release collision ends as the table says, requester's side`() throws {
        let (association, transport) = try Self.established(
            .bytes(PDU.releaseRequest.encoded()), .bytes(PDU.releaseResponse.encoded()), .close)
        #expect(association.release() == nil)
        #expect(transport.sentPDUs.map(\.kind) == [.associateRequest, .releaseRequest, .releaseResponse])
        #expect(association.state == .idle)
    }

    @Test func `responses find their request, the others wait`() throws {
        let first = CommandSet.echoRequest(messageID: 1)
        let second = CommandSet.echoRequest(messageID: 2)
        let (association, _) = try Self.established(
            .bytes(Sample.message(.echoResponse(to: second))), .bytes(Sample.message(.echoResponse(to: first))))
        #expect(try association.receiveResponse(to: 1).command.messageID == 1)
        #expect(try association.receiveResponse(to: 2).command.messageID == 2)
        #expect(throws: AssociationFault.timedOut(.response, seconds: 120)) { try association.receiveResponse(to: 3) }
    }

    @Test func `roles are proposed only where they are not the default`() throws {
        let transport = ScriptedTransport(.associateReject(.temporaryCongestion))
        _ = try? Association.request(
            over: transport, peerName: "peer", calling: Sample.calling, called: Sample.called,
            contexts: [
                ProposedContext(abstractSyntax: Sample.find, transferSyntaxes: [Sample.implicit]),
                ProposedContext(
                    abstractSyntax: Sample.ctImage, transferSyntaxes: [Sample.implicit], asSCU: false, asSCP: true),
                ProposedContext(
                    abstractSyntax: Sample.ctImage, transferSyntaxes: [Sample.find], asSCU: false, asSCP: true),
            ])
        guard case .associateRequest(let request)? = transport.sentPDUs.first else { return }
        #expect(request.userInformation.roles == [RoleSelection(sopClass: Sample.ctImage, isSCU: false, isSCP: true)])
        #expect(request.presentationContexts.map(\.id.rawValue) == [1, 3, 5])
    }

    @Test(arguments: [8, 100, 16384, 131_072, 0] as [UInt32])
    func `a data set goes out in PDUs that the peer takes, in one call`(maximum: UInt32) throws {
        for length in [0, 2, 5000, 70_000] where maximum > 8 || length <= 5000 {
            let (association, transport) = try Self.established(maximumLength: maximum)
            let dataSet = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            let calls = transport.sendCalls
            try association.send(Sample.findRequest, dataSet: dataSet, in: Sample.three)
            #expect(transport.sendCalls == calls + 1)
            var command: [UInt8] = []
            var received: [UInt8] = []
            for pdu in transport.sentPDUs {
                guard case .dataTransfer(let data) = pdu else { continue }
                #expect(maximum == 0 || pdu.encoded().count - 6 <= Int(maximum))
                for value in data.values {
                    if value.isCommand { command += value.fragment } else { received += value.fragment }
                }
            }
            #expect(received == dataSet)
            #expect(command == Sample.findRequestWithDataSet.encoded())
        }
    }

    @Test func `an unknown context is refused before a byte is sent`() throws {
        let (association, transport) = try Self.established()
        let foreign = PresentationContextID(rawValue: 99)!
        let sent = transport.sent.count
        #expect(throws: AssociationFault.unknownContext(foreign)) {
            try association.send(.echoRequest(messageID: 1), in: foreign)
        }
        #expect(transport.sent.count == sent && association.state == .established)
    }
}
