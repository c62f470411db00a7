// What can happen to an association (PS3.8 §9.2.2, Table 9-10): one case for each of the standard's 19 events.

/// Evt1 to Evt19. What we ask for ends in -ed words of ours, what the peer sent in `Arrived`.
package enum AssociationEvent: Equatable, Sendable {
    /// Evt1: A-ASSOCIATE request primitive.
    case associateRequested(AssociateRequest)
    /// Evt2: the connection that we asked for is there.
    case transportConnected
    /// Evt3.
    case acceptArrived(AssociateAccept)
    /// Evt4.
    case rejectArrived(AssociateReject)
    /// Evt5: a peer connected.
    case transportIndicated
    /// Evt6.
    case requestArrived(AssociateRequest)
    /// Evt7: A-ASSOCIATE response primitive, accept.
    case acceptDecided(AssociateAccept)
    /// Evt8: A-ASSOCIATE response primitive, reject.
    case rejectDecided(AssociateReject)
    /// Evt9: P-DATA request primitive. The data stay with the driver, which sends them on `.sendData`.
    case dataRequested
    /// Evt10: the data stay with the driver, which takes them on `.indicateData`.
    case dataArrived
    /// Evt11: A-RELEASE request primitive.
    case releaseRequested
    /// Evt12.
    case releaseRequestArrived
    /// Evt13.
    case releaseResponseArrived
    /// Evt14: A-RELEASE response primitive.
    case releaseAnswered
    /// Evt15: A-ABORT request primitive.
    case abortRequested
    /// Evt16.
    case abortArrived(Abort)
    /// Evt17: the connection closed or broke.
    case transportClosed
    /// Evt18: ARTIM expired.
    case timerExpired
    /// Evt19: an unrecognised or invalid PDU, with the A-ABORT that it deserves.
    case invalidPDUArrived(Abort)

    /// What the arrival of a PDU is.
    package init(arrived pdu: PDU) {
        self =
            switch pdu {
            case .associateRequest(let request): .requestArrived(request)
            case .associateAccept(let accept): .acceptArrived(accept)
            case .associateReject(let reject): .rejectArrived(reject)
            case .dataTransfer: .dataArrived
            case .releaseRequest: .releaseRequestArrived
            case .releaseResponse: .releaseResponseArrived
            case .abort(let abort): .abortArrived(abort)
            }
    }

    /// The standard's number.
    package var number: Int {
        switch self {
        case .associateRequested: 1
        case .transportConnected: 2
        case .acceptArrived: 3
        case .rejectArrived: 4
        case .transportIndicated: 5
        case .requestArrived: 6
        case .acceptDecided: 7
        case .rejectDecided: 8
        case .dataRequested: 9
        case .dataArrived: 10
        case .releaseRequested: 11
        case .releaseRequestArrived: 12
        case .releaseResponseArrived: 13
        case .releaseAnswered: 14
        case .abortRequested: 15
        case .abortArrived: 16
        case .transportClosed: 17
        case .timerExpired: 18
        case .invalidPDUArrived: 19
        }
    }
}
