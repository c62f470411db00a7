// Who may call an area.

/// Who may call an area.
package enum PeerRule: Equatable, Sendable {
    case any
    case listed([Peer])

    package var peers: [Peer] {
        switch self {
        case .any: []
        case .listed(let peers): peers
        }
    }
}
