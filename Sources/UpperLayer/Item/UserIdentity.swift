// User Identity (58H in an A-ASSOCIATE-RQ, 59H in an -AC; PS3.7 §D.3.3.7): who the user says to be, and the answer.

import DICOM

/// The identity that a requester offers.
///
///     offset  size  field (after the item header)
///          0     1  type: 1 user name, 2 name and passcode, 3 Kerberos ticket, 4 SAML assertion, 5 JSON Web Token
///          1     1  positive response requested: 0 no, 1 yes
///          2     2  length of the primary field
///          4     n  primary field
///      4 + n     2  length of the secondary field
///      6 + n     m  secondary field, the passcode; empty unless type 2
package struct UserIdentity: Hashable, Sendable {
    static let itemType: UInt8 = 0x58

    /// Passed through undecoded: types are added to the standard.
    package let type: UInt8
    package let isResponseRequested: Bool
    package let primary: [UInt8]
    package let secondary: [UInt8]

    package init(type: UInt8, isResponseRequested: Bool, primary: [UInt8], secondary: [UInt8] = []) {
        self.type = type
        self.isResponseRequested = isResponseRequested
        self.primary = primary
        self.secondary = secondary
    }

    init(decoding body: RawSpan) throws(DecodingFault) {
        type = try body.bigEndian(UInt8.self, at: 0)
        isResponseRequested = try body.bigEndian(UInt8.self, at: 1) != 0
        let primaryLength = Int(try body.bigEndian(UInt16.self, at: 2))
        primary = [UInt8](copying: try body.part(at: 4, length: primaryLength))
        let secondaryLength = Int(try body.bigEndian(UInt16.self, at: 4 + primaryLength))
        secondary = [UInt8](copying: try body.part(at: 6 + primaryLength, length: secondaryLength))
    }

    func encode(into pdu: inout [UInt8]) {
        pdu.appendItem(Self.itemType) { pdu in
            pdu += [type, isResponseRequested ? 1 : 0]
            pdu.append(counted: primary)
            pdu.append(counted: secondary)
        }
    }
}

/// The answer to an identity whose response was requested and which was authenticated.
///
///     offset  size  field (after the item header)
///          0     2  length of the response
///          2     n  response; empty for types 1 and 2
package struct UserIdentityResponse: Hashable, Sendable {
    static let itemType: UInt8 = 0x59

    package let response: [UInt8]

    package init(response: [UInt8]) { self.response = response }

    init(decoding body: RawSpan) throws(DecodingFault) {
        let length = Int(try body.bigEndian(UInt16.self, at: 0))
        response = [UInt8](copying: try body.part(at: 2, length: length))
    }

    func encode(into pdu: inout [UInt8]) {
        pdu.appendItem(Self.itemType) { $0.append(counted: response) }
    }
}
