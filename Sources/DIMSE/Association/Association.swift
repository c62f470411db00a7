// An association from the accepting or the requesting side (PS3.8 §7, PS3.7 §9): blocking, for one thread.
// How it is made is in Establishment, messages in Receiving and Sending, its end in Ending.

import DICOM
import Platform
import UpperLayer

/// An established association. Ends by `release`, `abort`, the peer, or a fault; never reused.
package final class Association {
    /// Of the A-ASSOCIATE-RQ, whichever side we are.
    package let callingAETitle: AETitle
    /// Nil where the request's was empty or none, and was accepted all the same.
    package let calledAETitle: AETitle?
    /// The peer's address, in words for logs: `192.0.2.7:49152`.
    package let peerName: String
    /// The peer's address where the association runs over TCP.
    package internal(set) var peerAddress: SocketAddress?
    /// What was agreed on, in the order of the answer.
    package let contexts: [AcceptedContext]
    /// How many operations may be outstanding: those that we invoke and those that we perform; 0 is without limit
    /// (PS3.7 §D.3.3.3).
    package let window: AsynchronousOperationsWindow
    /// What the peer said in its user information: its implementation, maximum length, extended negotiation, identity.
    package let peer: UserInformation
    /// What we said in ours.
    package let own: UserInformation
    package let limits: AssociationLimits

    let link: Link
    let fragmentation: Fragmentation
    var assembler: PDataAssembler
    /// The command whose data set is arriving.
    var openCommand: CommandSet?
    /// Where it goes, if it isn't held.
    var openSink: (any DataSetSink)?
    /// Asked at each command with a data set: what takes it as it arrives; nil holds it in memory, within `dataSetBytes`.
    package var sink: ((CommandSet, AcceptedContext) -> (any DataSetSink)?)?
    /// What took the data set of the message that was received last.
    package internal(set) var receivedSink: (any DataSetSink)?
    /// Called when the peer asks to release the association, before it is answered.
    package var willRelease: (() -> Void)?
    /// Messages that arrived while something else was awaited, in order.
    var arrived: [Arrival] = []
    /// Ends the operation that is being performed, at its next look for a C-CANCEL.
    var cut: WakeDescriptor?
    /// Whoever waits for what is done over the association wants no more of it.
    package var isCut: Bool { cut?.isAwake ?? false }
    /// Operations of the peer that it asked to cancel.
    var cancelled: Set<UInt16> = []
    /// The Message ID of the peer's operation that is being performed.
    var performing: UInt16?
    /// Performs a C-ECHO between two steps of another operation; nil lets it wait.
    package var performMeanwhile: ((Message) throws(AssociationFault) -> Void)?
    private var lastMessageID: UInt16 = 0
    private let contextsByID: [PresentationContextID: AcceptedContext]

    init(
        link: Link, calling: AETitle, called: AETitle?, peerName: String, contexts: [AcceptedContext],
        window: AsynchronousOperationsWindow, peer: UserInformation, own: UserInformation, fragmentation: Fragmentation
    ) {
        self.link = link
        limits = link.limits
        callingAETitle = calling
        calledAETitle = called
        self.peerName = peerName
        self.contexts = contexts
        self.window = window
        self.peer = peer
        self.own = own
        self.fragmentation = fragmentation
        assembler = PDataAssembler(
            contexts: Set(contexts.map(\.id)), commandLimitBytes: link.limits.commandBytes)
        contextsByID = Dictionary(contexts.map { ($0.id, $0) }) { first, _ in first }
    }

    /// An association that nobody ended ends with its owner, at once.
    deinit { link.close() }

    /// The machine's state, for logs and tests.
    package var state: AssociationState { link.machine.state }

    /// The accepted context with that ID; nil when there is none. O(1).
    package func context(_ id: PresentationContextID) -> AcceptedContext? { contextsByID[id] }

    /// The first accepted context of an abstract syntax, with that transfer syntax where one is given.
    package func context(for abstractSyntax: UID, transferSyntax: UID? = nil) -> AcceptedContext? {
        contexts.first {
            $0.abstractSyntax == abstractSyntax && (transferSyntax == nil || $0.transferSyntax == transferSyntax)
        }
    }

    /// A Message ID for a request of ours: 1, 2, 3, …, and from the start again after 65,535.
    package func nextMessageID() -> UInt16 {
        lastMessageID = lastMessageID == UInt16.max ? 1 : lastMessageID + 1
        return lastMessageID
    }

    /// Receives the exchange in words, on the association's thread; nil costs nothing.
    package var trace: ((MessageTrace) -> Void)? {
        get { link.tracer.hook }
        set { link.tracer.hook = newValue }
    }
}
