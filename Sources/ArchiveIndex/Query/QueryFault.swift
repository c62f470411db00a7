// Why a query isn't answered, in the terms of its response (PS3.4 §C.4.1.1.4).

import DICOM

/// A key that can't be matched as it is written, or an identifier that doesn't fit its SOP class.
package struct QueryFault: Error, Equatable, Sendable, CustomStringConvertible {
    /// What the status is: A900H; or, over a limit of ours, A700H in C-FIND and A701H in a retrieval; or, of frames, AA02H and
    /// AA04H (PS3.4 Table Y.4-1).
    package enum Kind: Sendable { case identifierDoesNotMatch, overLimit, framesNotExtracted, invalidFrameRequest }

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
