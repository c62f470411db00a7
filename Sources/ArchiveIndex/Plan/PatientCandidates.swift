// The patients that a source names, each once, loaded when they are asked for.

import DICOM

/// Patients from a source, each once.
struct PatientCandidates {
    private enum Remaining {
        case list(ArraySlice<PatientEntity>)
        case names(PatientListing)
        case scan(PatientCursor)
    }

    private var remaining: Remaining

    /// All patients where the source is none of patients.
    init(_ source: StudySource, in snapshot: Snapshot, _ watch: SearchWatch? = nil) throws(IndexFault) {
        switch source {
        case .patientIDs(let ids):
            var found: [PatientEntity] = []
            var seen: Set<PatientKey> = []
            for id in ids {
                try watch?.passEntity()
                for patient in try snapshot.patients(id: id) where seen.insert(patient.key).inserted {
                    found.append(patient)
                }
            }
            remaining = .list(found[...])
        case .namePrefix(let prefix):
            remaining = .names(try PatientListing(.beginning(with: prefix, in: .patientNames), in: snapshot))
        case .nameLetters(let prefix):
            remaining = .names(try PatientListing(.beginning(with: prefix, in: .patientNames), in: snapshot))
        case .nameScan(let pattern, let ignoresAccents):
            let range = LookupRange.all(in: .patientNames) {
                let name = String(decoding: $0, as: UTF8.self)
                return pattern.matches(ignoresAccents ? plainLetters(name) : name)
            }
            remaining = .names(try PatientListing(range, in: snapshot))
        default: remaining = .scan(try snapshot.patients())
        }
    }

    init(_ patients: [PatientEntity]) { remaining = .list(patients[...]) }

    /// The next patient; nil at the end.
    mutating func next(_ watch: SearchWatch?) throws(IndexFault) -> PatientEntity? {
        switch remaining {
        case .list(var patients):
            let next = patients.popFirst()
            remaining = .list(patients)
            return next
        case .names(var names):
            // Held once alone, or it would be copied when it is changed.
            remaining = .list([])
            defer { remaining = .names(names) }
            return try names.next(watch)
        case .scan(var cursor):
            remaining = .list([])
            defer { remaining = .scan(cursor) }
            return try cursor.next(watch)
        }
    }
}
