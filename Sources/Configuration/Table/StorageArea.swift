// The AETable: which AE titles we answer to, where their files lie, and who may do what there.

import DICOM

/// A row of the AETable: an AE title of ours.
package struct StorageAreaEntry: Equatable, Sendable {
    package let aeTitle: AETitle
    /// The area's folder, an absolute path. Rows with one folder are one area.
    package let folder: String
    package let access: Access
    package let quota: Quota
    /// Who may call the AE title.
    package internal(set) var peers: PeerRule
}
