// Associations over TCP: TCP_NODELAY on what we send, TCP_QUICKACK on what we receive (the socket sets both).

import Platform

/// A TCP connection as a transport. Waits also end when `wake` is woken, where the association allows it.
package final class TCPTransport: Transport {
    private let socket: Socket
    private let wake: WakeDescriptor?
    private let cut: WakeDescriptor?
    private var isOpen = true
    private static let start = MonotonicInstant.now()

    /// Takes over a connected socket; `wake` ends the waits that may be ended, `cut` all others.
    package init(_ socket: consuming Socket, wake: WakeDescriptor? = nil, cut: WakeDescriptor? = nil) {
        socket.setNoDelay()
        self.socket = socket
        self.wake = wake
        self.cut = cut
    }

    package var nowSeconds: Double { MonotonicInstant.now().seconds(since: Self.start) }

    package func receive(into buffer: inout [UInt8], at offset: Int) throws(TransportFault) -> Int? {
        guard isOpen else { return 0 }
        do throws(SocketFault) { return try socket.receive(into: &buffer, at: offset) } catch {
            throw TransportFault(error)
        }
    }

    package func waitToReceive(
        untilSeconds deadline: Double, isWakeable: Bool
    ) throws(TransportFault) -> TransportReadiness {
        guard isOpen else { return .ready }
        let end = Deadline(afterSeconds: deadline, from: Self.start)
        do throws(SocketFault) {
            switch try socket.wait(for: .reading, until: end, wake: isWakeable ? wake : cut) {
            case .ready: return .ready
            case .timedOut: return .timedOut
            case .woken: return .woken
            }
        } catch {
            throw TransportFault(error)
        }
    }

    package func waitToReceive(
        untilSeconds deadline: Double, orWoken other: WakeDescriptor
    ) throws(TransportFault) -> TransportReadiness {
        guard isOpen else { return .ready }
        var poller = Poller()
        poller.add(socket.descriptor)
        poller.add(other.descriptor)
        if let cut { poller.add(cut.descriptor) }
        do throws(Errno) {
            let found = try poller.wait(until: Deadline(afterSeconds: deadline, from: Self.start))
            if found.contains(socket.descriptor) { return .ready }
            return found.isEmpty ? .timedOut : .woken
        } catch {
            throw .system("cannot wait for a socket", error)
        }
    }

    package func send(
        _ buffers: [[UInt8]], _ pieces: [GatherPiece], timeoutSeconds: Double
    ) throws(TransportFault) {
        guard isOpen else { throw .closed }
        do throws(SocketFault) { try socket.send(buffers, pieces, blockedSeconds: timeoutSeconds, wake: cut) } catch {
            throw TransportFault(error)
        }
    }

    package func finishSending() {
        if isOpen { socket.finishSending() }
    }

    /// Ends both directions; the descriptor goes with this object, so that a registry of sockets to shut down never
    /// meets a number that belongs to another socket by now.
    package func close() {
        guard isOpen else { return }
        isOpen = false
        socket.shutdown()
    }
}

extension TransportFault {
    init(_ fault: SocketFault) {
        self =
            switch fault {
            case .closed: .closed
            case .timedOut: .blocked
            case .woken: .woken
            case .system(let operation, _, let cause): .system("cannot \(operation)", cause)
            }
    }
}
