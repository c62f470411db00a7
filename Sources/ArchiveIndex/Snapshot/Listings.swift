// Studies and patients by what look-ups say of them: candidates for a matcher, each once, found while they are asked for.

import DICOM

/// Studies that some of whose sets have a wanted value: what they show may be another one. In the order of the values, then of
/// the studies. Memory: what may come twice.
struct StudyListing: Sendable {
    private let snapshot: Snapshot
    private var ranges: ArraySlice<LookupRange>
    private var cursor: (rows: LookupCursor<StudyOwner>, table: Table)?
    private var given: Set<[UInt8]> = []

    /// - Parameter ranges: of Accession Number or Study Date, one after the other.
    init(_ ranges: [LookupRange], in snapshot: Snapshot) {
        self.snapshot = snapshot
        self.ranges = ranges[...]
    }

    /// The next study; nil at the end.
    mutating func next(_ watch: SearchWatch? = nil) throws(IndexFault) -> StudyEntity? {
        while true {
            if cursor == nil {
                guard let range = ranges.popFirst() else { return nil }
                cursor = (try LookupCursor(range, in: snapshot), range.table)
            }
            guard let table = cursor?.table else { return nil }
            guard let found = try cursor?.rows.next(watch) else {
                cursor = nil
                continue
            }
            try watch?.passEntity()
            guard !given.contains(found.owner.packed),
                let study = try snapshot.study(packed: found.owner.packed, known: found.rows),
                try isStill(study, found.text, table)
            else { continue }
            let mayRecur = try mayRecur(study, table)
            if mayRecur || !ranges.isEmpty { given.insert(found.owner.packed) }
            return study
        }
    }

    /// A row may speak of files that are gone: then the study comes where its values are now, or not at all.
    private func isStill(_ study: StudyEntity, _ text: [UInt8], _ table: Table) throws(IndexFault) -> Bool {
        guard study.hasRemovals else { return true }
        let variants = try study.attributes().variants
        return variants.contains { variant in
            let keys =
                table == .studyDates
                ? LookupKeys.studyDates(variant.attributes) : LookupKeys.accessionNumbers(variant.attributes)
            return keys.contains(text)
        }
    }

    private func mayRecur(_ study: StudyEntity, _ table: Table) throws(IndexFault) -> Bool {
        guard let set = try study.onlySet() else { return true }
        let tag = table == .studyDates ? DICOM.Tag.studyDate : .accessionNumber
        return try set.value(tag)?.bytes.contains(0x5C) ?? false
    }
}

/// Patients one of whose names has a component group that is wanted, folded (`PersonName.foldedGroups`). In the order of the
/// names, then of the patients. Memory: what may come twice.
struct PatientListing: Sendable {
    private let snapshot: Snapshot
    private var rows: LookupCursor<PatientKey>
    private var given: Set<PatientKey> = []

    init(_ range: LookupRange, in snapshot: Snapshot) throws(IndexFault) {
        self.snapshot = snapshot
        rows = try LookupCursor(range, in: snapshot)
    }

    /// The next patient; nil at the end.
    mutating func next(_ watch: SearchWatch? = nil) throws(IndexFault) -> PatientEntity? {
        while let found = try rows.next(watch) {
            try watch?.passEntity()
            guard let patient = try snapshot.patient(found.owner), !given.contains(patient.key),
                try isStill(patient, found.text)
            else { continue }
            if try mayRecur(patient) { given.insert(patient.key) }
            return patient
        }
        return nil
    }

    /// See the same of studies.
    private func isStill(_ patient: PatientEntity, _ name: [UInt8]) throws(IndexFault) -> Bool {
        guard patient.hasRemovals else { return true }
        return try patient.attributes().variants.contains { LookupKeys.patientNames($0.attributes).contains(name) }
    }

    private func mayRecur(_ patient: PatientEntity) throws(IndexFault) -> Bool {
        guard let set = try patient.onlySet() else { return true }
        return try set.value(.patientName)?.bytes.contains { $0 == 0x3D || $0 == 0x5C } ?? false
    }
}
