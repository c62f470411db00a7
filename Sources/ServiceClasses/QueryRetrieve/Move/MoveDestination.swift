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
