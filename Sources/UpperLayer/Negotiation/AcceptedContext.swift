// A presentation context that both sides agreed on, seen from our side: what may be sent on it, and in which role.

import DICOM

/// An accepted presentation context.
package struct AcceptedContext: Equatable, Sendable {
    package let id: PresentationContextID
    package let abstractSyntax: UID
    package let transferSyntax: UID
    /// We may invoke operations: as the requester by default, as the acceptor only where the role was negotiated.
    package let weMayBeSCU: Bool
    /// We may perform operations: as the acceptor by default.
    package let weMayBeSCP: Bool

    package init(
        id: PresentationContextID, abstractSyntax: UID, transferSyntax: UID, weMayBeSCU: Bool, weMayBeSCP: Bool
    ) {
        self.id = id
        self.abstractSyntax = abstractSyntax
        self.transferSyntax = transferSyntax
        self.weMayBeSCU = weMayBeSCU
        self.weMayBeSCP = weMayBeSCP
    }
}
