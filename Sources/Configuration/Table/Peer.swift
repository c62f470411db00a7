// Peers: other application entities, as the HostTable and the AETable name them.

import DICOM

/// An application entity that may call us, or that C-MOVE may send to: `(AETitle, HostName, PortNumber)`.
package struct Peer: Hashable, Sendable {
    package let aeTitle: AETitle
    package let host: PeerHost
    /// Not compared when the peer calls; 0 when it can't be called itself.
    package let port: Int
}

/// Where a peer is.
package enum PeerHost: Hashable, Sendable, CustomStringConvertible {
    /// `*`: wherever the caller is.
    case callers
    /// A host name, or an IPv4 or IPv6 address in letters.
    case named(String)

    package var description: String {
        switch self {
        case .callers: "*"
        case .named(let name): name
        }
    }
}

extension Peer {
    static let form = "(AETitle, HostName, PortNumber)"

    /// From the three members of a pair of parentheses.
    init(members: [String]) throws(ValueFault) {
        let found = "(" + members.joined(separator: ", ") + ")"
        guard members.count == 3 else {
            throw ValueFault(found: "the peer \(found)", expected: Self.form)
        }
        let hostText = members[1].unbracketed
        guard let title = AETitle(members[0]) else {
            throw ValueFault(
                found: "\(members[0].quoted) as AE title in \(found)",
                expected: Self.isSwapped(members)
                    ? "(\(members[1]), \(members[0]), \(members[2])): the AE title stands before the host"
                    : "an AE title: 1 to 16 characters of ASCII without backslash")
        }
        guard hostText == "*" || isHostName(hostText) else {
            throw ValueFault(
                found: "\(members[1].quoted) as host in \(found)",
                expected: Self.isSwapped(members)
                    ? "(\(members[1]), \(members[0]), \(members[2])): the AE title stands before the host"
                    : "a host name, an IPv4 or IPv6 address, or * for wherever the caller is")
        }
        guard let number = Int(members[2]), (0...65_535).contains(number) else {
            throw ValueFault(
                found: "\(members[2].quoted) as port in \(found)", expected: "\(Self.form) with a port from 0 to 65535")
        }
        aeTitle = title
        host = hostText == "*" ? .callers : .named(hostText)
        port = number
    }

    /// Whether the first two look as though the host stood first, as a comment in dcmqrscp's own sample has it.
    static func isSwapped(_ members: [String]) -> Bool {
        guard members.count == 3 else { return false }
        return looksLikeHost(members[0]) && !looksLikeHost(members[1]) && AETitle(members[1]) != nil
    }

    /// A dot, a colon, small letters only, or too long for an AE title.
    private static func looksLikeHost(_ text: String) -> Bool {
        text.utf8.count > AETitle.maximumBytes || text == "*" || text.contains(".") || text.contains(":")
            || text.contains { $0.isLowercase } && !text.contains { $0.isUppercase } && isHostName(text)
    }
}

extension String {
    /// Without the brackets in which an IPv6 address may stand.
    fileprivate var unbracketed: String {
        hasPrefix("[") && hasSuffix("]") ? String(dropFirst().dropLast()) : self
    }
}
