// PDUs that several suites use, byte by byte.

import DICOM
import UpperLayer

enum Samples {
    static let verification = UID(literal: "1.2.840.10008.1.1")
    static let ctImage = UID(literal: "1.2.840.10008.5.1.4.1.1.2")
    static let implicitLittleEndian = UID(literal: "1.2.840.10008.1.2")
    static let explicitLittleEndian = UID(literal: "1.2.840.10008.1.2.1")
    static let one = PresentationContextID(index: 0)!
    static let three = PresentationContextID(index: 1)!

    static let request = AssociateRequest(
        called: AETitle("ANY-SCP")!, calling: AETitle("ECHOSCU")!,
        presentationContexts: [
            ProposedPresentationContext(
                id: one, abstractSyntax: verification, transferSyntaxes: [implicitLittleEndian])
        ],
        userInformation: UserInformation(
            maximumLength: 16384, implementationClassUID: UID(literal: "1.2.276.0.7230010.3.0.3.6.7"),
            implementationVersionName: "OFFIS_DCMTK_367"))

    /// The A-ASSOCIATE-RQ that DCMTK 3.6.7's `echoscu` sends: one context, Verification in Implicit VR Little Endian.
    static let requestBytes: [UInt8] =
        [
            0x01, 0x00, 0x00, 0x00, 0x00, 0xCD,  // A-ASSOCIATE-RQ, 205 bytes
            0x00, 0x01, 0x00, 0x00,  // protocol version 1
        ]
        + ascii("ANY-SCP         ") + ascii("ECHOSCU         ") + [UInt8](repeating: 0, count: 32)
        + [0x10, 0x00, 0x00, 0x15] + ascii("1.2.840.10008.3.1.1.1")
        + [0x20, 0x00, 0x00, 0x2E, 0x01, 0x00, 0x00, 0x00]
        + [0x30, 0x00, 0x00, 0x11] + ascii("1.2.840.10008.1.1")
        + [0x40, 0x00, 0x00, 0x11] + ascii("1.2.840.10008.1.2")
        + [0x50, 0x00, 0x00, 0x3A]
        + [0x51, 0x00, 0x00, 0x04, 0x00, 0x00, 0x40, 0x00]
        + [0x52, 0x00, 0x00, 0x1B] + ascii("1.2.276.0.7230010.3.0.3.6.7")
        + [0x55, 0x00, 0x00, 0x0F] + ascii("OFFIS_DCMTK_367")

    static let accept = AssociateAccept(
        answering: request, presentationContexts: [.accepted(one, implicitLittleEndian)],
        userInformation: UserInformation(
            maximumLength: 131_072, implementationClassUID: UID(literal: "1.2.3"), implementationVersionName: "X"))

    static let acceptBytes: [UInt8] =
        [0x02, 0x00, 0x00, 0x00, 0x00, 0x94, 0x00, 0x01, 0x00, 0x00]
        + ascii("ANY-SCP         ") + ascii("ECHOSCU         ") + [UInt8](repeating: 0, count: 32)
        + [0x10, 0x00, 0x00, 0x15] + ascii("1.2.840.10008.3.1.1.1")
        + [0x21, 0x00, 0x00, 0x19, 0x01, 0x00, 0x00, 0x00]
        + [0x40, 0x00, 0x00, 0x11] + ascii("1.2.840.10008.1.2")
        + [0x50, 0x00, 0x00, 0x16]
        + [0x51, 0x00, 0x00, 0x04, 0x00, 0x02, 0x00, 0x00]
        + [0x52, 0x00, 0x00, 0x05] + ascii("1.2.3")
        + [0x55, 0x00, 0x00, 0x01] + ascii("X")

    /// A request with every user item that the standard has, for round trips and mutations.
    static var fullRequest: AssociateRequest {
        var request = request
        request.presentationContexts.append(
            ProposedPresentationContext(
                id: three, abstractSyntax: ctImage, transferSyntaxes: [explicitLittleEndian, implicitLittleEndian]))
        request.userInformation.asynchronousOperationsWindow = AsynchronousOperationsWindow(invoked: 8, performed: 0)
        request.userInformation.roles = [RoleSelection(sopClass: ctImage, isSCU: true, isSCP: true)]
        request.userInformation.extendedNegotiations = [
            ExtendedNegotiation(sopClass: ctImage, information: [2, 0, 0, 0, 0, 0])
        ]
        request.userInformation.commonExtendedNegotiations = [
            CommonExtendedNegotiation(
                sopClass: ctImage, serviceClass: UID(literal: "1.2.840.10008.4.2"),
                relatedGeneralSOPClasses: [verification, ctImage])
        ]
        request.userInformation.userIdentity = UserIdentity(
            type: 2, isResponseRequested: true, primary: ascii("user"), secondary: ascii("secret"))
        return request
    }

    static func ascii(_ text: String) -> [UInt8] { Array(text.utf8) }
}

extension PDU {
    /// From whole bytes; spans can't stand inside `#expect`.
    static func decoded(_ bytes: [UInt8], limits: AssociateLimits = .standard) throws(DecodingFault) -> PDU {
        try PDU(decoding: bytes.rawSpan, limits: limits)
    }
}

extension PDataAssembler {
    mutating func taken(_ body: [UInt8], from offset: inout Int) throws(PDataFault) -> Piece? {
        try take(body.rawSpan, from: &offset)
    }
}
