// What a patient has, counted once in a query: its studies may be asked for it one after the other.

import DICOM

/// Counts of the patients that a query has met lately.
final class PatientCounts {
    struct Counts {
        var studies = 0
        var series = 0
        var instances = 0
    }

    private var known: [PatientKey: Counts] = [:]
    private static let keptMaximum = 1_024

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
