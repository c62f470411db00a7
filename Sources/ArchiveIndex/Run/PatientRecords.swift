// Patients of a run being written: what studies say of them, sorted by patient when all studies are known.

import DICOM

/// What a study set says of its patient.
struct PatientRecords {
    private var uses: RecordSorter
    private let spill: SpillFile?

    init(spill: SpillFile?) {
        self.spill = spill
        uses = RecordSorter(spill: spill)
    }

    /// Notes that files of a study set were sent with a patient.
    mutating func add(_ set: OpenStudy.Set, studySet: Int, study: Int) throws(IndexFault) {
        var record = SortKeyWriter()
        record.append(set.patientKey.patientID)
        record.append(set.patientKey.issuer)
        record.append(set.patientKey.studyInstanceUID?.packed ?? [])
        record.append(set.patient.bytes)
        for number in [studySet, study, set.added, set.removed] { record.append(number) }
        try uses.append(record.bytes)
    }

    /// A patient whose rows are not all there yet.
    private struct Open {
        let texts: [[UInt8]]
        var added = 0
        var removed = 0
        let firstSet: Int
        var studies: Set<Int> = []
    }

    /// Gives the rows of patients, their sets and studies, and then of the patients of study sets; and the keys of names.
    mutating func finish(
        _ names: inout RecordSorter, _ write: (Row, Table) throws(IndexFault) -> Void
    ) throws(IndexFault) {
        var setsOfStudySets = RecordSorter(spill: spill)
        var patientRow = 0
        var setRow = 0
        var patient: Open?
        var set: (attributes: AttributeSet, weight: Int)?
        func closeSet() throws(IndexFault) {
            guard let closing = set else { return }
            set = nil
            try write(
                Row(
                    numbers: [UInt64(patientRow), UInt64(bitPattern: Int64(closing.weight))],
                    attributes: closing.attributes), .patientSets)
            for name in LookupKeys.patientNames(closing.attributes) {
                var record = SortKeyWriter()
                record.append(name)
                record.append(patientRow)
                try names.append(record.bytes)
            }
            setRow += 1
        }
        func closePatient() throws(IndexFault) {
            try closeSet()
            guard let closing = patient else { return }
            patient = nil
            try write(
                Row(
                    numbers: [closing.added, closing.removed, closing.firstSet, setRow - closing.firstSet].map {
                        UInt64($0)
                    }, texts: closing.texts), .patients)
            for study in closing.studies.sorted() {
                try write(Row(numbers: [UInt64(patientRow), UInt64(study)]), .patientStudies)
            }
            patientRow += 1
        }
        while let bytes = try uses.next() {
            var record = SortKeyReader(bytes)
            let texts = [record.text(), record.text(), record.text()]
            let attributes = AttributeSet(canonical: record.text())
            let (studySet, study, added, removed) = (record.int(), record.int(), record.int(), record.int())
            if patient?.texts != texts {
                try closePatient()
                patient = Open(texts: texts, firstSet: setRow)
            }
            if set?.attributes != attributes {
                try closeSet()
                set = (attributes, 0)
            }
            patient?.added += added
            patient?.removed += removed
            patient?.studies.insert(study)
            set?.weight += added - removed
            var use = SortKeyWriter()
            use.append(studySet)
            use.append(setRow)
            try setsOfStudySets.append(use.bytes)
        }
        try closePatient()
        while let bytes = try setsOfStudySets.next() {
            var record = SortKeyReader(bytes)
            _ = record.number()
            try write(Row(numbers: [record.number()]), .patientsOfStudySets)
        }
    }
}
