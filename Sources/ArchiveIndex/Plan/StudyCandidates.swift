// The studies that a source names, each once, loaded when they are asked for.

import DICOM

/// Studies from a source, each once.
struct StudyCandidates {
    private enum Remaining {
        case uids(ArraySlice<UID>)
        case listing(StudyListing)
        case patients(PatientCandidates)
        case scan(StudyCursor)
    }

    private let snapshot: Snapshot
    private var remaining: Remaining
    /// Of patients: the studies of the one that was opened last, and those that were given.
    private var ready: ArraySlice<StudyEntity> = []
    /// Whose studies they are.
    private(set) var patient: PatientEntity?
    private var given: Set<UID> = []

    init(_ source: StudySource, in snapshot: Snapshot, _ watch: SearchWatch? = nil) throws(IndexFault) {
        self.snapshot = snapshot
        switch source {
        case .studyUIDs(let uids): remaining = .uids(Self.unique(uids))
        case .seriesUIDs(let uids):
            var found: [UID] = []
            for uid in Set(uids) {
                try watch?.passEntity()
                for series in try snapshot.series(uid) { found.append(series.study.studyInstanceUID) }
            }
            remaining = .uids(Self.unique(found))
        case .instanceUIDs(let uids):
            var found: [UID] = []
            for uid in Set(uids) {
                try watch?.passEntity()
                for instance in try snapshot.instances(uid) { found.append(instance.series.study.studyInstanceUID) }
            }
            remaining = .uids(Self.unique(found))
        case .patientIDs, .namePrefix, .nameLetters, .nameScan:
            remaining = .patients(try PatientCandidates(source, in: snapshot, watch))
        case .accessionNumbers(let numbers):
            let wanted = Set(numbers.map { Array($0.trimmingPadding()) }).sorted { $0.lexicographicallyPrecedes($1) }
            remaining = .listing(StudyListing(wanted.map { .exactly($0, in: .accessionNumbers) }, in: snapshot))
        case .accessionPrefix(let prefix):
            remaining = .listing(StudyListing([.beginning(with: prefix, in: .accessionNumbers)], in: snapshot))
        case .dates(let first, let last):
            remaining = .listing(StudyListing([.between(first, last, in: .studyDates)], in: snapshot))
        case .scan: remaining = .scan(try snapshot.studies())
        }
    }

    /// All studies of these patients.
    init(of patients: [PatientEntity], in snapshot: Snapshot) {
        self.snapshot = snapshot
        remaining = .patients(PatientCandidates(patients))
    }

    /// Each once, in the order of the index, so that answers come in the same order each time.
    private static func unique(_ uids: [UID]) -> ArraySlice<UID> { Set(uids).sorted()[...] }

    /// The next study; nil at the end.
    mutating func next(_ watch: SearchWatch? = nil) throws(IndexFault) -> StudyEntity? {
        switch remaining {
        case .uids(var uids):
            while let uid = uids.popFirst() {
                try watch?.passEntity()
                remaining = .uids(uids)
                if let study = try snapshot.study(uid) { return study }
            }
            remaining = .uids([])
            return nil
        case .listing(var listing):
            // Held once alone, or it would be copied when it is changed.
            remaining = .uids([])
            defer { remaining = .listing(listing) }
            return try listing.next(watch)
        case .patients(var patients):
            remaining = .uids([])
            defer { remaining = .patients(patients) }
            while true {
                while let study = ready.popFirst() {
                    if given.insert(study.studyInstanceUID).inserted { return study }
                }
                guard let patient = try patients.next(watch) else { return nil }
                self.patient = patient
                ready = try patient.studies(watch)[...]
            }
        case .scan(var cursor):
            remaining = .uids([])
            defer { remaining = .scan(cursor) }
            return try cursor.next(watch)
        }
    }
}
