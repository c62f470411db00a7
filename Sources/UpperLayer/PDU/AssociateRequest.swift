// The A-ASSOCIATE-RQ PDU (PS3.8 §9.3.2): who calls whom, and for what.

import DICOM

/// The body of an A-ASSOCIATE-RQ: 68 bytes and items, after the 6-byte PDU header.
///
///     offset  size  field
///          0     2  protocol version: bit 0 is version 1, the only bit tested
///          2     2  reserved
///          4    16  called AE title, outer spaces not significant
///         20    16  calling AE title
///         36    32  reserved; an A-ASSOCIATE-AC sends all 64 bytes from 4 on back as they came
///         68     n  items: 10H application context, 20H presentation contexts, 50H user information
package struct AssociateRequest: Equatable, Sendable {
    package static let applicationContextName = UID(literal: "1.2.840.10008.3.1.1.1")
    static let applicationContextType: UInt8 = 0x10
    static let fixedBytes = 68

    package var protocolVersion: UInt16 = 1
    var parties: AssociationParties
    /// Nil when the field holds no AE title: only spaces, or control characters.
    package var calledAETitle: AETitle? {
        get { parties.called }
        set { parties.called = newValue }
    }
    package var callingAETitle: AETitle? {
        get { parties.calling }
        set { parties.calling = newValue }
    }
    /// Nil when the item is missing or its body is no UID.
    package var applicationContext: UID? = applicationContextName
    package var presentationContexts: [ProposedPresentationContext]
    package var userInformation: UserInformation

    package init(
        called: AETitle, calling: AETitle, presentationContexts: [ProposedPresentationContext],
        userInformation: UserInformation
    ) {
        parties = AssociationParties(called: called, calling: calling)
        self.presentationContexts = presentationContexts
        self.userInformation = userInformation
    }

    /// - Throws: on a malformed item, an ID proposed twice, more than 128 contexts, or more than `limits` allow.
    package init(decoding body: RawSpan, limits: AssociateLimits = .standard) throws(DecodingFault) {
        protocolVersion = try body.bigEndian(UInt16.self, at: 0)
        parties = try AssociationParties(decoding: body)
        let content = try body.part(at: Self.fixedBytes, length: body.byteCount - Self.fixedBytes)
        var applicationContext: UID?
        var contexts: [ProposedPresentationContext] = []
        var seen = Set<PresentationContextID>()
        var userInformation: UserInformation?
        var items = ItemCursor(content)
        while let item = try items.next() {
            let value = content.extracting(item.body)
            switch item.type {
            case Self.applicationContextType:
                applicationContext = UID(stored: [UInt8](copying: value))
            case ProposedPresentationContext.itemType:
                guard contexts.count < AssociateLimits.presentationContexts else {
                    throw .overLimit(
                        "presentation contexts", limit: AssociateLimits.presentationContexts,
                        offset: item.body.lowerBound)
                }
                let context = try ProposedPresentationContext(decoding: value, limits: limits)
                guard seen.insert(context.id).inserted else {
                    throw .invalid(
                        "repeated presentation context ID", value: UInt64(context.id.rawValue),
                        offset: item.body.lowerBound)
                }
                contexts.append(context)
            case UserInformation.itemType:
                guard userInformation == nil else {
                    throw .invalid("number of user information items", value: 2, offset: item.body.lowerBound)
                }
                userInformation = try UserInformation(decoding: value, limits: limits)
            default: break
            }
        }
        guard let userInformation else {
            throw .invalid("number of user information items", value: 0, offset: Self.fixedBytes)
        }
        self.applicationContext = applicationContext
        presentationContexts = contexts
        self.userInformation = userInformation
    }

    /// Appends the body, header not counted; an AE title that is nil goes out as 16 spaces.
    package func encode(into body: inout [UInt8]) {
        body.append(bigEndian: protocolVersion)
        body += [0, 0]
        body += parties.bytes
        if let applicationContext {
            body.appendItem(Self.applicationContextType) { $0 += applicationContext.bytes }
        }
        for context in presentationContexts { context.encode(into: &body) }
        userInformation.encode(into: &body)
    }
}
