// Associations from TCP sockets and addresses: what daemons and clients call.

import DICOM
import Platform
import UpperLayer

extension Association {
    /// Answers the association request that arrives on an accepted connection.
    ///
    /// - Parameters:
    ///   - wake: ends waits between messages with `.interrupted`: how a daemon drains.
    ///   - cut: ends all others so, and operations: how it ends what doesn't end by itself.
    package static func accept(
        _ socket: consuming Socket, limits: AssociationLimits = .standard, wake: WakeDescriptor? = nil,
        cut: WakeDescriptor? = nil, trace: ((MessageTrace) -> Void)? = nil,
        decide: (AssociateRequest, SocketAddress) -> AssociationDecision
    ) throws(AssociationFault) -> Association {
        let address = socket.peerAddress
        let association = try accept(
            over: TCPTransport(socket, wake: wake, cut: cut), peerName: "\(address)", limits: limits, trace: trace
        ) { request in decide(request, address) }
        association.peerAddress = address
        association.cut = cut
        return association
    }

    /// Connects to the first address that takes the connection, and requests an association there.
    ///
    /// - Parameter cut: ends every wait with `.interrupted`, and connecting with `.notConnected`: how whoever wants no more of
    ///   it ends an association that another thread serves.
    /// - Throws: `.notConnected` when none did, with what the last one said.
    package static func request(
        to addresses: [SocketAddress], calling: AETitle, called: AETitle, contexts: [ProposedContext],
        window: AsynchronousOperationsWindow? = nil, limits: AssociationLimits = .standard,
        cut: WakeDescriptor? = nil, trace: ((MessageTrace) -> Void)? = nil
    ) throws(AssociationFault) -> Association {
        let transport: TCPTransport
        let address: SocketAddress
        do throws(SocketFault) {
            let socket = try Socket.connect(to: addresses, secondsEach: limits.connectSeconds, wake: cut)
            address = socket.peerAddress
            transport = TCPTransport(socket, cut: cut)
        } catch {
            let names = addresses.map { "\($0)" }.joined(separator: ", ")
            throw .notConnected(to: names.isEmpty ? "no address" : names, error)
        }
        let association = try request(
            over: transport, peerName: "\(address)", calling: calling, called: called, contexts: contexts,
            window: window, limits: limits, trace: trace)
        association.peerAddress = address
        return association
    }
}
