// What an import or a store tells the index: one instance, the attributes it was sent with, and the file it lies in.

import DICOM

/// A file below a root.
package struct Place: Hashable, Sendable {
    /// The root's number in `roots`.
    package var root: Int
    /// Relative to the root, bytes as the file system has them.
    package var path: [UInt8]
    package var sizeBytes: Int
    package var modificationNs: Int64
    package var inode: UInt64
    /// False when the file changed within the clock's grain of the scan: a rescan reads it again.
    package var isTrusted: Bool
    /// Where the data set begins in the file.
    package var dataSetOffset: Int
    /// A digest of the data set; empty where none was computed. Room for what nobody computes yet.
    package var digest: [UInt8]

    package init(
        root: Int, path: [UInt8], sizeBytes: Int, modificationNs: Int64, inode: UInt64, isTrusted: Bool,
        dataSetOffset: Int, digest: [UInt8] = []
    ) {
        self.root = root
        self.path = path
        self.sizeBytes = sizeBytes
        self.modificationNs = modificationNs
        self.inode = inode
        self.isTrusted = isTrusted
        self.dataSetOffset = dataSetOffset
        self.digest = digest
    }
}

/// Who a patient is: ID and issuer; without an ID, one patient for each study.
package struct PatientKey: Hashable, Comparable, Sendable {
    package let patientID: [UInt8]
    package let issuer: [UInt8]
    /// Set only where there is no ID.
    package let studyInstanceUID: UID?

    init(patientID: [UInt8], issuer: [UInt8], only studyInstanceUID: UID?) {
        self.patientID = patientID
        self.issuer = issuer
        self.studyInstanceUID = studyInstanceUID
    }

    package static func < (left: PatientKey, right: PatientKey) -> Bool {
        if left.patientID != right.patientID { return left.patientID.lexicographicallyPrecedes(right.patientID) }
        if left.issuer != right.issuer { return left.issuer.lexicographicallyPrecedes(right.issuer) }
        return (left.studyInstanceUID?.packed ?? []).lexicographicallyPrecedes(right.studyInstanceUID?.packed ?? [])
    }
}

/// One instance in one file.
package struct InstanceEntry: Hashable, Sendable {
    /// (0010,0020) and (0010,0021) as stored; outer spaces don't count.
    package var patientID: [UInt8]
    package var issuer: [UInt8]
    package var studyInstanceUID: UID
    package var seriesInstanceUID: UID
    package var sopInstanceUID: UID
    package var sopClassUID: UID
    package var transferSyntaxUID: UID
    package var patient: AttributeSet
    package var study: AttributeSet
    package var series: AttributeSet
    package var image: AttributeSet
    /// A hash of the header, of which 40 bits are kept: files of one UID, hash and data set length hold one instance.
    package var headerFingerprint: UInt64
    package var place: Place

    package static let fingerprintMask: UInt64 = (1 << 40) - 1

    package init(
        patientID: [UInt8], issuer: [UInt8], studyInstanceUID: UID, seriesInstanceUID: UID, sopInstanceUID: UID,
        sopClassUID: UID, transferSyntaxUID: UID, patient: AttributeSet, study: AttributeSet, series: AttributeSet,
        image: AttributeSet, headerFingerprint: UInt64, place: Place
    ) {
        self.patientID = Array(patientID.trimmingPadding())
        self.issuer = self.patientID.isEmpty ? [] : Array(issuer.trimmingPadding())
        self.studyInstanceUID = studyInstanceUID
        self.seriesInstanceUID = seriesInstanceUID
        self.sopInstanceUID = sopInstanceUID
        self.sopClassUID = sopClassUID
        self.transferSyntaxUID = transferSyntaxUID
        self.patient = patient
        self.study = study
        self.series = series
        self.image = image
        self.headerFingerprint = headerFingerprint & Self.fingerprintMask
        self.place = place
    }

    /// Whose instance it is.
    package var patientKey: PatientKey {
        PatientKey(patientID: patientID, issuer: issuer, only: patientID.isEmpty ? studyInstanceUID : nil)
    }

    /// Bytes of the data set, which with the fingerprint tell contents apart.
    var dataSetBytes: Int { max(0, place.sizeBytes - place.dataSetOffset) }
}

/// A file that is no instance of ours, remembered so that a rescan doesn't open it again.
package struct ForeignFile: Hashable, Sendable {
    package var root: Int
    package var path: [UInt8]
    package var sizeBytes: Int
    package var modificationNs: Int64
    package var inode: UInt64
    package var isTrusted: Bool
    /// Why, in the importer's own code: 1–255, kept as it is.
    package var reason: UInt8

    package init(
        root: Int, path: [UInt8], sizeBytes: Int, modificationNs: Int64, inode: UInt64, isTrusted: Bool, reason: UInt8
    ) {
        self.root = root
        self.path = path
        self.sizeBytes = sizeBytes
        self.modificationNs = modificationNs
        self.inode = inode
        self.isTrusted = isTrusted
        self.reason = max(1, reason)
    }
}

/// An entry and its sign. The index is a sum of these: a removal takes back one entry that was added, whatever run holds
/// it, so that the order of runs, merges and rebuilds can't show in any answer.
struct SignedEntry: Hashable, Sendable {
    var entry: InstanceEntry
    var isRemoval = false
}

/// The same for foreign files.
struct SignedForeignFile: Hashable, Sendable {
    var file: ForeignFile
    var isRemoval = false
}
