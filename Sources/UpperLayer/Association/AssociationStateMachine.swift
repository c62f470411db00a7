// The upper layer's state machine (PS3.8 §9.2, Table 9-10): it decides, its driver acts. No socket, no clock.

/// One association, from either side. A value: `handle` takes an event and returns what to do, in order.
package struct AssociationStateMachine: Equatable, Sendable {
    package private(set) var state = AssociationState.idle
    /// We asked for the association. Decides who is who in a release collision (AR-8).
    package private(set) var isRequester = false
    /// What AE-2 will send.
    private var pendingRequest: AssociateRequest?

    package init() {}

    /// The actions of PS3.8 §9.2.3 by their names.
    enum Rule: Equatable {
        case ae1, ae2, ae3, ae4, ae5, ae6, ae7, ae8
        case dt1, dt2
        case ar1, ar2, ar3, ar4, ar5, ar6, ar7, ar8, ar9, ar10
        case aa1, aa2, aa3, aa4, aa5, aa6, aa7, aa8
    }

    /// Takes one event. An event that the standard's table leaves empty in this state does nothing and returns nothing:
    /// for what we ask for, that means "not now".
    package mutating func handle(_ event: AssociationEvent) -> [AssociationAction] {
        guard let rule = rule(for: event) else { return [] }
        return apply(rule, to: event)
    }

    /// The cell of Table 9-10.
    func rule(for event: AssociationEvent) -> Rule? {
        switch event {
        case .associateRequested: state == .idle ? .ae1 : nil
        case .transportConnected: state == .awaitingConnection ? .ae2 : nil
        case .acceptArrived: state == .awaitingAnswer ? .ae3 : ruleForUnexpectedPDU
        case .rejectArrived: state == .awaitingAnswer ? .ae4 : ruleForUnexpectedPDU
        case .transportIndicated: state == .idle ? .ae5 : nil
        case .requestArrived:
            switch state {
            case .awaitingRequest: .ae6
            case .awaitingClose: .aa7
            default: ruleForUnexpectedPDU
            }
        case .acceptDecided: state == .awaitingDecision ? .ae7 : nil
        case .rejectDecided: state == .awaitingDecision ? .ae8 : nil
        case .dataRequested:
            switch state {
            case .established: .dt1
            case .awaitingReleaseAnswer: .ar7
            default: nil
            }
        case .dataArrived:
            switch state {
            case .established: .dt2
            case .awaitingReleaseResponse: .ar6
            default: ruleForUnexpectedPDU
            }
        case .releaseRequested: state == .established ? .ar1 : nil
        case .releaseRequestArrived:
            switch state {
            case .established: .ar2
            case .awaitingReleaseResponse: .ar8
            default: ruleForUnexpectedPDU
            }
        case .releaseResponseArrived:
            switch state {
            case .awaitingReleaseResponse, .collisionRequesterAwaitingResponse: .ar3
            case .collisionAcceptorAwaitingResponse: .ar10
            default: ruleForUnexpectedPDU
            }
        case .releaseAnswered:
            switch state {
            case .awaitingReleaseAnswer, .collisionAcceptorAwaitingAnswer: .ar4
            case .collisionRequesterAwaitingAnswer: .ar9
            default: nil
            }
        case .abortRequested:
            switch state {
            case .idle, .awaitingRequest, .awaitingClose: nil
            case .awaitingConnection: .aa2
            default: .aa1
            }
        case .abortArrived:
            switch state {
            case .idle, .awaitingConnection: nil
            case .awaitingRequest, .awaitingClose: .aa2
            default: .aa3
            }
        case .transportClosed:
            switch state {
            case .idle: nil
            case .awaitingRequest: .aa5
            case .awaitingClose: .ar5
            default: .aa4
            }
        case .timerExpired: state == .awaitingRequest || state == .awaitingClose ? .aa2 : nil
        case .invalidPDUArrived: state == .awaitingClose ? .aa7 : ruleForUnexpectedPDU
        }
    }

    /// What a PDU gets that has no business in this state; nil where no connection is there to bring one.
    private var ruleForUnexpectedPDU: Rule? {
        switch state {
        case .idle, .awaitingConnection: nil
        case .awaitingRequest: .aa1
        case .awaitingClose: .aa6
        default: .aa8
        }
    }

    private mutating func apply(_ rule: Rule, to event: AssociationEvent) -> [AssociationAction] {
        switch rule {
        case .ae1, .ae2, .ae3, .ae4, .ae5, .ae6, .ae7, .ae8: applyEstablishment(rule, to: event)
        case .dt1: enter(.established, [.sendData])
        case .dt2: enter(.established, [.indicateData])
        case .ar1, .ar2, .ar3, .ar4, .ar5, .ar6, .ar7, .ar8, .ar9, .ar10: applyRelease(rule)
        case .aa1, .aa2, .aa3, .aa4, .aa5, .aa6, .aa7, .aa8: applyAbort(rule, to: event)
        }
    }

    private mutating func enter(_ next: AssociationState, _ actions: [AssociationAction]) -> [AssociationAction] {
        state = next
        return actions
    }

    /// Table 9-6, association establishment.
    private mutating func applyEstablishment(_ rule: Rule, to event: AssociationEvent) -> [AssociationAction] {
        switch (rule, event) {
        case (.ae1, .associateRequested(let request)):
            isRequester = true
            pendingRequest = request
            return enter(.awaitingConnection, [.connect])
        case (.ae2, _):
            guard let request = pendingRequest else { preconditionFailure("Sta4 without a request") }
            pendingRequest = nil
            return enter(.awaitingAnswer, [.send(.associateRequest(request))])
        case (.ae3, .acceptArrived(let accept)): return enter(.established, [.confirmAccept(accept)])
        case (.ae4, .rejectArrived(let reject)): return enter(.idle, [.confirmReject(reject), .closeTransport])
        case (.ae5, _): return enter(.awaitingRequest, [.startTimer])
        case (.ae6, .requestArrived(let request)):
            guard request.protocolVersion & 1 == 1 else {
                let reject = PDU.associateReject(.protocolVersionNotSupported)
                return enter(.awaitingClose, [.stopTimer, .send(reject), .startTimer])
            }
            return enter(.awaitingDecision, [.stopTimer, .decide(request)])
        case (.ae7, .acceptDecided(let accept)): return enter(.established, [.send(.associateAccept(accept))])
        case (.ae8, .rejectDecided(let reject)):
            return enter(.awaitingClose, [.send(.associateReject(reject)), .startTimer])
        default: preconditionFailure("\(rule) does not belong to event \(event.number)")
        }
    }

    /// Table 9-8, association release.
    private mutating func applyRelease(_ rule: Rule) -> [AssociationAction] {
        switch rule {
        case .ar1: enter(.awaitingReleaseResponse, [.send(.releaseRequest)])
        case .ar2: enter(.awaitingReleaseAnswer, [.indicateRelease])
        case .ar3: enter(.idle, [.confirmRelease, .closeTransport])
        case .ar4: enter(.awaitingClose, [.send(.releaseResponse), .startTimer])
        case .ar5: enter(.idle, [.stopTimer])
        case .ar6: enter(.awaitingReleaseResponse, [.indicateData])
        case .ar7: enter(.awaitingReleaseAnswer, [.sendData])
        case .ar8:
            enter(
                isRequester ? .collisionRequesterAwaitingAnswer : .collisionAcceptorAwaitingResponse, [.indicateRelease]
            )
        case .ar9: enter(.collisionRequesterAwaitingResponse, [.send(.releaseResponse)])
        case .ar10: enter(.collisionAcceptorAwaitingAnswer, [.confirmRelease])
        default: preconditionFailure("\(rule) is no release action")
        }
    }

    /// Table 9-9, association abort.
    private mutating func applyAbort(_ rule: Rule, to event: AssociationEvent) -> [AssociationAction] {
        switch rule {
        case .aa1: return enter(.awaitingClose, [.send(.abort(.user)), .startTimer])
        case .aa2: return enter(.idle, [.stopTimer, .closeTransport])
        case .aa3:
            guard case .abortArrived(let abort) = event else { preconditionFailure("AA-3 is for an A-ABORT") }
            return enter(.idle, [.indicateAbort(abort), .closeTransport])
        case .aa4: return enter(.idle, [.indicateProviderAbort(nil)])
        case .aa5: return enter(.idle, [.stopTimer])
        case .aa6: return []
        case .aa7: return enter(.awaitingClose, [.send(.abort(abort(for: event)))])
        case .aa8:
            let abort = abort(for: event)
            return enter(.awaitingClose, [.send(.abort(abort)), .indicateProviderAbort(abort), .startTimer])
        default: preconditionFailure("\(rule) is no abort action")
        }
    }

    /// Source and reason of the provider's A-ABORT: what an invalid PDU deserves, else "unexpected PDU" (PS3.8 §9.3.8).
    private func abort(for event: AssociationEvent) -> Abort {
        if case .invalidPDUArrived(let abort) = event { return abort }
        return .unexpectedPDU
    }
}
