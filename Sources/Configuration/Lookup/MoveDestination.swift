// Where C-MOVE may send to: from a Move Destination (0000,0600) to hosts and ports.

import DICOM

extension Settings {
    /// The peers that `title` may mean, most likely first; none when no table knows it.
    ///
    /// Looked for among the area's own peers, then those of the other rows of the AETable (dcmqrscp looks through all of
    /// them), then in the HostTable. Of several, those at the caller's address come first; a peer of host `*` is always
    /// there. A peer of port 0 can't be called.
    ///
    /// - Parameter isCallersHost: whether a host name or address of the file, resolved, is the caller's address.
    package func moveDestinations(
        _ title: AETitle, area: StorageAreaEntry, isCallersHost: (String) -> Bool
    ) -> [Peer] {
        var found = OrderedPeers()
        for peer in destinations(from: area) where peer.aeTitle == title { found.append(peer) }
        // Most titles have one place, which needs no resolution of names.
        guard found.peers.count > 1 else { return found.peers }
        var near: [Peer] = []
        var far: [Peer] = []
        for peer in found.peers {
            if peer.isAt(isCallersHost) { near.append(peer) } else { far.append(peer) }
        }
        return near + far
    }

    /// Whether `MoveRestriction` lets a requester send to a peer.
    ///
    /// dcmqrscp compares vendors by titles alone; a title that calls from a host which its vendor doesn't have is none of
    /// the vendor's here.
    package func isAllowed(_ peer: Peer, calling: AETitle, isCallersHost: (String) -> Bool) -> Bool {
        switch moveRestriction {
        case .none: true
        case .aetitle: peer.aeTitle == calling
        case .host: peer.isAt(isCallersHost)
        case .vendor:
            vendors.contains { vendor in
                vendor.peers.contains { $0.aeTitle == peer.aeTitle }
                    && vendor.peers.contains { $0.aeTitle == calling && $0.isAt(isCallersHost) }
            }
        }
    }

    /// The titles of all possible move destinations, each once, the one that is spelt most like `title` first.
    package func knownMoveDestinations(near title: AETitle, area: StorageAreaEntry) -> [AETitle] {
        func letters(_ title: AETitle) -> [Unicode.Scalar] { Array(title.text.lowercased().unicodeScalars) }
        let wanted = letters(title)
        var known: [(distance: Int, title: AETitle)] = []
        for other in Set(destinations(from: area).map(\.aeTitle)) {
            known.append((editDistance(wanted, letters(other)), other))
        }
        known.sort { ($0.distance, $0.title.text) < ($1.distance, $1.title.text) }
        return known.map(\.title)
    }

    private func destinations(from area: StorageAreaEntry) -> [Peer] {
        let others = areas.filter { $0.aeTitle != area.aeTitle }
        let all = area.peers.peers + others.flatMap(\.peers.peers) + hosts.flatMap(\.peers)
        return all.filter { $0.port != 0 }
    }
}
