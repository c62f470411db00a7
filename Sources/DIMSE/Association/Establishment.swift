// How an association comes about (PS3.8 §7.1): accepted from a connection, or requested over one.

import DICOM
import Platform
import UpperLayer

extension Association {
    /// Answers the association request of a peer that connected. The first read happens here, on the caller's thread.
    ///
    /// - Parameter decide: judges a request; it may log, look up and refuse, but not wait for the peer. Titles may be nil: a
    ///   request without a calling one is rejected whatever it says.
    /// - Throws: `.refused` when it was rejected, by `decide` or for what no service could accept; `.interrupted` when the
    ///   wake descriptor woke the wait for the request.
    package static func accept(
        over transport: any Transport, peerName: String, limits: AssociationLimits = .standard,
        trace: ((MessageTrace) -> Void)? = nil, decide: (AssociateRequest) -> AssociationDecision
    ) throws(AssociationFault) -> Association {
        let link = Link(transport, limits: limits)
        link.tracer.hook = trace
        try link.handle(.transportIndicated)
        let waiting = Link.Waiting(
            stage: .associateRequest, seconds: limits.associateSeconds, isWakeable: true, isIdle: true)
        do throws(AssociationFault) {
            while true {
                for case .decide(let request) in try link.advance(waiting) {
                    return try answer(request, peerName: peerName, link: link, decide: decide)
                }
            }
        } catch {
            if case .interrupted = error { link.close() }
            throw error
        }
    }

    private static func answer(
        _ request: AssociateRequest, peerName: String, link: Link, decide: (AssociateRequest) -> AssociationDecision
    ) throws(AssociationFault) -> Association {
        guard request.applicationContext == AssociateRequest.applicationContextName else {
            throw refuse(.applicationContextNotSupported, link)
        }
        guard let fragmentation = Fragmentation(peerMaximumLength: request.userInformation.maximumLength) else {
            throw refuse(AssociateReject(.permanent, .providerPresentation, reason: 2), link)
        }
        let policy: NegotiationPolicy
        switch decide(request) {
        case .reject(let reject): throw refuse(reject, link)
        case .accept(let accepted): policy = accepted
        }
        guard let calling = request.callingAETitle else { throw refuse(.callingAETitleNotRecognised, link) }
        let accept = Negotiation.accept(
            request, policy: policy, maximumLength: UInt32(clamping: link.limits.receivePDUBytes))
        let contexts: [AcceptedContext]
        do throws(NegotiationFault) {
            contexts = try Negotiation.contexts(of: accept, to: request, asRequester: false)
        } catch {
            preconditionFailure("our own answer contradicts the proposal: \(error)")
        }
        try link.handle(.acceptDecided(accept))
        link.finishMessage()
        return Association(
            link: link, calling: calling, called: request.calledAETitle, peerName: peerName, contexts: contexts,
            window: Negotiation.window(of: accept, to: request, asRequester: false), peer: request.userInformation,
            own: accept.userInformation, fragmentation: fragmentation)
    }

    private static func refuse(_ reject: AssociateReject, _ link: Link) -> AssociationFault {
        do throws(AssociationFault) {
            try link.handle(.rejectDecided(reject))
            link.awaitClose()
        } catch {
            link.close()
        }
        return .refused(reject)
    }

    /// Requests an association over a connection.
    ///
    /// - Parameters:
    ///   - contexts: at most 128; the first gets ID 1, the next 3, and so on. More is our own mistake and traps.
    ///   - window: proposes an asynchronous operations window; nil has no such item.
    package static func request(
        over transport: any Transport, peerName: String, calling: AETitle, called: AETitle,
        contexts proposed: [ProposedContext], window: AsynchronousOperationsWindow? = nil,
        limits: AssociationLimits = .standard, trace: ((MessageTrace) -> Void)? = nil
    ) throws(AssociationFault) -> Association {
        let request = associateRequest(
            calling: calling, called: called, contexts: proposed, window: window, limits: limits)
        let link = Link(transport, limits: limits)
        link.tracer.hook = trace
        try link.handle(.associateRequested(request))
        try link.handle(.transportConnected)
        let waiting = Link.Waiting(
            stage: .associateAnswer, seconds: limits.associateSeconds,
            end: Link.End(of: .associateAnswer, in: limits.associateSeconds, from: transport.nowSeconds))
        do throws(AssociationFault) {
            while true {
                for case .confirmAccept(let accept) in try link.advance(waiting) {
                    return try confirm(
                        accept, of: request, peerName: peerName, calling: calling, called: called, link: link)
                }
            }
        } catch {
            // Nobody waits for the answer any more: the peer hears so.
            if case .interrupted = error { link.abort() }
            throw error
        }
    }

    private static func confirm(
        _ accept: AssociateAccept, of request: AssociateRequest, peerName: String, calling: AETitle, called: AETitle,
        link: Link
    ) throws(AssociationFault) -> Association {
        let contexts: [AcceptedContext]
        do throws(NegotiationFault) {
            contexts = try Negotiation.contexts(of: accept, to: request, asRequester: true)
        } catch {
            throw link.violate(.negotiation("\(error)"), .invalidParameterValue)
        }
        link.finishMessage()
        let maximumLength = accept.userInformation.maximumLength
        guard let fragmentation = Fragmentation(peerMaximumLength: maximumLength) else {
            throw link.violate(
                .negotiation("a maximum length of \(maximumLength) leaves no room for data"), .invalidParameterValue)
        }
        return Association(
            link: link, calling: calling, called: called, peerName: peerName, contexts: contexts,
            window: Negotiation.window(of: accept, to: request, asRequester: true), peer: accept.userInformation,
            own: request.userInformation, fragmentation: fragmentation)
    }

    /// The A-ASSOCIATE-RQ for a proposal: role items only where a role other than the default is wanted.
    static func associateRequest(
        calling: AETitle, called: AETitle, contexts proposed: [ProposedContext],
        window: AsynchronousOperationsWindow? = nil, limits: AssociationLimits
    ) -> AssociateRequest {
        let contexts = proposed.enumerated().map { index, context in
            guard let id = PresentationContextID(index: index) else {
                preconditionFailure("more than \(AssociateLimits.presentationContexts) presentation contexts")
            }
            return ProposedPresentationContext(
                id: id, abstractSyntax: context.abstractSyntax, transferSyntaxes: context.transferSyntaxes)
        }
        let identity = ImplementationIdentity.fileroom
        var user = UserInformation(
            maximumLength: UInt32(clamping: limits.receivePDUBytes), implementationClassUID: identity.classUID,
            implementationVersionName: identity.versionName)
        user.asynchronousOperationsWindow = window
        var classesWithRole = Set<UID>()
        var classesWithExtension = Set<UID>()
        for context in proposed {
            if context.asSCP || !context.asSCU, classesWithRole.insert(context.abstractSyntax).inserted {
                user.roles.append(
                    RoleSelection(sopClass: context.abstractSyntax, isSCU: context.asSCU, isSCP: context.asSCP))
            }
            if let information = context.extendedNegotiation,
                classesWithExtension.insert(context.abstractSyntax).inserted
            {
                user.extendedNegotiations.append(
                    ExtendedNegotiation(sopClass: context.abstractSyntax, information: information))
            }
        }
        return AssociateRequest(
            called: called, calling: calling, presentationContexts: contexts, userInformation: user)
    }
}
