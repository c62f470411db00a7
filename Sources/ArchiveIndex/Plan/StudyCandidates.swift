// The studies that a source names, each once, loaded when they are asked for.

import DICOM

/// Studies from a source, each once.
struct StudyCandidates {
    private enum Remaining {
        case uids(ArraySlice<UID>)
        case patients(ArraySlice<PatientEntity>)
        case scan(StudyCursor)
    }

    private let snapshot: Snapshot
    private var remaining: Remaining
    /// Of patients: the studies of the one that was opened last, and those that were given.
    private var ready: ArraySlice<StudyEntity> = []
    /// Whose studies they are.
    private(set) var patient: PatientEntity?
    private var given: Set<UID> = []

    init(_ source: StudySource, in snapshot: Snapshot) throws(IndexFault) {
        self.snapshot = snapshot
        switch source {
        case .studyUIDs(let uids): remaining = .uids(Self.unique(uids))
        case .seriesUIDs(let uids):
            var found: [UID] = []
            for uid in Set(uids) {
                for series in try snapshot.series(uid) { found.append(series.study.studyInstanceUID) }
            }
            remaining = .uids(Self.unique(found))
        case .instanceUIDs(let uids):
            var found: [UID] = []
            for uid in Set(uids) {
                for instance in try snapshot.instances(uid) { found.append(instance.series.study.studyInstanceUID) }
            }
            remaining = .uids(Self.unique(found))
        case .patientIDs(let ids):
            var found: [PatientEntity] = []
            for id in ids { found += try snapshot.patients(id: id) }
            remaining = .patients(found[...])
        case .namePrefix(let prefix): remaining = .patients(try snapshot.patients(foldedNamePrefix: prefix)[...])
        case .nameScan(let pattern):
            let patients = try snapshot.patients { pattern.matches(String(decoding: $0, as: UTF8.self)) }
            remaining = .patients(patients[...])
        case .accessionNumbers(let numbers):
            var found: [UID] = []
            for number in numbers { found += try snapshot.studies(accessionNumber: number) }
            remaining = .uids(Self.unique(found))
        case .accessionPrefix(let prefix):
            remaining = .uids(try snapshot.studies(accessionNumberPrefix: prefix)[...])
        case .dates(let first, let last):
            remaining = .uids(try snapshot.studies(dateFrom: first, through: last)[...])
        case .scan: remaining = .scan(try snapshot.studies())
        }
    }

    /// All studies of these patients.
    init(of patients: [PatientEntity], in snapshot: Snapshot) {
        self.snapshot = snapshot
        remaining = .patients(patients[...])
    }

    /// Each once, in the order of the index, so that answers come in the same order each time.
    private static func unique(_ uids: [UID]) -> ArraySlice<UID> { Set(uids).sorted()[...] }

    /// The next study; nil at the end.
    mutating func next() throws(IndexFault) -> StudyEntity? {
        switch remaining {
        case .uids(var uids):
            while let uid = uids.popFirst() {
                remaining = .uids(uids)
                if let study = try snapshot.study(uid) { return study }
            }
            remaining = .uids([])
            return nil
        case .patients(var patients):
            while true {
                while let study = ready.popFirst() {
                    if given.insert(study.studyInstanceUID).inserted { return study }
                }
                guard let patient = patients.popFirst() else { return nil }
                remaining = .patients(patients)
                self.patient = patient
                ready = try patient.studies()[...]
            }
        case .scan(var cursor):
            let next = try cursor.next()
            remaining = .scan(cursor)
            return next
        }
    }
}
