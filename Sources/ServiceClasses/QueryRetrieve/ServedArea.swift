// What a service class needs to know of the storage area that the called AE title named, and of who asks.

import ArchiveIndex
import DICOM
import Platform

/// One storage area as a service class sees it.
package struct ServedArea: Sendable {
    /// The area's AE title: what Retrieve AE Title (0008,0054) says, whatever title was called.
    package let title: AETitle
    package let index: IndexFolder

    package init(title: AETitle, index: IndexFolder) {
        self.title = title
        self.index = index
    }
}

/// Where a C-MOVE's instances may go, as the configuration knows it.
package enum MoveDestination: Sendable {
    /// The addresses to try in order, and the words for them in messages: `VIEWER at ws7:11113`.
    case known(addresses: [SocketAddress], words: String)
    /// The title is known, its host is not: the resolver's reason.
    case unresolved(reason: String)
    /// No entry has the title; the nearest that has one.
    case unknown(nearest: AETitle?)
}

/// One line of what a service class did, for whoever keeps the log. No text here comes from a peer unprinted.
package struct ServiceEvent: Sendable {
    package enum Weight: Sendable { case info, warning, error }
    package let weight: Weight
    package let message: String
    package let fields: [(name: String, value: String)]

    package init(_ weight: Weight, _ message: String, _ fields: [(name: String, value: String)] = []) {
        self.weight = weight
        self.message = message
        self.fields = fields
    }
}

/// Receives events as they happen, on the association's thread.
package typealias ServiceLog = (ServiceEvent) -> Void
