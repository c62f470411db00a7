// The A-ASSOCIATE-AC PDU (PS3.8 §9.3.3): what of a proposal was accepted.

import DICOM

/// The body of an A-ASSOCIATE-AC: 68 bytes and items, after the 6-byte PDU header.
///
///     offset  size  field
///          0     2  protocol version
///          2     2  reserved
///          4    16  called AE title, as in the request; not to be tested
///         20    16  calling AE title, as in the request; not to be tested
///         36    32  reserved, as in the request; not to be tested
///         68     n  items: 10H application context, 21H an answer to each context, 50H user information
package struct AssociateAccept: Equatable, Sendable {
    package var protocolVersion: UInt16 = 1
    private let parties: AssociationParties
    package var calledAETitle: AETitle? { parties.called }
    package var callingAETitle: AETitle? { parties.calling }
    package var presentationContexts: [PresentationContextAnswer]
    package var userInformation: UserInformation

    package init(
        answering request: AssociateRequest, presentationContexts: [PresentationContextAnswer],
        userInformation: UserInformation
    ) {
        parties = request.parties
        self.presentationContexts = presentationContexts
        self.userInformation = userInformation
    }

    /// - Throws: on a malformed item, or more than `limits` allow. What answers no proposal is for the requester to judge.
    package init(decoding body: RawSpan, limits: AssociateLimits = .standard) throws(DecodingFault) {
        protocolVersion = try body.bigEndian(UInt16.self, at: 0)
        parties = try AssociationParties(decoding: body)
        let fixedBytes = AssociateRequest.fixedBytes
        let content = try body.part(at: fixedBytes, length: body.byteCount - fixedBytes)
        var contexts: [PresentationContextAnswer] = []
        var userInformation: UserInformation?
        var items = ItemCursor(content)
        while let item = try items.next() {
            let value = content.extracting(item.body)
            switch item.type {
            case PresentationContextAnswer.itemType:
                guard contexts.count < AssociateLimits.presentationContexts else {
                    throw .overLimit(
                        "presentation contexts", limit: AssociateLimits.presentationContexts,
                        offset: item.body.lowerBound)
                }
                contexts.append(try PresentationContextAnswer(decoding: value))
            case UserInformation.itemType:
                guard userInformation == nil else {
                    throw .invalid("number of user information items", value: 2, offset: item.body.lowerBound)
                }
                userInformation = try UserInformation(decoding: value, limits: limits)
            default: break
            }
        }
        guard let userInformation else {
            throw .invalid("number of user information items", value: 0, offset: fixedBytes)
        }
        presentationContexts = contexts
        self.userInformation = userInformation
    }

    package func encode(into body: inout [UInt8]) {
        body.append(bigEndian: protocolVersion)
        body += [0, 0]
        body += parties.bytes
        body.appendItem(AssociateRequest.applicationContextType) { $0 += AssociateRequest.applicationContextName.bytes }
        for context in presentationContexts { context.encode(into: &body) }
        userInformation.encode(into: &body)
    }
}
