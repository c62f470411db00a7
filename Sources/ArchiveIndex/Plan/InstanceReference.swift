// One instance of a retrieval.

import DICOM

/// An instance to be sent, and the file it is sent from.
package struct InstanceReference: Sendable, Hashable {
    package let studyInstanceUID: UID
    package let seriesInstanceUID: UID
    package let sopInstanceUID: UID
    package let sopClassUID: UID
    /// Of the files' data sets.
    package let transferSyntaxUID: UID
    /// Of several places with one content the smallest by root and path; the others are tried where it can't be read.
    package let places: [Place]
}
