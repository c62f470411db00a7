// A Move Destination that a C-MOVE may be sent to, or the refusal of one that it may not (PS3.4 §C.4.2.1.5).

import DICOM
import DIMSE
import Platform

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
            throw RequestRefusal(
                .moveDestinationUnknown, "Move Destination is absent or no AE title", [.moveDestination])
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
