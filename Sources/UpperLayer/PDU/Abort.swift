// The A-ABORT PDU (PS3.8 §9.3.8): the end of an association at once.

import DICOM

/// The body of an A-ABORT: 4 bytes after the 6-byte PDU header.
///
///     offset  size  field
///          0     2  reserved, sent as 0, not tested
///          2     1  source    0 user, 2 provider
///          3     1  reason    of the provider; 0 and not significant when the source is the user
///
/// Both are passed through undecoded: an abort is obeyed whatever it says.
package struct Abort: Hashable, Sendable {
    package let source: UInt8
    package let reason: UInt8

    package init(source: UInt8, reason: UInt8) {
        self.source = source
        self.reason = reason
    }

    package static let user = Abort(source: 0, reason: 0)
    package static let notSpecified = Abort(source: 2, reason: 0)
    package static let unrecognisedPDU = Abort(source: 2, reason: 1)
    package static let unexpectedPDU = Abort(source: 2, reason: 2)
    package static let unexpectedParameter = Abort(source: 2, reason: 5)
    package static let invalidParameterValue = Abort(source: 2, reason: 6)

    /// From the body, header not counted; bytes past the fourth are ignored.
    ///
    /// - Throws: `.truncated` when it is shorter than 4 bytes.
    package init(decoding body: RawSpan) throws(DecodingFault) {
        source = try body.bigEndian(UInt8.self, at: 2)
        reason = try body.bigEndian(UInt8.self, at: 3)
    }

    /// Appends the 4 bytes of the body.
    package func encode(into body: inout [UInt8]) { body += [0, 0, source, reason] }
}

extension Abort: CustomStringConvertible {
    /// `by the provider: unexpected PDU (2/2)`.
    package var description: String {
        guard source == 2 else { return "by the user (\(source)/\(reason))" }
        let words =
            switch reason {
            case 0: "reason not specified"
            case 1: "unrecognised PDU"
            case 2: "unexpected PDU"
            case 4: "unrecognised PDU parameter"
            case 5: "unexpected PDU parameter"
            case 6: "invalid PDU parameter value"
            default: "reserved reason"
            }
        return "by the provider: \(words) (\(source)/\(reason))"
    }
}
