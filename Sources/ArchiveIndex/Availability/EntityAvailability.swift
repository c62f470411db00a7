// Instance Availability (0008,0056) of an entity: UNAVAILABLE where one of its instances is marked (PS3.4 §C.4.1.1.3.2).
// Where nothing is marked, which is nearly always, nothing is looked up.

import DICOM

extension InstanceEntity {
    /// Whether it is marked, and lies where it lay then.
    func isUnavailable() throws(IndexFault) -> Bool {
        let named = AvailabilityMark.Instance(
            study: series.study.studyInstanceUID, series: series.seriesInstanceUID, instance: sopInstanceUID)
        guard let marked = snapshot.unavailable.places(of: named), let served = try contents().first else {
            return false
        }
        return AvailabilityMark.fingerprint(of: served.places) == marked
    }
}

extension Snapshot {
    /// Where a marked instance lies; nil where it is gone, or lies elsewhere or in another state than when it was marked.
    package func places(of mark: AvailabilityMark) throws(IndexFault) -> [Place]? {
        let named = mark.instance
        let instance = try study(named.study)?.series(named.series)?.instance(named.instance)
        guard let served = try instance?.contents().first,
            AvailabilityMark.fingerprint(of: served.places) == mark.places
        else { return nil }
        return served.places
    }
}

extension SeriesEntity {
    func isUnavailable(_ watch: SearchWatch? = nil) throws(IndexFault) -> Bool {
        guard !snapshot.unavailable.isEmpty else { return false }
        for uid in snapshot.unavailable.instances(ofSeries: seriesInstanceUID, study: study.studyInstanceUID) {
            try watch?.passEntity()
            if try instance(uid)?.isUnavailable() == true { return true }
        }
        return false
    }
}

extension StudyEntity {
    func isUnavailable(_ watch: SearchWatch? = nil) throws(IndexFault) -> Bool {
        guard !snapshot.unavailable.isEmpty else { return false }
        for uid in snapshot.unavailable.series(ofStudy: studyInstanceUID) {
            try watch?.passEntity()
            if try series(uid)?.isUnavailable(watch) == true { return true }
        }
        return false
    }
}

extension PatientEntity {
    /// Of the studies that were sent with the patient, those with marks are looked at.
    func isUnavailable(_ watch: SearchWatch? = nil) throws(IndexFault) -> Bool {
        guard !snapshot.unavailable.isEmpty else { return false }
        for study in try studies(watch) where snapshot.unavailable.hasMarks(inStudy: study.studyInstanceUID) {
            if try study.isUnavailable(watch) { return true }
        }
        return false
    }
}
