// The A-ASSOCIATE-RJ PDU (PS3.8 §9.3.4): why an association was refused.
// The reason passes undecoded, because peers send values that the standard reserves; result and source must be known.

import DICOM

/// The body of an A-ASSOCIATE-RJ PDU (PS3.8 §9.3.4, Table 9-21): 4 bytes after the 6-byte PDU header.
///
///     offset  size  field
///          0     1  reserved, sent as 0, not tested
///          1     1  result    1 permanent, 2 transient
///          2     1  source    1 user, 2 provider (ACSE), 3 provider (presentation)
///          3     1  reason    meaning depends on source
package struct AssociateReject: Equatable, Sendable {
    /// Whether to try again makes sense.
    package enum Result: UInt8, Sendable { case permanent = 1, transient }
    /// Who refused.
    package enum Source: UInt8, Sendable { case user = 1, providerACSE, providerPresentation }

    package let result: Result
    package let source: Source
    package let reason: UInt8

    package init(_ result: Result, _ source: Source, reason: UInt8) {
        self.result = result
        self.source = source
        self.reason = reason
    }

    package static let applicationContextNotSupported = AssociateReject(.permanent, .user, reason: 2)
    package static let callingAETitleNotRecognised = AssociateReject(.permanent, .user, reason: 3)
    package static let calledAETitleNotRecognised = AssociateReject(.permanent, .user, reason: 7)
    package static let protocolVersionNotSupported = AssociateReject(.permanent, .providerACSE, reason: 2)
    package static let temporaryCongestion = AssociateReject(.transient, .providerPresentation, reason: 1)
    package static let localLimitExceeded = AssociateReject(.transient, .providerPresentation, reason: 2)

    /// From the body, header not counted; bytes past the fourth are ignored.
    ///
    /// - Throws: `.truncated` when it is shorter than 4 bytes, `.invalid` on a result or a source that the standard
    ///   doesn't have: then nobody knows what was said.
    package init(decoding body: RawSpan) throws(DecodingFault) {
        let rawResult = try body.bigEndian(UInt8.self, at: 1)
        guard let result = Result(rawValue: rawResult) else {
            throw .invalid("reject result", value: UInt64(rawResult), offset: 1)
        }
        let rawSource = try body.bigEndian(UInt8.self, at: 2)
        guard let source = Source(rawValue: rawSource) else {
            throw .invalid("reject source", value: UInt64(rawSource), offset: 2)
        }
        self.result = result
        self.source = source
        reason = try body.bigEndian(UInt8.self, at: 3)
    }

    /// Appends the 4 bytes of the body.
    package func encode(into body: inout [UInt8]) { body += [0, result.rawValue, source.rawValue, reason] }
}

extension AssociateReject: CustomStringConvertible {
    /// `called AE title not recognised (permanent, 1/1/7)`.
    package var description: String {
        let words =
            switch (source, reason) {
            case (.user, 1), (.providerACSE, 1): "no reason given"
            case (.user, 2): "application context name not supported"
            case (.user, 3): "calling AE title not recognised"
            case (.user, 7): "called AE title not recognised"
            case (.providerACSE, 2): "protocol version not supported"
            case (.providerPresentation, 1): "temporary congestion"
            case (.providerPresentation, 2): "local limit exceeded"
            default: "reserved reason"
            }
        return "\(words) (\(result), \(result.rawValue)/\(source.rawValue)/\(reason))"
    }
}
