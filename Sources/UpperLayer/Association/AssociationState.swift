// The states of an association (PS3.8 §9.2.1, Tables 9-1 to 9-5): named for people, numbered for the standard.

/// Sta1 to Sta13; the raw value is the standard's number.
package enum AssociationState: Int, CaseIterable, Sendable {
    /// Sta1: no connection.
    case idle = 1
    /// Sta2: connected, the A-ASSOCIATE-RQ is awaited.
    case awaitingRequest
    /// Sta3: the local answer to an A-ASSOCIATE-RQ is awaited.
    case awaitingDecision
    /// Sta4: the connection that we asked for is awaited.
    case awaitingConnection
    /// Sta5: A-ASSOCIATE-AC or -RJ is awaited.
    case awaitingAnswer
    /// Sta6: established, data may flow.
    case established
    /// Sta7: we asked for the release, A-RELEASE-RP is awaited; data may still arrive.
    case awaitingReleaseResponse
    /// Sta8: the peer asked for the release, the local answer is awaited; data may still be sent.
    case awaitingReleaseAnswer
    /// Sta9: release collision, we requested the association; the local answer is awaited.
    case collisionRequesterAwaitingAnswer
    /// Sta10: release collision, we accepted the association; A-RELEASE-RP is awaited.
    case collisionAcceptorAwaitingResponse
    /// Sta11: release collision, we requested the association; A-RELEASE-RP is awaited.
    case collisionRequesterAwaitingResponse
    /// Sta12: release collision, we accepted the association; the local answer is awaited.
    case collisionAcceptorAwaitingAnswer
    /// Sta13: nothing more to say; the peer's close is awaited.
    case awaitingClose

    /// As PS3.8 §9.2.1 counts them: 1 is Sta1.
    package var number: Int { rawValue }
}

extension AssociationState: CustomStringConvertible {
    package var description: String {
        switch self {
        case .idle: "idle"
        case .awaitingRequest: "awaiting A-ASSOCIATE-RQ"
        case .awaitingDecision: "deciding on A-ASSOCIATE-RQ"
        case .awaitingConnection: "awaiting the connection"
        case .awaitingAnswer: "awaiting A-ASSOCIATE-AC"
        case .established: "established"
        case .awaitingReleaseResponse: "awaiting A-RELEASE-RP"
        case .awaitingReleaseAnswer: "answering A-RELEASE-RQ"
        case .collisionRequesterAwaitingAnswer: "release collision, requester answering"
        case .collisionAcceptorAwaitingResponse: "release collision, acceptor awaiting A-RELEASE-RP"
        case .collisionRequesterAwaitingResponse: "release collision, requester awaiting A-RELEASE-RP"
        case .collisionAcceptorAwaitingAnswer: "release collision, acceptor answering"
        case .awaitingClose: "awaiting the peer's close"
        }
    }
}
