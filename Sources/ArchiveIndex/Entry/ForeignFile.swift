// Files that are no instances, remembered all the same.

/// A file that is no instance of ours, remembered so that a rescan doesn't open it again.
package struct ForeignFile: Hashable, Sendable {
    /// Without a data set: its offset is 0, its digest empty.
    package let place: Place
    /// Why, in the importer's own code: 1–255, kept as it is.
    package let reason: UInt8

    /// The reason of an instance's file that was taken out on purpose; the one reason that the index gives itself.
    package static let takenOut: UInt8 = 15

    package init(_ place: Place, reason: UInt8) {
        var place = place
        place.dataSetOffset = 0
        place.digest = []
        self.place = place
        self.reason = max(1, reason)
    }

    /// The file of an instance that is taken out on purpose.
    package init(takenOut place: Place) { self.init(place, reason: Self.takenOut) }
}
