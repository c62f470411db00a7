// Patients that a query has met: studies of one are often met in a row, and each may ask for it and for what it has.

import DICOM

/// The patients that a query has met lately, and what they have.
final class MetPatients {
    struct Counts {
        var studies = 0
        var series = 0
        var instances = 0
    }

    /// Who asks for all that may not want it any more.
    let watch: SearchWatch?

    /// What dates and times are put into.
    let zone: ZoneAdjustment?

    init(_ watch: SearchWatch? = nil, zone: ZoneAdjustment? = nil) {
        self.watch = watch
        self.zone = zone
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

    /// The same of a row of `patients`.
    func patient(at row: SourcedRow, in snapshot: Snapshot) throws(IndexFault) -> PatientEntity? {
        if let last, last.has(row) { return last }
        last = try snapshot.patient(at: row)
        return last
    }

    /// What the patient that was asked for last shows, as far as it was asked for: it may have been sent with a thousand sets.
    private var shown: (key: PatientKey, attributes: ShownAttributes, values: [Tag: ResolvedValue?])?

    /// The value of an attribute at patient level.
    func value(_ tag: Tag, of patient: PatientEntity) throws(IndexFault) -> ResolvedValue? {
        if shown?.key != patient.key { shown = (patient.key, try patient.shown(watch), [:]) }
        if let known = shown?.values[tag] { return known }
        let value = try shown?.attributes.value(tag)
        shown?.values[tag] = .some(value)
        return value
    }

    /// Number of Patient Related Studies, Series and Instances.
    func of(_ patient: PatientEntity) throws(IndexFault) -> Counts {
        if let counts = known[patient.key] { return counts }
        var counts = Counts()
        for study in try patient.studies(watch) {
            counts.studies += 1
            counts.series &+= try study.seriesCount(watch)
            counts.instances &+= try study.instanceCount(watch)
        }
        if known.count >= Self.keptMaximum { known.removeAll() }
        known[patient.key] = counts
        return counts
    }
}
