// Peers that never stop sending: whatever they say, no wait lasts longer than its limit (hardening T13).

import DICOM
import DIMSE
import Testing
import UpperLayer

@Suite("peers that never stop sending, hardening T5 and T13") struct EndlessPeerTests {
    static let releaseResponse = PDU.releaseResponse.encoded()
    static let cancel = Sample.message(.cancelRequest(of: 99), in: Sample.three)

    /// Seconds that pass in `body`.
    static func seconds(of transport: ScriptedTransport, _ body: () throws -> Void) throws -> Double {
        let start = transport.nowSeconds
        try body()
        return transport.nowSeconds - start
    }

    @Test(arguments: [
        releaseResponse, Array("GET / HTTP/1.1\r\n".utf8), PDU.associateRequest(Sample.request()).encoded(),
    ])
    func `a rejected stranger is closed when ARTIM expires`(flood: [UInt8]) throws {
        let transport = ScriptedTransport([
            .bytes(PDU.associateRequest(Sample.request()).encoded()), .flood(flood, secondsEach: 0.01),
        ])
        let seconds = try Self.seconds(of: transport) {
            #expect(throws: AssociationFault.refused(.calledAETitleNotRecognised)) {
                try Association.accept(over: transport, peerName: "peer") { _ in .reject(.calledAETitleNotRecognised) }
            }
        }
        #expect(seconds <= 10.1 && transport.isClosed)
    }

    @Test func `a stranger who floods at the speed of memory is closed before that`() {
        let pdus = [UInt8](repeatElement(Self.releaseResponse, count: 1000).joined())
        let transport = ScriptedTransport([
            .bytes(PDU.associateRequest(Sample.request()).encoded()), .flood(pdus, secondsEach: 0),
        ])
        _ = try? Association.accept(over: transport, peerName: "peer") { _ in .reject(.calledAETitleNotRecognised) }
        #expect(transport.isClosed)
    }

    @Test func `garbage without end is closed when ARTIM expires`() throws {
        let transport = ScriptedTransport([.flood(Array("GET / HTTP/1.1\r\n".utf8), secondsEach: 0.01)])
        let seconds = try Self.seconds(of: transport) { _ = try? AcceptingTests.accepted(transport) }
        #expect(seconds <= 10.1 && transport.isClosed)
    }

    @Test func `our release isn't stretched by data that end within a PDU`() throws {
        // Each piece ends one byte into the next PDU.
        let data = Sample.message(.echoRequest(messageID: 1))
        let (association, transport) = try AcceptingTests.established(
            .bytes([data[0]]), .flood(Array(data.dropFirst()) + [data[0]], secondsEach: 0.5))
        let seconds = try Self.seconds(of: transport) {
            #expect(association.release() == .timedOut(.releaseResponse, seconds: 10))
        }
        #expect(seconds <= 21 && transport.isClosed)
    }

    @Test func `the answer to our request isn't stretched byte by byte`() {
        var accept = Sample.accept()
        accept.userInformation.implementationVersionName = "SLOW"
        let bytes = PDU.associateAccept(accept).encoded()
        let transport = ScriptedTransport(bytes.flatMap { [.bytes([$0]), .silence(seconds: 1)] })
        #expect(throws: AssociationFault.timedOut(.associateAnswer, seconds: 30)) {
            try RequestingTests.requested(transport)
        }
        #expect(transport.nowSeconds <= 1041)
    }

    @Test func `a destination that cancels instead of answering is given up`() throws {
        let (association, transport) = try RequestingTests.established(.flood(Self.cancel, secondsEach: 100))
        let seconds = try Self.seconds(of: transport) { () throws in
            #expect(throws: AssociationFault.timedOut(.response, seconds: 120)) {
                try association.receiveResponse(to: 1)
            }
        }
        #expect(seconds <= 320 && transport.isClosed)
    }

    @Test func `cancels of other operations keep nobody from its work`() throws {
        let (association, transport) = try AcceptingTests.established(
            .bytes(Sample.message(Sample.findRequest, dataSet: [], in: Sample.three)),
            .flood(Self.cancel, secondsEach: 0.001))
        _ = try association.receive()
        let seconds = try Self.seconds(of: transport) { () throws in
            #expect(try !association.isCancelled(7))
        }
        #expect(seconds < 1)
    }

    @Test func `what arrives during an operation is bounded in bytes`() throws {
        var limits = AssociationLimits.standard
        limits.dataSetBytes = 10_000
        let request = Sample.message(
            Sample.findRequest, dataSet: [UInt8](repeating: 0, count: 4_000), in: Sample.three)
        let (association, transport) = try AcceptingTests.established(
            .flood(request, secondsEach: 1), limits: limits)
        _ = try association.receive()
        let seconds = try Self.seconds(of: transport) { () throws in
            #expect(throws: AssociationFault.self) { while try !association.isCancelled(7) {} }
        }
        // A request a second: three are kept, and nobody asked for more.
        #expect(seconds <= 15 && transport.isClosed)
    }

    @Test func `small messages in any number don't hide a cancel or the peer's end`() throws {
        let echoes = (1...70).flatMap { Sample.message(.echoRequest(messageID: $0)) }
        let (association, transport) = try AcceptingTests.established(
            .bytes(Sample.message(Sample.findRequest, dataSet: [], in: Sample.three)), .bytes(echoes), .close)
        _ = try association.receive()
        #expect(throws: AssociationFault.self) { while try !association.isCancelled(7) {} }
        #expect(transport.isClosed)
    }
}
