// SOP Class Extended Negotiation (56H, PS3.7 §D.3.3.5) and Common Extended Negotiation (57H, §D.3.3.6).

import DICOM

/// Service-class application information for one SOP class: bytes whose meaning the service class defines.
///
///     offset  size  field (after the item header)
///          0     2  length of the UID
///          2     n  SOP class UID
///      2 + n     m  service-class application information
package struct ExtendedNegotiation: Hashable, Sendable {
    static let itemType: UInt8 = 0x56

    package let sopClass: UID
    /// All of the item behind the UID.
    package let information: [UInt8]

    package init(sopClass: UID, information: [UInt8]) {
        self.sopClass = sopClass
        self.information = information
    }

    init(decoding body: RawSpan) throws(DecodingFault) {
        let length = Int(try body.bigEndian(UInt16.self, at: 0))
        sopClass = try UID(decoding: try body.part(at: 2, length: length), subject: "extended negotiation UID length")
        information = [UInt8](copying: try body.part(at: 2 + length, length: body.byteCount - 2 - length))
    }

    func encode(into pdu: inout [UInt8]) {
        pdu.appendItem(Self.itemType) { pdu in
            pdu.append(counted: sopClass.bytes)
            pdu += information
        }
    }
}

/// What service class a SOP class belongs to, and which general classes stand for it. Only ever in an A-ASSOCIATE-RQ.
///
///     offset  size  field (after the item header, whose reserved byte is the item's version, 0)
///          0     2  length of the SOP class UID
///          2     n  SOP class UID
///                2  length of the service class UID
///                m  service class UID
///                2  length of the list
///                k  list: for each related general SOP class a 2-byte length and its UID
package struct CommonExtendedNegotiation: Hashable, Sendable {
    static let itemType: UInt8 = 0x57

    package let sopClass: UID
    package let serviceClass: UID
    package let relatedGeneralSOPClasses: [UID]

    package init(sopClass: UID, serviceClass: UID, relatedGeneralSOPClasses: [UID]) {
        self.sopClass = sopClass
        self.serviceClass = serviceClass
        self.relatedGeneralSOPClasses = relatedGeneralSOPClasses
    }

    /// Bytes after the list are not tested.
    init(decoding body: RawSpan) throws(DecodingFault) {
        let subject = "common extended negotiation UID length"
        let classLength = Int(try body.bigEndian(UInt16.self, at: 0))
        sopClass = try UID(decoding: try body.part(at: 2, length: classLength), subject: subject)
        let serviceOffset = 2 + classLength
        let serviceLength = Int(try body.bigEndian(UInt16.self, at: serviceOffset))
        serviceClass = try UID(
            decoding: try body.part(at: serviceOffset + 2, length: serviceLength), subject: subject)
        let listOffset = serviceOffset + 2 + serviceLength
        let list = try body.part(at: listOffset + 2, length: Int(try body.bigEndian(UInt16.self, at: listOffset)))
        var related: [UID] = []
        var offset = 0
        while offset < list.byteCount {
            let length = Int(try list.bigEndian(UInt16.self, at: offset))
            related.append(try UID(decoding: try list.part(at: offset + 2, length: length), subject: subject))
            offset += 2 + length
        }
        relatedGeneralSOPClasses = related
    }

    func encode(into pdu: inout [UInt8]) {
        pdu.appendItem(Self.itemType) { pdu in
            pdu.append(counted: sopClass.bytes)
            pdu.append(counted: serviceClass.bytes)
            var list: [UInt8] = []
            for uid in relatedGeneralSOPClasses { list.append(counted: uid.bytes) }
            pdu.append(counted: list)
        }
    }
}
