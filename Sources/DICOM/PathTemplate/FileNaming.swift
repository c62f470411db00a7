// How files are named where the layout leaves it open.

/// The file name of an instance.
package enum FileNaming: String, CaseIterable, Sendable {
    /// `{SOPInstanceUID}.dcm`.
    case sopUID = "sop-uid"
    /// `{InstanceNumber:08}.dcm`; the SOP Instance UID stands in its place where there is no number.
    case instanceNumber = "instance-number"
    /// The moment of receipt.
    case timestamp
    /// A number that counts on.
    case sequential
}
