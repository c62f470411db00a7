// What an import or a store tells the index: one instance, the attributes it was sent with, and the file it lies in.

import DICOM

/// One instance in one file.
package struct InstanceEntry: Hashable, Sendable {
    /// (0010,0020) and (0010,0021) as stored; outer spaces don't count. Like an attribute, one of more than
    /// `AttributeSet.valueMaximumBytes` isn't held, or a page that has it could be longer than a reader takes.
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
        self.patientID = Self.held(patientID)
        self.issuer = self.patientID.isEmpty ? [] : Self.held(issuer)
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

    private static func held(_ value: [UInt8]) -> [UInt8] {
        let trimmed = value.trimmingPadding()
        return trimmed.count <= AttributeSet.valueMaximumBytes ? Array(trimmed) : []
    }

    /// Whose instance it is.
    package var patientKey: PatientKey {
        PatientKey(patientID: patientID, issuer: issuer, only: patientID.isEmpty ? studyInstanceUID : nil)
    }

    /// Bytes of the data set, which with the fingerprint tell contents apart.
    var dataSetBytes: Int { max(0, place.sizeBytes - place.dataSetOffset) }
}
