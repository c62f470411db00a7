// SCP/SCU Role Selection (54H, PS3.7 §D.3.3.4): which roles the requester may take for a SOP class.

import DICOM

/// The roles of the requester, proposed in an A-ASSOCIATE-RQ or agreed to in an -AC. Without an item: SCU only.
///
///     offset  size  field (after the item header)
///          0     2  length of the UID
///          2     n  SOP class UID
///      2 + n     1  SCU role: 0 no, 1 yes
///      3 + n     1  SCP role: 0 no, 1 yes
package struct RoleSelection: Hashable, Sendable {
    static let itemType: UInt8 = 0x54

    package let sopClass: UID
    package let isSCU: Bool
    package let isSCP: Bool

    package init(sopClass: UID, isSCU: Bool, isSCP: Bool) {
        self.sopClass = sopClass
        self.isSCU = isSCU
        self.isSCP = isSCP
    }

    /// A role byte other than 0 counts as 1.
    init(decoding body: RawSpan) throws(DecodingFault) {
        let length = Int(try body.bigEndian(UInt16.self, at: 0))
        sopClass = try UID(decoding: try body.part(at: 2, length: length), subject: "role selection UID length")
        isSCU = try body.bigEndian(UInt8.self, at: 2 + length) != 0
        isSCP = try body.bigEndian(UInt8.self, at: 3 + length) != 0
    }

    func encode(into pdu: inout [UInt8]) {
        pdu.appendItem(Self.itemType) { pdu in
            pdu.append(counted: sopClass.bytes)
            pdu += [isSCU ? 1 : 0, isSCP ? 1 : 0]
        }
    }
}
