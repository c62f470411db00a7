// What the accepting side wants: the questions that negotiation asks of the services behind it.

import DICOM

/// The acceptor's answers. Closures, because the services know the SOP classes and this floor knows none.
package struct NegotiationPolicy: Sendable {
    /// The verdict on one proposed presentation context.
    package enum Verdict: Equatable, Sendable {
        /// With one of the proposed transfer syntaxes.
        case accept(UID)
        case reject(PresentationContextAnswer.Result)
    }

    /// Judges an abstract syntax with the transfer syntaxes and the roles proposed for it; nil roles are the default ones.
    package var judge: @Sendable (_ abstractSyntax: UID, _ transferSyntaxes: [UID], _ roles: RoleSelection?) -> Verdict
    /// The roles that we let the requester take, for a SOP class for which it proposed some. An answer can only narrow
    /// the proposal. Nil answers nothing: the default roles hold.
    package var roles: @Sendable (_ proposal: RoleSelection) -> RoleSelection?
    /// The service-class application information to return for what was offered; nil returns no item.
    package var extendedNegotiation: @Sendable (_ offer: ExtendedNegotiation) -> [UInt8]?
    /// The largest asynchronous operations window that is answered, as the requester sees it.
    package var window: AsynchronousOperationsWindow
    /// The answer to a user identity whose response was requested, where it was authenticated.
    package var userIdentityResponse: [UInt8]?

    package init(
        judge:
            @escaping @Sendable (_ abstractSyntax: UID, _ transferSyntaxes: [UID], _ roles: RoleSelection?) -> Verdict,
        roles: @escaping @Sendable (_ proposal: RoleSelection) -> RoleSelection? = { _ in nil },
        extendedNegotiation: @escaping @Sendable (_ offer: ExtendedNegotiation) -> [UInt8]? = { _ in nil },
        window: AsynchronousOperationsWindow = .synchronous, userIdentityResponse: [UInt8]? = nil
    ) {
        self.judge = judge
        self.roles = roles
        self.extendedNegotiation = extendedNegotiation
        self.window = window
        self.userIdentityResponse = userIdentityResponse
    }
}
