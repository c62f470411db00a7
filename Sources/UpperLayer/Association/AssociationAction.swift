// What the driver of an association has to do, in order, after an event (PS3.8 §9.2.3, Tables 9-6 to 9-9).

/// One step of an action of the standard. Whoever owns the socket and the clock carries it out.
package enum AssociationAction: Equatable, Sendable {
    /// Open the connection.
    case connect
    /// Close the connection.
    case closeTransport
    /// Start ARTIM anew, running or not.
    case startTimer
    case stopTimer
    /// Send a PDU.
    case send(PDU)
    /// Send the data of the P-DATA request.
    case sendData
    /// Ask the local user about an association (A-ASSOCIATE indication).
    case decide(AssociateRequest)
    /// Our request was answered (A-ASSOCIATE confirmation).
    case confirmAccept(AssociateAccept)
    case confirmReject(AssociateReject)
    /// Take the data that arrived (P-DATA indication).
    case indicateData
    /// The peer wants to release (A-RELEASE indication).
    case indicateRelease
    /// Our release is answered (A-RELEASE confirmation).
    case confirmRelease
    /// The peer aborted (A-ABORT or A-P-ABORT indication).
    case indicateAbort(Abort)
    /// The association ended by itself: a protocol error, with what was sent, or the loss of the connection, with nil (A-P-ABORT indication).
    case indicateProviderAbort(Abort?)
}
