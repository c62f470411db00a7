// How sockets come to be: listening, accepting, connecting.

import CPlatform

/// A connection that was accepted.
package struct AcceptedSocket: ~Copyable, Sendable {
    package let socket: Socket
    package let peer: SocketAddress

    /// The socket alone.
    package consuming func takeSocket() -> Socket { socket }
}

extension Socket {
    /// Listens on `address`; its port 0 lets the kernel pick one, see `localAddress`. IPv6's unspecified address takes
    /// IPv4 too, and where the host has no IPv6 becomes IPv4's.
    package static func listen(on address: SocketAddress, backlog: Int = 1024) throws(SocketFault) -> Socket {
        var system = address.system
        let isDual = address.isIPv6 && address.isUnspecified
        var result = unsafe fr_listen(&system, isDual ? 1 : 0, Int32(clamping: backlog))
        let noIPv6 = [Errno.addressFamilyNotSupported, .addressNotAvailable]
        if isDual, result < 0, noIPv6.contains(Errno(code: -result)) {
            var four = SocketAddress.anyIPv4(port: address.port).system
            result = unsafe fr_listen(&four, 0, Int32(clamping: backlog))
        }
        do throws(Errno) { return Socket(adopting: try checked(result)) } catch {
            throw .system("listen on", address, error)
        }
    }

    /// The next connection that is waiting, with TCP_NODELAY; nil when there is none, or it went away again.
    ///
    /// - Throws: also when descriptors or memory ran out; the connection goes on waiting.
    package func accept() throws(SocketFault) -> AcceptedSocket? {
        var peer = fr_address()
        do throws(Errno) {
            let accepted = Socket(adopting: try checked(unsafe fr_accept(descriptor, &peer)))
            accepted.setNoDelay()
            return AcceptedSocket(socket: accepted, peer: SocketAddress(peer)?.unmapped ?? .anyIPv4(port: 0))
        } catch {
            // Errors of a connection that failed before it was accepted are Linux's way to say "try the next".
            switch error {
            case .wouldBlock, .connectionAborted, .hostUnreachable, .networkUnreachable, .networkDown, .protocolError,
                .notSupported, .connectionReset, .timedOut:
                return nil
            default: throw .system("accept a connection", nil, error)
            }
        }
    }

    /// Connects to the first of `addresses` that answers, with TCP_NODELAY.
    ///
    /// - Parameter secondsEach: for each address.
    /// - Throws: what the last address gave.
    package static func connect(
        to addresses: [SocketAddress], secondsEach: Double, wake: WakeDescriptor? = nil
    ) throws(SocketFault) -> Socket {
        var fault = SocketFault.system("connect", nil, .addressNotAvailable)
        for address in addresses {
            do throws(SocketFault) {
                return try connect(to: address, until: Deadline(afterSeconds: secondsEach), wake: wake)
            } catch {
                if error == .woken { throw error }
                fault = error
            }
        }
        throw fault
    }

    /// Connects to `address`, with TCP_NODELAY.
    package static func connect(
        to address: SocketAddress, until deadline: Deadline?, wake: WakeDescriptor? = nil
    ) throws(SocketFault) -> Socket {
        var system = address.system
        let result = unsafe fr_connect(&system)
        guard result >= 0 else { throw .system("connect to", address, Errno(code: -result)) }
        let socket = Socket(adopting: result)
        switch try socket.wait(for: .writing, until: deadline, wake: wake) {
        case .ready: break
        case .timedOut: throw .system("connect to", address, .timedOut)
        case .woken: throw .woken
        }
        let outcome = fr_socket_error(socket.descriptor)
        guard outcome == 0 else { throw .system("connect to", address, Errno(code: -outcome)) }
        socket.setNoDelay()
        return socket
    }
}
