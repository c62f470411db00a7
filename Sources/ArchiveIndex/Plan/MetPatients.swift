// Patients that a query has met: studies of one are often met in a row, and each may ask for it and for what it has.

import DICOM

/// The patients that a query has met lately, and what they have.
final class MetPatients {
    struct Counts {
        var studies = 0
        var series = 0
        var instances = 0
    }

    private var known: [PatientKey: Counts] = [:]
    private static let keptMaximum = 1_024

    private var last: PatientEntity?

    /// The patient of a key; that of the study before is at hand.
    func patient(_ key: PatientKey, in snapshot: Snapshot) throws(IndexFault) -> PatientEntity? {
        if let last, last.memberKeys.contains(key) { return last }
        last = try snapshot.patient(key)
        return last
    }

    /// Number of Patient Related Studies, Series and Instances.
    func of(_ patient: PatientEntity) throws(IndexFault) -> Counts {
        if let counts = known[patient.key] { return counts }
        var counts = Counts()
        for study in try patient.studies() {
            counts.studies += 1
            counts.series &+= try study.seriesCount()
            counts.instances &+= try study.instanceCount()
        }
        if known.count >= Self.keptMaximum { known.removeAll() }
        known[patient.key] = counts
        return counts
    }
}
