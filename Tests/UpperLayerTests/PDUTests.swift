// PDUs and their items as bytes: golden, truncated, mutated, round trips.

import DICOM
import Testing
import UpperLayer

@Suite("PDUs, PS3.8 §9.3") struct PDUTests {
    static let samples: [PDU] = [
        .associateRequest(Samples.request), .associateRequest(Samples.fullRequest), .associateAccept(Samples.accept),
        .associateReject(.calledAETitleNotRecognised), .releaseRequest, .releaseResponse, .abort(.unexpectedPDU),
        .dataTransfer(
            DataTransfer([
                PresentationDataValue(contextID: Samples.one, isCommand: true, isLast: true, fragment: [1, 2, 3, 4]),
                PresentationDataValue(contextID: Samples.one, isCommand: false, isLast: false, fragment: []),
            ])),
    ]

    @Test func `decodes and encodes what echoscu sends`() throws {
        #expect(try PDU.decoded(Samples.requestBytes) == .associateRequest(Samples.request))
        #expect(PDU.associateRequest(Samples.request).encoded() == Samples.requestBytes)
    }

    @Test func `decodes and encodes an A-ASSOCIATE-AC`() throws {
        #expect(try PDU.decoded(Samples.acceptBytes) == .associateAccept(Samples.accept))
        #expect(PDU.associateAccept(Samples.accept).encoded() == Samples.acceptBytes)
    }

    static let short: [(PDU, [UInt8])] = [
        (.associateReject(.calledAETitleNotRecognised), [3, 0, 0, 0, 0, 4, 0, 1, 1, 7]),
        (.associateReject(.localLimitExceeded), [3, 0, 0, 0, 0, 4, 0, 2, 3, 2]),
        (.releaseRequest, [5, 0, 0, 0, 0, 4, 0, 0, 0, 0]),
        (.releaseResponse, [6, 0, 0, 0, 0, 4, 0, 0, 0, 0]),
        (.abort(.invalidParameterValue), [7, 0, 0, 0, 0, 4, 0, 0, 2, 6]),
        (
            .dataTransfer(
                DataTransfer([
                    PresentationDataValue(contextID: Samples.three, isCommand: false, isLast: true, fragment: [9, 8])
                ])), [4, 0, 0, 0, 0, 8, 0, 0, 0, 4, 3, 2, 9, 8]
        ),
    ]

    @Test(arguments: 0..<short.count) func `decodes and encodes the golden bytes of the short ones`(index: Int) throws {
        let (pdu, bytes) = Self.short[index]
        #expect(try PDU.decoded(bytes) == pdu)
        #expect(pdu.encoded() == bytes)
    }

    @Test(arguments: samples) func `every PDU survives a round trip`(pdu: PDU) throws {
        let bytes = pdu.encoded()
        #expect(try PDU.decoded(bytes) == pdu)
    }

    @Test(arguments: samples) func `every truncation throws`(pdu: PDU) {
        let bytes = pdu.encoded()
        for length in 0..<bytes.count {
            let cut = Array(bytes[..<length])
            #expect(throws: DecodingFault.self, "\(length) bytes") { try PDU.decoded(cut) }
        }
    }

    /// A body cut short whose PDU length agrees: the items' lengths have to catch it, or a whole shorter PDU remains.
    @Test(arguments: samples) func `a truncated body never traps`(pdu: PDU) {
        let body = Array(pdu.encoded().dropFirst(6))
        for length in 0..<body.count {
            let cut = Array(body[..<length])
            _ = try? PDU(pdu.kind, decoding: cut.rawSpan)
        }
    }

    @Test(arguments: samples) func `one flipped bit never traps`(pdu: PDU) {
        var bytes = pdu.encoded()
        for bit in 0..<(bytes.count * 8) {
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            _ = try? PDU.decoded(bytes)
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
        }
    }

    @Test(arguments: samples) func `T5 every pair of bytes as a length never traps`(pdu: PDU) {
        let bytes = pdu.encoded()
        for offset in 0..<(bytes.count - 1) {
            for value: UInt16 in [0, 1, 0x7FFF, 0x8000, 0xFFFE, 0xFFFF] {
                var changed = bytes
                changed[offset] = UInt8(value >> 8)
                changed[offset + 1] = UInt8(truncatingIfNeeded: value)
                _ = try? PDU.decoded(changed)
            }
        }
    }

    @Test func `reserved bytes are not tested`() throws {
        var bytes = Samples.requestBytes
        bytes[1] = 0xFF
        for index in 42..<74 { bytes[index] = 0xAA }
        #expect(try PDU.decoded(bytes) == .associateRequest(Samples.request))
    }

