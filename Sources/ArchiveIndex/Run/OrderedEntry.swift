// Entries in the order of a run: by study, series and instance, then by content, so that one content is one row.

import DICOM

/// A signed entry with what it is sorted by. A class, because sorting and grouping move it about.
final class OrderedEntry: Sendable {
    let study: [UInt8]
    let series: [UInt8]
    let instance: [UInt8]
    let signed: SignedEntry

    init(_ signed: SignedEntry, study: [UInt8], series: [UInt8], instance: [UInt8]) {
        self.signed = signed
        self.study = study
        self.series = series
        self.instance = instance
    }

    /// One instance row of a run holds both.
    func isSameContent(as other: OrderedEntry) -> Bool {
        let left = signed.entry
        let right = other.signed.entry
        return instance == other.instance && series == other.series && study == other.study
            && left.headerFingerprint == right.headerFingerprint && left.dataSetBytes == right.dataSetBytes
            && left.sopClassUID == right.sopClassUID && left.transferSyntaxUID == right.transferSyntaxUID
            && left.image == right.image && left.series == right.series && left.study == right.study
            && left.patient == right.patient && left.patientID == right.patientID && left.issuer == right.issuer
    }

    static func < (left: OrderedEntry, right: OrderedEntry) -> Bool {
        if left.study != right.study { return left.study.lexicographicallyPrecedes(right.study) }
        if left.series != right.series { return left.series.lexicographicallyPrecedes(right.series) }
        if left.instance != right.instance { return left.instance.lexicographicallyPrecedes(right.instance) }
        return contentPrecedes(left.signed.entry, right.signed.entry)
    }

    private static func contentPrecedes(_ left: InstanceEntry, _ right: InstanceEntry) -> Bool {
        if left.headerFingerprint != right.headerFingerprint { return left.headerFingerprint < right.headerFingerprint }
        if left.dataSetBytes != right.dataSetBytes { return left.dataSetBytes < right.dataSetBytes }
        if left.sopClassUID != right.sopClassUID { return left.sopClassUID < right.sopClassUID }
        if left.transferSyntaxUID != right.transferSyntaxUID { return left.transferSyntaxUID < right.transferSyntaxUID }
        if left.image != right.image { return left.image < right.image }
        if left.series != right.series { return left.series < right.series }
        if left.study != right.study { return left.study < right.study }
        if left.patient != right.patient { return left.patient < right.patient }
        if left.patientID != right.patientID { return left.patientID.lexicographicallyPrecedes(right.patientID) }
        return left.issuer.lexicographicallyPrecedes(right.issuer)
    }

    /// Sorted; UIDs that recur are packed once. O(n log n).
    static func sorted(_ entries: [SignedEntry]) -> [OrderedEntry] {
        var packed: [UID: [UInt8]] = [:]
        func pack(_ uid: UID) -> [UInt8] {
            if let known = packed[uid] { return known }
            let bytes = uid.packed
            packed[uid] = bytes
            return bytes
        }
        let keyed = entries.map {
            OrderedEntry(
                $0, study: pack($0.entry.studyInstanceUID), series: pack($0.entry.seriesInstanceUID),
                instance: $0.entry.sopInstanceUID.packed)
        }
        return keyed.sorted { $0 < $1 }
    }
}
