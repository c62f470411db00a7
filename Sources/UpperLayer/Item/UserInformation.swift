// User information (50H, PS3.8 §9.3.2.3 and Annex D, PS3.7 §D.3.3): all that is negotiated beside presentation contexts.

import DICOM

/// The user items of an A-ASSOCIATE-RQ or -AC. Unknown items are skipped.
///
///     51H  maximum length: 4 bytes, the longest P-DATA-TF that the sender of the item receives; 0 is no limit
///     52H  implementation class UID
///     53H  asynchronous operations window
///     54H  role selection, one for each SOP class
///     55H  implementation version name, 1–16 characters
///     56H  SOP class extended negotiation        57H  common extended negotiation (RQ only)
///     58H  user identity (RQ only)               59H  user identity response (AC only)
package struct UserInformation: Equatable, Sendable {
    static let itemType: UInt8 = 0x50

    /// Required by the standard; a peer that leaves it out has stated no limit.
    package var maximumLength: UInt32
    /// Required by the standard, left out by some peers.
    package var implementationClassUID: UID?
    package var implementationVersionName: String?
    package var asynchronousOperationsWindow: AsynchronousOperationsWindow?
    /// In the order of the items; of two for one SOP class the first counts.
    package var roles: [RoleSelection] = []
    package var extendedNegotiations: [ExtendedNegotiation] = []
    package var commonExtendedNegotiations: [CommonExtendedNegotiation] = []
    package var userIdentity: UserIdentity?
    package var userIdentityResponse: UserIdentityResponse?

    package init(maximumLength: UInt32, implementationClassUID: UID? = nil, implementationVersionName: String? = nil) {
        self.maximumLength = maximumLength
        self.implementationClassUID = implementationClassUID
        self.implementationVersionName = implementationVersionName
    }

    /// - Throws: on a malformed item; on a second user identity; when role, extended negotiation and identity items
    ///   together exceed `limits.userItemBytes`.
    init(decoding body: RawSpan, limits: AssociateLimits) throws(DecodingFault) {
        self.init(maximumLength: 0)
        var boundedBytes = 0
        var items = ItemCursor(body)
        while let item = try items.next() {
            let value = body.extracting(item.body)
            if (0x54...0x59).contains(item.type), item.type != 0x55 {
                boundedBytes += item.body.count
                guard boundedBytes <= limits.userItemBytes else {
                    throw .overLimit(
                        "length of user items", limit: limits.userItemBytes, offset: item.body.lowerBound)
                }
            }
            try take(item.type, value)
        }
    }

    private mutating func take(_ type: UInt8, _ value: RawSpan) throws(DecodingFault) {
        switch type {
        case 0x51: maximumLength = try value.bigEndian(UInt32.self, at: 0)
        // Neither name of the implementation decides anything, so a malformed one is as good as none.
        case 0x52: implementationClassUID = UID(stored: [UInt8](copying: value))
        case 0x55: implementationVersionName = Self.printable([UInt8](copying: value))
        case AsynchronousOperationsWindow.itemType: asynchronousOperationsWindow = try .init(decoding: value)
        case RoleSelection.itemType: roles.append(try RoleSelection(decoding: value))
        case ExtendedNegotiation.itemType: extendedNegotiations.append(try ExtendedNegotiation(decoding: value))
        case CommonExtendedNegotiation.itemType:
            commonExtendedNegotiations.append(try CommonExtendedNegotiation(decoding: value))
        case UserIdentity.itemType:
            guard userIdentity == nil else { throw .invalid("number of user identity items", value: 2, offset: 0) }
            userIdentity = try UserIdentity(decoding: value)
        case UserIdentityResponse.itemType: userIdentityResponse = try UserIdentityResponse(decoding: value)
        default: break
        }
    }

    /// At most 16 characters of ISO 646: the name is for logs, and logs carry no control characters from the wire.
    private static func printable(_ bytes: [UInt8]) -> String? {
        let name = bytes.trimmingPadding().prefix(16)
        guard !name.isEmpty else { return nil }
        return String(decoding: name.map { (0x20...0x7E).contains($0) ? $0 : 0x3F }, as: UTF8.self)
    }

    /// Items ascending by type, as most implementations send them.
    func encode(into pdu: inout [UInt8]) {
        pdu.appendItem(Self.itemType) { pdu in
            pdu.appendItem(0x51) { $0.append(bigEndian: maximumLength) }
            if let implementationClassUID { pdu.appendItem(0x52) { $0 += implementationClassUID.bytes } }
            asynchronousOperationsWindow?.encode(into: &pdu)
            for role in roles { role.encode(into: &pdu) }
            if let implementationVersionName {
                pdu.appendItem(0x55) { $0 += Array(implementationVersionName.utf8.prefix(16)) }
            }
            for item in extendedNegotiations { item.encode(into: &pdu) }
            for item in commonExtendedNegotiations { item.encode(into: &pdu) }
            userIdentity?.encode(into: &pdu)
            userIdentityResponse?.encode(into: &pdu)
        }
    }
}