    @Test(arguments: [[UInt8(0x00)], [0x20], [0x00, 0x00]])
    func `a UID padded with NUL or space is the same UID`(padding: [UInt8]) throws {
        var body: [UInt8] = []
        Samples.request.encode(into: &body)
        let padded =
            Array(body[..<68]) + [0x10, 0, 0, UInt8(21 + padding.count)] + Samples.ascii("1.2.840.10008.3.1.1.1")
            + padding + Array(body[93...])
        let decoded = try AssociateRequest(decoding: padded.rawSpan)
        #expect(decoded == Samples.request)
    }

    @Test func `an answer repeats titles and reserved bytes as they came`() throws {
        var bytes = Array(Samples.requestBytes[6...])
        bytes.replaceSubrange(4..<20, with: Array(" lower\u{1}title    ".utf8))
        for index in 36..<68 { bytes[index] = UInt8(index) }
        let request = try AssociateRequest(decoding: bytes.rawSpan)
        let accept = AssociateAccept(
            answering: request, presentationContexts: [], userInformation: request.userInformation)
        var body: [UInt8] = []
        accept.encode(into: &body)
        #expect(body[4..<68] == bytes[4..<68])
    }

    @Test func `unknown items and user items are skipped`() throws {
        var body: [UInt8] = []
        Samples.request.encode(into: &body)
        var changed = Array(body[..<68]) + [0x7F, 0, 0, 2, 1, 2] + Array(body[68...])
        // The user information is the last item: 58 bytes, to which an item of type 6FH with 3 bytes is added.
        changed += [0x6F, 0, 0, 3, 1, 2, 3]
        changed[changed.count - 7 - 58 - 1] = 58 + 7
        let decoded = try AssociateRequest(decoding: changed.rawSpan)
        #expect(decoded == Samples.request)
    }

    @Test func `the same presentation context ID twice is refused`() {
        var request = Samples.request
        request.presentationContexts += request.presentationContexts
        let bytes = PDU.associateRequest(request).encoded()
        #expect(throws: DecodingFault.self) { try PDU.decoded(bytes) }
    }

    @Test func `transfer syntaxes past the limit are passed over`() throws {
        var request = Samples.request
        let many = (0..<100).map { UID("1.2.3.\($0)")! }
        request.presentationContexts = [
            ProposedPresentationContext(id: Samples.one, abstractSyntax: Samples.ctImage, transferSyntaxes: many)
        ]
        let bytes = PDU.associateRequest(request).encoded()
        guard case .associateRequest(let decoded) = try PDU.decoded(bytes) else {
            Issue.record("no request")
            return
        }
        #expect(decoded.presentationContexts[0].transferSyntaxes == Array(many[..<64]))
    }

    @Test func `user items past 64 KiB are refused`() {
        var request = Samples.request
        request.userInformation.extendedNegotiations = (0..<2).map { _ in
            ExtendedNegotiation(sopClass: Samples.ctImage, information: [UInt8](repeating: 0, count: 600))
        }
        var limits = AssociateLimits.standard
        limits.userItemBytes = 1000
        let bytes = PDU.associateRequest(request).encoded()
        #expect(throws: DecodingFault.self) { try PDU.decoded(bytes, limits: limits) }
    }

    @Test func `an AE title of spaces is none`() throws {
        var bytes = Samples.requestBytes
        for index in 10..<26 { bytes[index] = 0x20 }
        guard case .associateRequest(let request) = try PDU.decoded(bytes) else { return }
        #expect(request.calledAETitle == nil)
    }

    @Test func `a rejected context needs no transfer syntax, an accepted one does`() throws {
        let start = 6 + 68 + 25
        var bytes = Samples.acceptBytes
        bytes.removeSubrange((start + 8)..<(start + 8 + 21))
        bytes[start + 3] = 4
        bytes[5] = UInt8(bytes.count - 6)
        #expect(throws: DecodingFault.self) { try PDU.decoded(bytes) }
        bytes[start + 6] = 4
        guard case .associateAccept(let accept) = try PDU.decoded(bytes) else { return }
        #expect(accept.presentationContexts == [.rejected(Samples.one, .transferSyntaxesNotSupported)])
    }

    @Test func `a reason that the standard reserves passes through`() throws {
        let bytes: [UInt8] = [3, 0, 0, 0, 0, 4, 0, 1, 1, 99]
        #expect(try PDU.decoded(bytes) == .associateReject(AssociateReject(.permanent, .user, reason: 99)))
    }
}
