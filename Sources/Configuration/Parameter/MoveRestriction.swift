// The parameter `MoveRestriction`.

/// Which destinations a C-MOVE may name, as dcmqrscp's --move-… options have it.
package enum MoveRestriction: String, CaseIterable, Sendable {
    /// All that the tables know.
    case none
    /// The requester's own AE title.
    case aetitle
    /// Those at the requester's host.
    case host
    /// Those that share an entry of the VendorTable with the requester.
    case vendor

    /// Why a destination is refused, in words for the requester.
    package var reason: String {
        switch self {
        case .none: "not allowed"
        case .aetitle: "not your own AE title"
        case .host: "not at your host"
        case .vendor: "not of your vendor"
        }
    }
}
