// The asynchronous operations window: its bytes, what is answered to an offer, and what both sides make of it.

import DICOM
import Testing
import UpperLayer

@Suite("asynchronous operations window (53H), PS3.7 §D.3.3.3") struct WindowNegotiationTests {
    private static func window(_ invoked: UInt16, _ performed: UInt16) -> AsynchronousOperationsWindow {
        AsynchronousOperationsWindow(invoked: invoked, performed: performed)
    }

    private static func request(_ offer: AsynchronousOperationsWindow?) -> AssociateRequest {
        var request = NegotiationTests.request([(Samples.ctImage, [Samples.explicitLittleEndian])])
        request.userInformation.asynchronousOperationsWindow = offer
        return request
    }

    private static func accept(
        _ offer: AsynchronousOperationsWindow?, _ largest: AsynchronousOperationsWindow
    ) -> AssociateAccept {
        var policy = NegotiationTests.policy
        policy.window = largest
        return Negotiation.accept(request(offer), policy: policy, maximumLength: 4096)
    }

    @Test func `the golden bytes, in the request and in the answer`() throws {
        //                   item, reserved, length 4, invoked 8, performed 258
        let golden: [UInt8] = [0x53, 0x00, 0x00, 0x04, 0x00, 0x08, 0x01, 0x02]
        let request = Self.request(Self.window(8, 258))
        let accept = Self.accept(Self.window(8, 258), Self.window(0, 0))
        for pdu in [PDU.associateRequest(request), .associateAccept(accept)] {
            let bytes = pdu.encoded()
            #expect((0...(bytes.count - 8)).filter { Array(bytes[$0..<($0 + 8)]) == golden }.count == 1)
            #expect(try PDU(decoding: bytes.rawSpan) == pdu)
        }
    }

    /// Offered, our largest, answered.
    static let answers: [((UInt16, UInt16), (UInt16, UInt16), (UInt16, UInt16))] = [
        ((1, 1), (16, 16), (1, 1)), ((8, 4), (16, 16), (8, 4)), ((100, 17), (16, 16), (16, 16)),
        ((0, 0), (16, 16), (16, 16)), ((0, 1), (16, 16), (16, 1)), ((65535, 0), (16, 3), (16, 3)),
        ((8, 0), (0, 0), (8, 0)), ((0, 0), (1, 1), (1, 1)),
    ]

    @Test(arguments: 0..<answers.count) func `an answer is never over the offer, where 0 has no limit`(row: Int) {
        let (offered, largest, answered) = Self.answers[row]
        let answer = Self.accept(Self.window(offered.0, offered.1), Self.window(largest.0, largest.1))
        #expect(answer.userInformation.asynchronousOperationsWindow == Self.window(answered.0, answered.1))
    }

    @Test func `what wasn't offered isn't answered, and one operation at a time holds`() {
        let answer = Self.accept(nil, Self.window(16, 16))
        #expect(answer.userInformation.asynchronousOperationsWindow == nil)
        for isRequester in [true, false] {
            let agreed = Negotiation.window(of: answer, to: Self.request(nil), asRequester: isRequester)
            #expect(agreed == .synchronous)
        }
    }

    @Test func `both numbers are the requester's, and the acceptor sees them the other way round`() {
        let request = Self.request(Self.window(9, 3))
        let answer = Self.accept(Self.window(9, 3), Self.window(5, 16))
        #expect(Negotiation.window(of: answer, to: request, asRequester: true) == Self.window(5, 3))
        #expect(Negotiation.window(of: answer, to: request, asRequester: false) == Self.window(3, 5))
    }

    @Test func `an answer without an offer, over the offer or none at all gives nobody more than was offered`() {
        var answer = Self.accept(Self.window(4, 2), Self.window(16, 16))
        answer.userInformation.asynchronousOperationsWindow = Self.window(0, 200)
        #expect(
            Negotiation.window(of: answer, to: Self.request(Self.window(4, 2)), asRequester: true) == Self.window(4, 2))
        #expect(Negotiation.window(of: answer, to: Self.request(nil), asRequester: true) == .synchronous)
        answer.userInformation.asynchronousOperationsWindow = nil
        #expect(
            Negotiation.window(of: answer, to: Self.request(Self.window(4, 2)), asRequester: true) == .synchronous)
    }
}
