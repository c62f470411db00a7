// SOP Class Extended Negotiation of Query/Retrieve (PS3.4 §C.5.1.1, §C.5.2.1): what is offered for a class, and what of it we do.

import ArchiveIndex
import DICOM
import UpperLayer

/// The answer to one offer; what it agrees on holds for the association.
package struct QueryRetrieveNegotiation: Sendable {
    /// An enhanced image is given as it is stored, and never made from others.
    private static let queries: QueryExtensions = [
        .relationalQueries, .combinedDateTime, .fuzzyNames, .timezoneAdjustment, .emptyValue, .multipleValues,
    ]
    private static let retrievalByteCount = 2

    package let sopClass: QueryRetrieveSOPClass
    /// Of C-FIND.
    package let extensions: QueryExtensions
    /// Of C-MOVE and C-GET: levels above may be left out.
    package var isRelational: Bool { extensions.contains(.relationalQueries) }
    /// As many bytes as were offered, as far as they mean something: 1 only where 1 was offered.
    package let information: [UInt8]

    /// Nil where the class isn't of Query/Retrieve, or nothing was offered; and of Composite Instance Root and Without Bulk Data,
    /// which have no levels above that could be left out (PS3.4 §Y.5).
    package init?(_ offer: ExtendedNegotiation) {
        guard let sopClass = QueryRetrieveSOPClass.named(offer.sopClass), !offer.information.isEmpty,
            sopClass.model.levels != [.image]
        else { return nil }
        self.sopClass = sopClass
        let offered = QueryExtensions(bytes: offer.information)
        switch sopClass.operation {
        case .find:
            extensions = offered.intersection(Self.queries)
            information = extensions.bytes(count: offer.information.count)
        case .move, .get:
            extensions = offered.intersection(.relationalQueries)
            information = extensions.bytes(count: min(offer.information.count, Self.retrievalByteCount))
        }
    }
}
