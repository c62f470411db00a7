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
        case .patientIDs, .namePrefix, .nameLetters, .nameScan:
            remaining = .patients(try PatientCandidates(source, in: snapshot))
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

    /// The next study; nil at the end, or when `shouldStop`, which is asked while names are passed over, says so.
    mutating func next(_ shouldStop: () -> Bool = { false }) throws(IndexFault) -> StudyEntity? {
        switch remaining {
        case .uids(var uids):
            while let uid = uids.popFirst() {
                remaining = .uids(uids)
                if let study = try snapshot.study(uid) { return study }
            }
            remaining = .uids([])
            return nil
        case .listing(var listing):
            // Held once alone, or it would be copied when it is changed.
            remaining = .uids([])
            defer { remaining = .listing(listing) }
            return try listing.next(shouldStop)
        case .patients(var patients):
            remaining = .uids([])
            defer { remaining = .patients(patients) }
            while true {
                while let study = ready.popFirst() {
                    if given.insert(study.studyInstanceUID).inserted { return study }
                }
                // Their studies may all have been given with others.
                if patient != nil, shouldStop() { return nil }
                guard let patient = try patients.next(shouldStop) else { return nil }
                self.patient = patient
                ready = try patient.studies()[...]
            }
        case .scan(var cursor):
            remaining = .uids([])
            defer { remaining = .scan(cursor) }
            return try cursor.next()
        }
    }
}
