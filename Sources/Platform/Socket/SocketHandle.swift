// A second hold on a socket that another thread owns: good for ending it and for nothing else.

import CPlatform

/// Ends a connection from another thread. Holds a duplicate of the descriptor, so that it is always this connection's,
/// whatever has become of the socket.
package final class SocketHandle: Sendable {
    private let duplicate: Descriptor

    fileprivate init(_ duplicate: consuming Descriptor) { self.duplicate = duplicate }

    /// Ends both directions: whoever waits on the socket sees its end.
    package func shutdown() { Socket.shutdown(duplicate.number) }
}

extension Socket {
    /// A handle on this socket; nil when descriptors ran out.
    package var handle: SocketHandle? {
        let number = fr_duplicate(descriptor, 0)
        return number >= 0 ? SocketHandle(Descriptor(adopting: number)) : nil
    }
}
