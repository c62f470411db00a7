// What an operator wants of an area that is stored to.

import DICOM
import Platform

/// How an area takes instances.
package struct StorePolicy: Sendable {
    /// When an instance is on stable storage.
    package enum Durability: Sendable {
        /// Before it is acknowledged.
        case instance
        /// At the end of its association, or after `heldMaximum` instances: so long it isn't known either.
        case association
        /// Whenever the system writes it.
        case none
    }

    /// What is done with another data set of a SOP Instance UID that is known.
    package enum Duplicates: Sendable {
        /// Both are kept, and the first is served.
        case keepBoth
        /// The second is refused.
        case keepFirst
        /// The first goes, where the storage daemon wrote it.
        case replace
    }

    package var durability = Durability.instance
    package var duplicates = Duplicates.keepBoth
    package var layout = FileLayout.standard
    package var limits = AreaLimits()
    /// Whether series and studies are marked to which something was stored: see `QuietMarks`.
    package var marksSeries = false
    package var marksStudies = false
    /// Where what is refused is kept, for people to look at.
    package var rejectedFolder: Path?
    /// How an index that is made here reads text that names no character set.
    package var fallbackCharacterSet = FallbackCharacterSet.standard

    package init() {}

    /// Of an association, before they are made durable and known.
    package static let heldMaximum = 64
    /// Data sets that are kept of one SOP Instance UID: each new one is compared with all of them.
    package static let contentsMaximum = 64
    /// The longest instance.
    package static let instanceMaximumBytes = 16 << 30
    /// Of a data set that is refused so much is read over: whatever could have been an instance, and somewhat more, for its sender
    /// is told why only at its end. What goes on then never ends.
    package static let readOverMaximumBytes = instanceMaximumBytes + (1 << 30)
}
