// Protocol data units (PS3.8 §9.3): the seven things that two upper layers say to each other.

import DICOM

/// The header of every PDU (PS3.8 §9.3.1).
///
///     offset  size  field
///          0     1  PDU type
///          1     1  reserved, sent as 0, not tested
///          2     4  length of the body, big-endian
package struct PDUHeader: Equatable, Sendable {
    package static let bytes = 6

    package let type: UInt8
    /// Up to 2^32 - 1, whatever the peer says: to be checked before it is believed.
    package let bodyBytes: Int

    /// - Throws: `.truncated` when there are fewer than 6 bytes; every type is taken.
    package init(decoding header: RawSpan) throws(DecodingFault) {
        type = try header.bigEndian(UInt8.self, at: 0)
        bodyBytes = Int(try header.bigEndian(UInt32.self, at: 2))
    }

    /// Nil for a type that PS3.8 doesn't know.
    package var kind: PDU.Kind? { PDU.Kind(rawValue: type) }
}

/// A PDU as a value.
package enum PDU: Equatable, Sendable {
    case associateRequest(AssociateRequest)
    case associateAccept(AssociateAccept)
    case associateReject(AssociateReject)
    case dataTransfer(DataTransfer)
    case releaseRequest
    case releaseResponse
    case abort(Abort)

    /// The PDU types (PS3.8 §9.3).
    package enum Kind: UInt8, Sendable, CaseIterable {
        case associateRequest = 0x01, associateAccept, associateReject, dataTransfer, releaseRequest, releaseResponse
        case abort
    }

    package var kind: Kind {
        switch self {
        case .associateRequest: .associateRequest
        case .associateAccept: .associateAccept
        case .associateReject: .associateReject
        case .dataTransfer: .dataTransfer
        case .releaseRequest: .releaseRequest
        case .releaseResponse: .releaseResponse
        case .abort: .abort
        }
    }

    /// From the body of a PDU of `kind`.
    package init(_ kind: Kind, decoding body: RawSpan, limits: AssociateLimits = .standard) throws(DecodingFault) {
        switch kind {
        case .associateRequest: self = .associateRequest(try AssociateRequest(decoding: body, limits: limits))
        case .associateAccept: self = .associateAccept(try AssociateAccept(decoding: body, limits: limits))
        case .associateReject: self = .associateReject(try AssociateReject(decoding: body))
        case .dataTransfer: self = .dataTransfer(try DataTransfer(decoding: body))
        case .releaseRequest:
            try ReleaseBody.check(body)
            self = .releaseRequest
        case .releaseResponse:
            try ReleaseBody.check(body)
            self = .releaseResponse
        case .abort: self = .abort(try Abort(decoding: body))
        }
    }

    /// From header and body.
    ///
    /// - Throws: also when the type is unknown, and when bytes are left after the body.
    package init(decoding bytes: RawSpan, limits: AssociateLimits = .standard) throws(DecodingFault) {
        let header = try PDUHeader(decoding: bytes)
        guard let kind = header.kind else { throw .invalid("PDU type", value: UInt64(header.type), offset: 0) }
        let body = try bytes.part(at: PDUHeader.bytes, length: header.bodyBytes)
        guard bytes.byteCount == PDUHeader.bytes + header.bodyBytes else {
            throw .invalid("PDU length", value: UInt64(header.bodyBytes), offset: 2)
        }
        try self.init(kind, decoding: body, limits: limits)
    }

    /// Header and body.
    package func encoded() -> [UInt8] {
        var pdu: [UInt8] = [kind.rawValue, 0, 0, 0, 0, 0]
        switch self {
        case .associateRequest(let request): request.encode(into: &pdu)
        case .associateAccept(let accept): accept.encode(into: &pdu)
        case .associateReject(let reject): reject.encode(into: &pdu)
        case .dataTransfer(let data): data.encode(into: &pdu)
        case .releaseRequest, .releaseResponse: pdu += ReleaseBody.bytes
        case .abort(let abort): abort.encode(into: &pdu)
        }
        let length = UInt32(pdu.count - PDUHeader.bytes)
        for index in 0..<4 { pdu[2 + index] = UInt8(truncatingIfNeeded: length >> UInt32(24 - 8 * index)) }
        return pdu
    }
}

extension PDU.Kind: CustomStringConvertible {
    /// The standard's name: `A-ASSOCIATE-RQ`.
    package var description: String {
        switch self {
        case .associateRequest: "A-ASSOCIATE-RQ"
        case .associateAccept: "A-ASSOCIATE-AC"
        case .associateReject: "A-ASSOCIATE-RJ"
        case .dataTransfer: "P-DATA-TF"
        case .releaseRequest: "A-RELEASE-RQ"
        case .releaseResponse: "A-RELEASE-RP"
        case .abort: "A-ABORT"
        }
    }
}
