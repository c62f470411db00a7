// Where a C-MOVE's instances go (PS3.4 §C.4.2.1.2): a title that the configuration knows, or the words for what is wrong.

import DICOM
import DIMSE
import Platform

/// Where a C-MOVE's instances may go, as the configuration knows it.
package enum MoveDestination: Sendable {
    /// The addresses to try in order, and the words for them in messages: `VIEWER at ws7:11113`.
    case known(addresses: [SocketAddress], words: String)
    /// The title is known, its host is not: the resolver's reason and the same words.
    case unresolved(reason: String, words: String)
    /// No entry has the title; of those that there are, the nearest first.
    case unknown(known: [AETitle])
}

/// A Move Destination that is known, whether or not its host can be found.
struct MoveTarget {
    let title: AETitle
    let addresses: [SocketAddress]
    let words: String
    /// Why there is no address.
    private(set) var fault: String?

    /// - Throws: A801H with the titles that there are, as far as an Error Comment holds them.
    init(_ title: AETitle?, _ look: (AETitle) -> MoveDestination) throws(RequestRefusal) {
        guard let title else {
            throw RequestRefusal(.moveDestinationUnknown, "no Move Destination", [.moveDestination])
        }
        self.title = title
        switch look(title) {
        case .known(let addresses, let words):
            self.addresses = addresses
            self.words = words
        case .unresolved(let reason, let words):
            addresses = []
            self.words = words
            fault = reason
        case .unknown(let known):
            let hint = known.isEmpty ? "; none is known" : ", known: " + known.map(\.text).joined(separator: " ")
            throw RequestRefusal(.moveDestinationUnknown, "unknown destination \(title)\(hint)", [.moveDestination])
        }
    }
}
