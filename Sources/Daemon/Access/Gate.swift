// Who may associate with whom: from the titles of an A-ASSOCIATE-RQ and the caller's address to an area or a refusal.

import Configuration
import DICOM
import Platform
import ServiceClasses
import UpperLayer

/// The areas that one daemon serves, and their peers.
struct Gate: Sendable {
    enum Decision {
        case admitted(StorageAreaEntry, ServedArea)
        /// The refusal that the peer gets, and the reason that the log gets.
        case refused(AssociateReject, reason: String)
    }

    private let settings: Settings
    private let areas: [AETitle: ServedArea]
    private let hosts: HostCache

    init(_ settings: Settings, hosts: HostCache = HostCache()) {
        self.settings = settings
        self.hosts = hosts
        areas = ServedAreas.all(settings)
    }

    /// Judges one request. The called title is looked up exactly; it never becomes a path.
    func judge(calling: AETitle?, called: AETitle?, from caller: SocketAddress) -> Decision {
        guard let entry = settings.areaServing(called: called), let area = areas[entry.aeTitle]
        else {
            let known = settings.areas.map(\.aeTitle.text).joined(separator: ", ")
            return .refused(
                .calledAETitleNotRecognised,
                reason: "called AE title \(called?.text ?? "") is unknown; known are \(known)")
        }
        guard let calling else {
            return .refused(.callingAETitleNotRecognised, reason: "the calling AE title is empty or not allowed")
        }
        switch entry.admission(calling: calling, isCallersHost: { hosts.isHost($0, of: caller) }) {
        case .admitted: return .admitted(entry, area)
        case .unknownTitle:
            return .refused(
                .callingAETitleNotRecognised, reason: "the title \(calling) is no peer of \(entry.aeTitle)")
        case .wrongHost(let expected):
            return .refused(
                .callingAETitleNotRecognised,
                reason:
                    "the address is not that of the peer \(calling), which is at \(expected.joined(separator: ", "))")
        }
    }

    /// What the requests of a caller of `area` are in where they don't say it.
    func requestCharacterSet(
        calling title: AETitle?, area: StorageAreaEntry, caller: SocketAddress
    ) -> RequestCharacterSet {
        var characterSet = RequestCharacterSet()
        characterSet.ofArea = settings.storage(of: area).fallbackCharacterSet
        characterSet.ofPeer = title.flatMap {
            settings.fallbackCharacterSet(calling: $0, isCallersHost: { hosts.isHost($0, of: caller) })
        }
        return characterSet
    }

    /// Where a Move Destination is, for a caller of `area`.
    ///
    /// - Parameter calling: the caller's title, for `MoveRestriction`.
    func destination(
        _ title: AETitle, area: StorageAreaEntry, calling: AETitle, caller: SocketAddress
    ) -> MoveDestination {
        let isCallersHost = { hosts.isHost($0, of: caller) }
        let peers = settings.moveDestinations(title, area: area, isCallersHost: isCallersHost)
        guard !peers.isEmpty else {
            return .unknown(known: settings.knownMoveDestinations(near: title, area: area))
        }
        let allowed = peers.first { settings.isAllowed($0, calling: calling, isCallersHost: isCallersHost) }
        guard let peer = allowed else { return .forbidden(reason: settings.moveRestriction.reason) }
        let words = "\(peer.aeTitle) at \(peer.host):\(peer.port)"
        switch peer.host {
        case .callers: return .known(words: words) { .success([caller.withPort(peer.port)]) }
        case .named(let host):
            return .known(words: words) {
                hosts.addresses(of: host).map { addresses in addresses.map { $0.withPort(peer.port) } }
            }
        }
    }
}
