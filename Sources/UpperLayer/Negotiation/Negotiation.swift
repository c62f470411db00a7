// Negotiation as pure functions (PS3.8 §7.1.1, PS3.7 §D.3): a proposal and a policy make an answer, a proposal and an
// answer make contexts. Both sides compute the same contexts from the same two PDUs.

import DICOM

/// Why an answer can't be one to the proposal.
package enum NegotiationFault: Error, Equatable, Sendable {
    /// A context answered that was not proposed.
    case unknownContext(PresentationContextID)
    /// A context answered twice.
    case repeatedContext(PresentationContextID)
    /// A context accepted with a transfer syntax that was not proposed for it.
    case foreignTransferSyntax(PresentationContextID, UID)
}

extension NegotiationFault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unknownContext(let id): "presentation context \(id) was answered but not proposed"
        case .repeatedContext(let id): "presentation context \(id) was answered twice"
        case .foreignTransferSyntax(let id, let uid):
            "presentation context \(id) was accepted with \(uid), which was not proposed"
        }
    }
}

/// What both sides compute from the two A-ASSOCIATE PDUs.
package enum Negotiation {
    /// The acceptor's answer: every proposed context answered once and in order, roles and extended negotiation only where
    /// proposed, and only for SOP classes of which a context was accepted.
    ///
    /// - Parameter maximumLength: the longest P-DATA-TF that we receive.
    package static func accept(
        _ request: AssociateRequest, policy: NegotiationPolicy, maximumLength: UInt32,
        identity: ImplementationIdentity = .fileroom
    ) -> AssociateAccept {
        var acceptedClasses = Set<UID>()
        let proposedRoles = rolesByClass(request.userInformation.roles)
        let answers = request.presentationContexts.map { proposal in
            let answer = answer(proposal, proposedRoles[proposal.abstractSyntax], policy: policy)
            if answer.result == .acceptance { acceptedClasses.insert(proposal.abstractSyntax) }
            return answer
        }
        let offered = request.userInformation
        var user = UserInformation(
            maximumLength: maximumLength, implementationClassUID: identity.classUID,
            implementationVersionName: identity.versionName)
        user.asynchronousOperationsWindow = offered.asynchronousOperationsWindow?.narrowed(to: policy.window)
        var answeredRoles = Set<UID>()
        for proposal in offered.roles where acceptedClasses.contains(proposal.sopClass) {
            guard let role = policy.roles(proposal), answeredRoles.insert(proposal.sopClass).inserted else { continue }
            user.roles.append(
                RoleSelection(
                    sopClass: proposal.sopClass, isSCU: proposal.isSCU && role.isSCU,
                    isSCP: proposal.isSCP && role.isSCP))
        }
        var answeredClasses = Set<UID>()
        for offer in offered.extendedNegotiations where acceptedClasses.contains(offer.sopClass) {
            guard let information = policy.extendedNegotiation(offer), answeredClasses.insert(offer.sopClass).inserted
            else { continue }
            user.extendedNegotiations.append(ExtendedNegotiation(sopClass: offer.sopClass, information: information))
        }
        if let identity = offered.userIdentity, identity.isResponseRequested, let response = policy.userIdentityResponse
        {
            user.userIdentityResponse = UserIdentityResponse(response: response)
        }
        return AssociateAccept(answering: request, presentationContexts: answers, userInformation: user)
    }

    private static func answer(
        _ proposal: ProposedPresentationContext, _ roles: RoleSelection?, policy: NegotiationPolicy
    ) -> PresentationContextAnswer {
        // None of what was proposed was a UID: nothing to choose from, and no policy should have to think of that.
        guard !proposal.transferSyntaxes.isEmpty else { return .rejected(proposal.id, .transferSyntaxesNotSupported) }
        return switch policy.judge(proposal.abstractSyntax, proposal.transferSyntaxes, roles) {
        case .accept(let chosen) where proposal.transferSyntaxes.contains(chosen): .accepted(proposal.id, chosen)
        // A policy may answer one syntax for all; what wasn't proposed can't be accepted.
        case .accept: .rejected(proposal.id, .transferSyntaxesNotSupported)
        case .reject(let result): .rejected(proposal.id, result == .acceptance ? .noReason : result)
        }
    }

    /// The accepted contexts as one side sees them.
    ///
    /// Roles (PS3.7 §D.3.3.4): what both proposed and answered counts; without an answer the requester is SCU only.
    ///
    /// - Throws: when the answer is none to this proposal. Proposed contexts without an answer count as rejected.
    package static func contexts(
        of accept: AssociateAccept, to request: AssociateRequest, asRequester: Bool
    ) throws(NegotiationFault) -> [AcceptedContext] {
        var proposals: [PresentationContextID: ProposedPresentationContext] = [:]
        for proposal in request.presentationContexts { proposals[proposal.id] = proposal }
        let proposedRoles = rolesByClass(request.userInformation.roles)
        let answeredRoles = rolesByClass(accept.userInformation.roles)
        var seen = Set<PresentationContextID>()
        var contexts: [AcceptedContext] = []
        for answer in accept.presentationContexts {
            guard let proposal = proposals[answer.id] else { throw .unknownContext(answer.id) }
            guard seen.insert(answer.id).inserted else { throw .repeatedContext(answer.id) }
            guard answer.result == .acceptance, let syntax = answer.transferSyntax else { continue }
            guard proposal.transferSyntaxes.contains(syntax) else { throw .foreignTransferSyntax(answer.id, syntax) }
            var isRequesterSCU = true
            var isRequesterSCP = false
            let sopClass = proposal.abstractSyntax
            if let proposed = proposedRoles[sopClass], let answered = answeredRoles[sopClass] {
                isRequesterSCU = proposed.isSCU && answered.isSCU
                isRequesterSCP = proposed.isSCP && answered.isSCP
            }
            contexts.append(
                AcceptedContext(
                    id: answer.id, abstractSyntax: sopClass, transferSyntax: syntax,
                    weMayBeSCU: asRequester ? isRequesterSCU : isRequesterSCP,
                    weMayBeSCP: asRequester ? isRequesterSCP : isRequesterSCU))
        }
        return contexts
    }

    /// The window that both sides agreed on, as one side sees it: what that side may invoke and performs (PS3.7 §D.3.3.3).
    /// Both items are as the requester sees it; where one of them is missing, one operation at a time holds.
    package static func window(
        of accept: AssociateAccept, to request: AssociateRequest, asRequester: Bool
    ) -> AsynchronousOperationsWindow {
        guard let offered = request.userInformation.asynchronousOperationsWindow,
            let answered = accept.userInformation.asynchronousOperationsWindow
        else { return .synchronous }
        // An answer over the offer is a peer's mistake that does no harm.
        let agreed = answered.narrowed(to: offered)
        return asRequester ? agreed : agreed.mirrored
    }

    private static func rolesByClass(_ roles: [RoleSelection]) -> [UID: RoleSelection] {
        Dictionary(roles.map { ($0.sopClass, $0) }) { first, _ in first }
    }
}
