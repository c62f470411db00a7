// Where a C-MOVE's instances go (PS3.4 §C.4.2.1.2): a title that the configuration knows, or the words for what is wrong.

import DICOM
import DIMSE
import Platform

/// Where a C-MOVE's instances may go, as the configuration knows it.
package enum MoveDestination: Sendable {
    /// The addresses to try in order, found when they are needed and on the thread that needs them, and the words for the
    /// destination in messages: `VIEWER at ws7:11113`.
    case known(words: String, addresses: @Sendable () -> Result<[SocketAddress], ResolutionFault>)
    /// The title is known, but not allowed to this requester: the words for why.
    case forbidden(reason: String)
    /// No entry has the title; of those that there are, the nearest first.
    case unknown(known: [AETitle])
}

/// A Move Destination that is known, whether or not its host can be found.
struct MoveTarget: Sendable {
    let title: AETitle
    let words: String
    let addresses: @Sendable () -> Result<[SocketAddress], ResolutionFault>
}

extension MoveTarget {
    /// - Throws: A801H with the titles that there are, as far as an Error Comment holds them; 0124H for one that is not
    ///   allowed (PS3.4 Table C.4-2).
    init(_ title: AETitle?, _ look: (AETitle) -> MoveDestination) throws(RequestRefusal) {
        guard let title else {
            throw RequestRefusal(.moveDestinationUnknown, "no Move Destination", [.moveDestination])
        }
        self.title = title
        switch look(title) {
        case .known(let words, let addresses):
            self.words = words
            self.addresses = addresses
        case .forbidden(let reason):
            throw RequestRefusal(.notAuthorised, "may not send to \(title): \(reason)", [.moveDestination])
        case .unknown(let known):
            let hint = known.isEmpty ? "; none is known" : ", known: " + known.map(\.text).joined(separator: " ")
            throw RequestRefusal(.moveDestinationUnknown, "unknown destination \(title)\(hint)", [.moveDestination])
        }
    }
}
