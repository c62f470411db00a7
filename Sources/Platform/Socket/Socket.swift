// A TCP socket: owns its descriptor, which is close-on-exec and non-blocking; waiting is always `poll` with a deadline.

import CPlatform

/// A listening or connected stream socket.
package struct Socket: ~Copyable, Sendable {
    /// The number, for `Poller`, inheritance and a registry of sockets to shut down; the socket stays its owner.
    package let descriptor: Int32
    /// Whether TCP_QUICKACK is set again after each read, because the kernel forgets it: senders that keep Nagle's
    /// algorithm on otherwise wait some 40 ms for each acknowledgement.
    package var acknowledgesAtOnce = true

    /// Takes over an inherited or accepted descriptor.
    package init(adopting descriptor: Int32) { self.descriptor = descriptor }

    deinit { _ = fr_close(descriptor) }

    /// Two sockets connected to each other, for tests.
    package static func pair() throws(SocketFault) -> (Parcel<Socket>, Parcel<Socket>) {
        var first: Int32 = -1
        var second: Int32 = -1
        do throws(Errno) {
            _ = try checked(unsafe fr_socket_pair(&first, &second))
        } catch {
            throw .system("make a pair of sockets", nil, error)
        }
        return (Parcel(Socket(adopting: first)), Parcel(Socket(adopting: second)))
    }

    /// The own end; nil when the system doesn't know.
    package var localAddress: SocketAddress? {
        var address = fr_address()
        guard unsafe fr_local_address(descriptor, &address) == 0 else { return nil }
        return SocketAddress(address)?.unmapped
    }

    /// The other end; nil when there is none any more.
    package var connectedAddress: SocketAddress? {
        var address = fr_address()
        guard unsafe fr_peer_address(descriptor, &address) == 0 else { return nil }
        return SocketAddress(address)?.unmapped
    }

    /// The other end; 0.0.0.0:0, which is no peer's, when there is none any more.
    package var peerAddress: SocketAddress { connectedAddress ?? .anyIPv4(port: 0) }

    /// Small sends go out at once (TCP_NODELAY).
    package func setNoDelay() { _ = fr_no_delay(descriptor) }

    /// The kernel's buffers for this socket; it doubles them, and 0 leaves one as it is.
    package func setBufferSizes(sendBytes: Int = 0, receiveBytes: Int = 0) {
        _ = fr_buffer_sizes(descriptor, Int32(clamping: sendBytes), Int32(clamping: receiveBytes))
    }

    /// Nothing more will be sent; what was sent still arrives.
    package func finishSending() { _ = fr_shutdown(descriptor, 1) }

    /// Ends both directions: whoever waits on this socket, on any thread, sees its end.
    package func shutdown() { Socket.shutdown(descriptor) }

    /// The same by number, for another thread, which must know that the socket is still open.
    package static func shutdown(_ descriptor: Int32) { _ = fr_shutdown(descriptor, 0) }
}
