// What a site or a negotiation decides about matching.

import DICOM

/// Choices that PS3.4 §C.2.2 leaves open.
package struct MatchingOptions: Hashable, Sendable {
    /// A stored value of zero length matches every key value (PS3.4 §C.2.2.1.2); peers and clients expect that it doesn't.
    package var unknownMatches = false
    /// What date-times without an offset are in.
    package var utcOffset = UTCOffset.utc

    package init() {}
}

/// A key that can't be matched as it is written, or an identifier that doesn't fit its SOP class.
package struct QueryFault: Error, Equatable, Sendable, CustomStringConvertible {
    package enum Kind: Sendable { case identifierDoesNotMatch, overLimit }

    package let kind: Kind
    /// Offending Elements (0000,0901).
    package let offending: [Tag]
    /// For the Error Comment (0000,0902).
    package let comment: String

    package init(_ kind: Kind, _ offending: [Tag], _ comment: String) {
        self.kind = kind
        self.offending = offending
        self.comment = comment
    }

    package var description: String { comment }

    static func key(_ tag: Tag, _ what: String) -> QueryFault {
        let name = DataDictionary.entry(for: tag)?.keyword ?? "\(tag)"
        return QueryFault(.identifierDoesNotMatch, [tag], "\(name): \(what)")
    }
}
