// Host names of the configuration as addresses: resolved on the association's thread, kept for a minute, what fails for seconds.

import Platform

/// Forward resolution with a memory. A name that can't be resolved is remembered as well, so that a dead name server
/// costs one association a wait and not each of them; but not for long, so that a retry may succeed.
final class HostCache: Sendable {
    private static let keptSeconds = 60.0
    private static let failureKeptSeconds = 5.0

    private struct Entry {
        let result: Result<[SocketAddress], ResolutionFault>
        let until: Deadline
    }

    private let entries = Guarded<[String: Entry]>([:])
    private let resolve: @Sendable (String) -> Result<[SocketAddress], ResolutionFault>

    /// - Parameter resolve: a name or literal to its addresses; the system's resolver unless a test says otherwise.
    init(resolve: @escaping @Sendable (String) -> Result<[SocketAddress], ResolutionFault> = Resolver.resolve) {
        self.resolve = resolve
    }

    /// The addresses of a host name or a literal.
    func addresses(
        of host: String, now: () -> MonotonicInstant = MonotonicInstant.now
    ) -> Result<[SocketAddress], ResolutionFault> {
        if let entry = entries.withLock({ $0[host] }), !entry.until.hasPassed(at: now()) { return entry.result }
        let result = resolve(host)
        // From now on: a dead name server may have taken longer to fail than that is kept.
        let seconds = if case .success = result { Self.keptSeconds } else { Self.failureKeptSeconds }
        let entry = Entry(result: result, until: Deadline(afterSeconds: seconds, from: now()))
        entries.withLock { $0[host] = entry }
        return result
    }

    /// Whether `host` is where `caller` is, ports aside.
    func isHost(_ host: String, of caller: SocketAddress) -> Bool {
        guard case .success(let addresses) = addresses(of: host) else { return false }
        return addresses.contains { $0.isSameHost(as: caller) }
    }
}
