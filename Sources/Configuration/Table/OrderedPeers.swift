// Peers without repetition.

/// Peers in the order of their first mention.
struct OrderedPeers {
    private(set) var peers: [Peer] = []
    private var known: Set<Peer> = []

    mutating func append(_ peer: Peer) {
        if known.insert(peer).inserted { peers.append(peer) }
    }
}
