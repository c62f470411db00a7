// Connections that are no associations: their request hasn't come yet, or was rejected. Few in all and of each host, the
// oldest goes first. So silent ones and strangers cost nobody a place (hardening T13).

import Platform

/// The newcomers of one worker.
final class Newcomers: Sendable {
    /// At one time from one host in one worker. The loopback is many peers: proxies and tunnels end there.
    static let maximumForHost = 64

    private struct Newcomer {
        let number: UInt64
        let peer: SocketAddress
        let handle: SocketHandle
    }

    private let maximum: Int
    /// Oldest first.
    private let waiting = Guarded<[Newcomer]>([])

    /// - Parameter maximum: of all hosts.
    init(maximum: Int) { self.maximum = maximum }

    /// Takes a connection in, and ends the oldest where there are too many.
    func enter(_ number: UInt64, peer: SocketAddress, handle: SocketHandle) {
        waiting.withLock { waiting in
            waiting.append(Newcomer(number: number, peer: peer, handle: handle))
            if waiting.count > maximum { waiting.removeFirst().handle.shutdown() }
            guard !peer.isLoopback, waiting.count(where: { $0.peer.isSameHost(as: peer) }) > Self.maximumForHost else {
                return
            }
            if let oldest = waiting.firstIndex(where: { $0.peer.isSameHost(as: peer) }) {
                waiting.remove(at: oldest).handle.shutdown()
            }
        }
    }

    /// The connection has become an association, or is over.
    func leave(_ number: UInt64) {
        waiting.withLock { waiting in waiting.removeAll { $0.number == number } }
    }
}
