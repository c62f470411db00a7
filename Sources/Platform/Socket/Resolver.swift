// Host names to addresses, by the system's resolver. It blocks: never on the acceptor's thread.

import CPlatform

/// Why a name has no address, in the resolver's words.
package struct ResolutionFault: Error, Hashable, Sendable, CustomStringConvertible {
    package let host: String
    /// Why, as the resolver puts it.
    package let words: String

    package init(host: String, words: String) {
        self.host = host
        self.words = words
    }

    package var description: String { "cannot resolve \(host): \(words)" }
}

/// The system's resolver (getaddrinfo).
package enum Resolver {
    private static let maximumAddresses = 32

    /// The addresses of a name or a literal, in the order to try them, without doubles; ports are 0.
    @Sendable
    package static func resolve(_ host: String) -> Result<[SocketAddress], ResolutionFault> {
        if let literal = SocketAddress(host) { return .success([literal]) }
        guard !host.isEmpty, !host.utf8.contains(0) else {
            return .failure(ResolutionFault(host: host, words: "not a host name"))
        }
        var found = [fr_address](repeating: fr_address(), count: maximumAddresses)
        let count = unsafe fr_resolve_host(host, &found, Int32(maximumAddresses))
        guard count >= 0 else {
            let words = unsafe String(cString: fr_resolve_words(count))  // gai_strerror's words are constants
            return .failure(ResolutionFault(host: host, words: words))
        }
        var addresses: [SocketAddress] = []
        for address in found.prefix(Int(count)).compactMap({ SocketAddress($0) }) where !addresses.contains(address) {
            addresses.append(address)
        }
        return .success(addresses)
    }
}
