// What a site or a negotiation decides about matching.

import DICOM

/// Choices that PS3.4 §C.2.2 leaves open.
package struct MatchingOptions: Hashable, Sendable {
    /// A stored value of zero length matches every key value (PS3.4 §C.2.2.1.2); peers and clients expect that it doesn't.
    package var unknownMatches = false
    /// Names match whatever their accents (PS3.4 §C.2.2.2.1.1).
    package var ignoresAccents = false
    /// Identifiers keep to the rules of the hierarchical search (PS3.4 §C.4.1.2.1), and a level is never guessed; else what real
    /// clients send is understood.
    package var isStrict = false
    /// What was agreed on with the requester.
    package var extensions: QueryExtensions = []
    /// What Retrieve AE Title (0008,0054) is in responses, where they are given: a key of it is matched with that.
    package var retrieveAETitle: AETitle?
    /// What date-times without an offset are in.
    package var utcOffset = UTCOffset.utc

    package init() {}

    /// For items of a data set that has a Timezone Offset From UTC of its own.
    func withItems(in offset: [UInt8]?) -> MatchingOptions {
        guard let own = offset.flatMap({ UTCOffset(stored: $0) }) else { return self }
        var options = self
        options.utcOffset = own
        return options
    }
}
