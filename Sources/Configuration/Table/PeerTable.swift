// The PeerTable: what is known of peers that they don't say themselves.

import DICOM

/// The character set of the requests of some peers that name none.
package struct PeerFallback: Equatable, Sendable {
    /// Of the HostTable or the VendorTable.
    package let name: String
    package let peers: [Peer]
    package let characterSet: FallbackCharacterSet
}

/// A row of the PeerTable: `Name FallbackCharacterSet = value`.
struct PeerRow {
    let name: String
    let characterSet: FallbackCharacterSet
    let line: Int

    static let form = "Name FallbackCharacterSet = value"
    private static let parameter = StorageParameter.fallbackCharacterSet.rawValue

    init(_ words: [Word], line: Int, folder: String) throws(ValueFault) {
        guard words.count > 1 else { throw ValueFault(found: "a row without a parameter", expected: Self.form) }
        guard words[1].text == Self.parameter else {
            throw ValueFault(found: "the parameter \(words[1].text.quoted) of a peer", expected: Self.parameter)
        }
        let value = ParameterValue(parameter: Self.parameter, words: Array(words.dropFirst(2)), folder: folder)
        guard value.words.count <= 1 else { throw value.superfluous }
        name = words[0].text
        characterSet = try value.fallbackCharacterSet()
        self.line = line
    }

    /// The rows with the peers that their names stand for, those of both tables.
    static func resolved(
        _ rows: [PeerRow], hosts: [HostEntry], vendors: [HostEntry], _ faults: inout [LineFault]
    ) -> [PeerFallback] {
        var resolved: [PeerFallback] = []
        let entries = vendors + hosts
        for row in rows {
            let meant = entries.filter { $0.name == row.name }
            guard !meant.isEmpty else {
                let nearest = nearestName(to: row.name, among: entries.map(\.name))
                let hint = nearest.map { "; the nearest is \($0.quoted)" } ?? ""
                let fault = ValueFault(
                    found: "the name \(row.name.quoted), which neither the VendorTable nor the HostTable has",
                    expected: "a name of one of the two\(hint)")
                faults.append(LineFault(line: row.line, fault: fault))
                continue
            }
            var peers = OrderedPeers()
            for peer in meant.flatMap(\.peers) { peers.append(peer) }
            resolved.append(PeerFallback(name: row.name, peers: peers.peers, characterSet: row.characterSet))
        }
        return resolved
    }
}

extension Settings {
    /// What a caller's requests are in where they don't say it: by the first row of the PeerTable that has it; nil where none
    /// has.
    ///
    /// - Parameter isCallersHost: whether a host name or address of the file, resolved, is the caller's address.
    package func fallbackCharacterSet(
        calling title: AETitle, isCallersHost: (String) -> Bool
    ) -> FallbackCharacterSet? {
        peerFallbacks.first { row in row.peers.contains { $0.aeTitle == title && $0.isAt(isCallersHost) } }?
            .characterSet
    }
}
