// What an import or a store tells the index: one instance, the attributes it was sent with, and the file it lies in.

import DICOM

/// One instance in one file. Copied cheaply, changed less so: an import passes each on many times.
package struct InstanceEntry: Hashable, Sendable {
    /// What there is to say of it.
    struct Fields: Hashable, Sendable {
        /// (0010,0020) and (0010,0021) as stored; outer spaces don't count. Like an attribute, one of more than
        /// `AttributeSet.valueMaximumBytes` isn't held, or a page that has it could be longer than a reader takes.
        var patientID: [UInt8]
        var issuer: [UInt8]
        var studyInstanceUID: UID
        var seriesInstanceUID: UID
        var sopInstanceUID: UID
        var sopClassUID: UID
        var transferSyntaxUID: UID
        var patient: AttributeSet
        var study: AttributeSet
        var series: AttributeSet
        var image: AttributeSet
        /// A hash of the header, of which 40 bits are kept: files of one UID, hash and data set length hold one instance.
        var headerFingerprint: UInt64
        var place: Place
    }

    private final class Storage: Sendable {
        let fields: Fields

        init(_ fields: Fields) { self.fields = fields }
    }

    private var storage: Storage

    /// Whoever sets them sees to what `init` sees to: lengths, the mask, no issuer without an ID.
    var fields: Fields {
        get { storage.fields }
        set { storage = Storage(newValue) }
    }

    package static let fingerprintMask: UInt64 = (1 << 40) - 1

    package init(
        patientID: [UInt8], issuer: [UInt8], studyInstanceUID: UID, seriesInstanceUID: UID, sopInstanceUID: UID,
        sopClassUID: UID, transferSyntaxUID: UID, patient: AttributeSet, study: AttributeSet, series: AttributeSet,
        image: AttributeSet, headerFingerprint: UInt64, place: Place
    ) {
        let patientID = Self.held(patientID)
        storage = Storage(
            Fields(
                patientID: patientID, issuer: patientID.isEmpty ? [] : Self.held(issuer),
                studyInstanceUID: studyInstanceUID, seriesInstanceUID: seriesInstanceUID,
                sopInstanceUID: sopInstanceUID, sopClassUID: sopClassUID, transferSyntaxUID: transferSyntaxUID,
                patient: patient, study: study, series: series, image: image,
                headerFingerprint: headerFingerprint & Self.fingerprintMask, place: place))
    }

    private static func held(_ value: [UInt8]) -> [UInt8] {
        let trimmed = value.trimmingPadding()
        return trimmed.count <= AttributeSet.valueMaximumBytes ? Array(trimmed) : []
    }

    package static func == (left: InstanceEntry, right: InstanceEntry) -> Bool {
        left.storage === right.storage || left.storage.fields == right.storage.fields
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(storage.fields) }
}

extension InstanceEntry {
    package var patientID: [UInt8] { storage.fields.patientID }
    package var issuer: [UInt8] { storage.fields.issuer }
    package var studyInstanceUID: UID { storage.fields.studyInstanceUID }
    package var seriesInstanceUID: UID { storage.fields.seriesInstanceUID }
    package var sopInstanceUID: UID { storage.fields.sopInstanceUID }
    package var sopClassUID: UID { storage.fields.sopClassUID }
    package var transferSyntaxUID: UID { storage.fields.transferSyntaxUID }
    package var patient: AttributeSet { storage.fields.patient }
    package var study: AttributeSet { storage.fields.study }
    package var series: AttributeSet { storage.fields.series }
    package var image: AttributeSet { storage.fields.image }
    package var headerFingerprint: UInt64 { storage.fields.headerFingerprint }
    package var place: Place { storage.fields.place }

    /// Whose instance it is.
    package var patientKey: PatientKey {
        PatientKey(patientID: patientID, issuer: issuer, only: patientID.isEmpty ? studyInstanceUID : nil)
    }

    /// Bytes of the data set, which with the fingerprint tell contents apart.
    var dataSetBytes: Int { max(0, place.sizeBytes - place.dataSetOffset) }

    /// The entry with the values of `other` where they are the same: what recurs is in memory once.
    package func sharing(with other: InstanceEntry) -> InstanceEntry {
        var shared = fields
        let known = other.storage.fields
        if known.patientID == shared.patientID { shared.patientID = known.patientID }
        if known.studyInstanceUID == shared.studyInstanceUID { shared.studyInstanceUID = known.studyInstanceUID }
        if known.seriesInstanceUID == shared.seriesInstanceUID { shared.seriesInstanceUID = known.seriesInstanceUID }
        if known.sopClassUID == shared.sopClassUID { shared.sopClassUID = known.sopClassUID }
        if known.transferSyntaxUID == shared.transferSyntaxUID { shared.transferSyntaxUID = known.transferSyntaxUID }
        if known.patient == shared.patient { shared.patient = known.patient }
        if known.study == shared.study { shared.study = known.study }
        if known.series == shared.series { shared.series = known.series }
        var entry = self
        entry.fields = shared
        return entry
    }

    /// Whether both are of one series, of one kind, and sent with the same.
    func isNeighbour(of other: InstanceEntry) -> Bool {
        seriesInstanceUID == other.seriesInstanceUID && series == other.series && study == other.study
            && patient == other.patient && studyInstanceUID == other.studyInstanceUID
            && sopClassUID == other.sopClassUID && transferSyntaxUID == other.transferSyntaxUID
    }
}
