// Who may call: a calling AE title together with a host. Host names are resolved by the caller of these functions, because
// this module knows no network.

import DICOM

/// Whether a caller is a peer of an area, and if not, which half of it is wrong.
package enum Admission: Equatable, Sendable {
    case admitted
    /// No peer of the area has the calling title.
    case unknownTitle
    /// Peers of that title are listed, on other hosts.
    case wrongHost(expected: [String])
}

extension StorageAreaEntry {
    /// Whether an association with this calling title from this host may use the area.
    ///
    /// - Parameter isCallersHost: whether a host name or address of the file, resolved, is the caller's address.
    package func admission(calling title: AETitle, isCallersHost: (String) -> Bool) -> Admission {
        guard case .listed(let peers) = peers else { return .admitted }
        let candidates = peers.filter { $0.aeTitle == title }
        guard !candidates.isEmpty else { return .unknownTitle }
        let isAdmitted = candidates.contains { $0.isAt(isCallersHost) }
        return isAdmitted ? .admitted : .wrongHost(expected: candidates.map(\.host.description))
    }
}

extension Peer {
    /// Whether the caller can be this peer, its address considered.
    func isAt(_ isCallersHost: (String) -> Bool) -> Bool {
        switch host {
        case .callers: true
        case .named(let name): isCallersHost(name)
        }
    }
}
