// A list of peers as it stands in a line: peers in parentheses and symbolic names, mixed.

/// One element of a list of peers.
enum PeerItem: Equatable {
    case peer(Peer)
    case symbol(String)
}

/// A list of peers, and what about it works but may not be meant.
struct PeerList: Equatable {
    var items: [PeerItem] = []
    var remarks: [String] = []
}

extension PeerList {
    /// From the words that follow a symbolic name, a vendor or a quota; at least one.
    init(_ words: ArraySlice<Word>) throws(ValueFault) {
        guard !words.isEmpty else {
            throw ValueFault(
                found: "no peers", expected: "\(Peer.form) or a symbolic name of the HostTable, at least one")
        }
        for word in words {
            // dcmqrscp tells a peer by its comma, so that ("name") and (name) are symbolic names, and "all of ACME" is one.
            if word.form != .bare, word.text.contains(",") || word.form == .parenthesised && word.members.count > 1 {
                items.append(.peer(try Peer(members: word.members)))
                if Peer.isSwapped(word.members) {
                    remarks.append(
                        "(\(word.members.joined(separator: ", "))) is read as \(Peer.form); "
                            + "are AE title and host swapped?")
                }
            } else if let member = word.members.first {
                items.append(.symbol(word.form == .quoted ? word.text.trimmingBlanks() : member))
            } else {
                throw ValueFault(found: "empty parentheses", expected: Peer.form)
            }
        }
    }
}
