// What the requesting side proposes: a presentation context and our roles in it.

import DICOM

/// A presentation context as the requesting side proposes it, with the roles that we want for its SOP class (PS3.7 §D.3.3.4).
package struct ProposedContext: Equatable, Sendable {
    package let abstractSyntax: UID
    /// At least one; the acceptor chooses, in whatever order they stand.
    package let transferSyntaxes: [UID]
    /// The roles that we want: SCU alone is the default and is not negotiated.
    package let asSCU: Bool
    package let asSCP: Bool
    /// Service-class application information of SOP Class Extended Negotiation, where wanted (PS3.7 §D.3.3.5).
    package let extendedNegotiation: [UInt8]?

    package init(
        abstractSyntax: UID, transferSyntaxes: [UID], asSCU: Bool = true, asSCP: Bool = false,
        extendedNegotiation: [UInt8]? = nil
    ) {
        self.abstractSyntax = abstractSyntax
        self.transferSyntaxes = transferSyntaxes
        self.asSCU = asSCU
        self.asSCP = asSCP
        self.extendedNegotiation = extendedNegotiation
    }
}
