// Presentation context items: what is proposed (20H, PS3.8 §9.3.2.2) and what is answered (21H, PS3.8 §9.3.3.2).

import DICOM

/// A presentation context as an A-ASSOCIATE-RQ proposes it: item 20H.
///
///     offset  size  field (after the item header)
///          0     1  presentation context ID
///          1     3  reserved, not tested
///          4     n  items: one 30H abstract syntax, one or more 40H transfer syntaxes; each body a UID
package struct ProposedPresentationContext: Equatable, Sendable {
    static let itemType: UInt8 = 0x20
    static let abstractSyntaxType: UInt8 = 0x30
    static let transferSyntaxType: UInt8 = 0x40

    package let id: PresentationContextID
    package let abstractSyntax: UID
    /// In the order of the proposal, which binds nobody.
    package let transferSyntaxes: [UID]

    package init(id: PresentationContextID, abstractSyntax: UID, transferSyntaxes: [UID]) {
        self.id = id
        self.abstractSyntax = abstractSyntax
        self.transferSyntaxes = transferSyntaxes
    }

    /// - Throws: without exactly one abstract syntax and at least one transfer syntax, and on a UID that is none.
    init(decoding body: RawSpan, limits: AssociateLimits) throws(DecodingFault) {
        id = try PresentationContextID(decoding: body, at: 0)
        var abstractSyntax: UID?
        var transferSyntaxes: [UID] = []
        var count = 0
        let content = try body.part(at: 4, length: body.byteCount - 4)
        var items = ItemCursor(content)
        while let item = try items.next() {
            let value = content.extracting(item.body)
            switch item.type {
            case Self.abstractSyntaxType:
                guard abstractSyntax == nil else {
                    throw .invalid("second abstract syntax", value: UInt64(id.rawValue), offset: item.body.lowerBound)
                }
                abstractSyntax = try UID(decoding: value, subject: "abstract syntax length")
            case Self.transferSyntaxType:
                count += 1
                guard count <= limits.transferSyntaxes else { continue }
                // A transfer syntax that is no UID can't be chosen, and costs the peer only itself.
                if let uid = UID(stored: [UInt8](copying: value)) { transferSyntaxes.append(uid) }
            default: break
            }
        }
        guard let abstractSyntax else { throw .invalid("abstract syntax count", value: 0, offset: 4) }
        guard count > 0 else { throw .invalid("transfer syntax count", value: 0, offset: 4) }
        self.abstractSyntax = abstractSyntax
        self.transferSyntaxes = transferSyntaxes
    }

    func encode(into pdu: inout [UInt8]) {
        pdu.appendItem(Self.itemType) { pdu in
            pdu += [id.rawValue, 0, 0, 0]
            pdu.appendItem(Self.abstractSyntaxType) { $0 += abstractSyntax.bytes }
            for uid in transferSyntaxes { pdu.appendItem(Self.transferSyntaxType) { $0 += uid.bytes } }
        }
    }
}

/// The answer to one proposed context in an A-ASSOCIATE-AC: item 21H.
///
///     offset  size  field (after the item header)
///          0     1  presentation context ID
///          1     1  reserved
///          2     1  result
///          3     1  reserved
///          4     n  one item 40H, meaningless unless the result is acceptance; some peers leave it out then
package struct PresentationContextAnswer: Equatable, Sendable {
    static let itemType: UInt8 = 0x21

    /// Result/reason (PS3.8 §9.3.3.2, Table 9-18). Other values pass through: they reject, that is all that matters.
    package struct Result: RawRepresentable, Hashable, Sendable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }
        package static let acceptance = Result(rawValue: 0)
        package static let userRejection = Result(rawValue: 1)
        package static let noReason = Result(rawValue: 2)
        package static let abstractSyntaxNotSupported = Result(rawValue: 3)
        package static let transferSyntaxesNotSupported = Result(rawValue: 4)
    }

    package let id: PresentationContextID
    package let result: Result
    /// The transfer syntax chosen; nil unless accepted.
    package let transferSyntax: UID?

    /// Acceptance with the one transfer syntax that the context will use.
    package static func accepted(_ id: PresentationContextID, _ transferSyntax: UID) -> PresentationContextAnswer {
        PresentationContextAnswer(id: id, result: .acceptance, transferSyntax: transferSyntax)
    }

    /// A rejection, with its reason: any result but acceptance.
    package static func rejected(_ id: PresentationContextID, _ result: Result) -> PresentationContextAnswer {
        PresentationContextAnswer(id: id, result: result, transferSyntax: nil)
    }

    private init(id: PresentationContextID, result: Result, transferSyntax: UID?) {
        self.id = id
        self.result = result
        self.transferSyntax = transferSyntax
    }

    /// - Throws: when the result is acceptance and there is not exactly one transfer syntax.
    init(decoding body: RawSpan) throws(DecodingFault) {
        id = try PresentationContextID(decoding: body, at: 0)
        result = Result(rawValue: try body.bigEndian(UInt8.self, at: 2))
        var transferSyntax: UID?
        var count: UInt64 = 0
        let content = try body.part(at: 4, length: body.byteCount - 4)
        var items = ItemCursor(content)
        while let item = try items.next() {
            guard item.type == ProposedPresentationContext.transferSyntaxType, result == .acceptance else { continue }
            count += 1
            let value = content.extracting(item.body)
            transferSyntax = try UID(decoding: value, subject: "transfer syntax length")
        }
        guard result != .acceptance || count == 1 else {
            throw .invalid("transfer syntax count", value: count, offset: 4)
        }
        self.transferSyntax = transferSyntax
    }

    /// A rejected context carries Implicit VR Little Endian as its meaningless transfer syntax: the item must be there.
    func encode(into pdu: inout [UInt8]) {
        pdu.appendItem(Self.itemType) { pdu in
            pdu += [id.rawValue, 0, result.rawValue, 0]
            pdu.appendItem(ProposedPresentationContext.transferSyntaxType) {
                $0 += (transferSyntax ?? Self.ofRejected).bytes
            }
        }
    }

    private static let ofRejected = UID(literal: "1.2.840.10008.1.2")
}

extension PresentationContextAnswer.Result: CustomStringConvertible {
    package var description: String {
        switch self {
        case .acceptance: "accepted"
        case .userRejection: "rejected by the user"
        case .noReason: "rejected without a reason"
        case .abstractSyntaxNotSupported: "abstract syntax not supported"
        case .transferSyntaxesNotSupported: "transfer syntaxes not supported"
        default: "rejected with result \(rawValue)"
        }
    }
}
