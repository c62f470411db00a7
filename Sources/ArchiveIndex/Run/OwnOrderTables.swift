// The tables of a run whose order is not that of the instances: patients, look-ups, files. Kept in memory until the end.

import DICOM

/// Patients and the sets they were sent with.
struct PatientTables {
    private struct SetKey: Hashable {
        let patient: Int
        let attributes: AttributeSet
    }

    private struct Patient {
        let key: PatientKey
        var added = 0
        var removed = 0
        var sets: [Int] = []
        var studies: [Int] = []
    }

    private(set) var sets: [(patient: Int, weight: Int, attributes: AttributeSet)] = []
    private var patients: [Patient] = []
    private var numbers: [PatientKey: Int] = [:]
    private var setNumbers: [SetKey: Int] = [:]

    /// Counts files of a patient; the number of the patient set, in order of appearance.
    mutating func add(_ entry: InstanceEntry, study: Int, added: Int, removed: Int) -> Int {
        let key = entry.patientKey
        let patient: Int
        if let known = numbers[key] {
            patient = known
        } else {
            patient = patients.count
            patients.append(Patient(key: key))
            numbers[key] = patient
        }
        patients[patient].added += added
        patients[patient].removed += removed
        if patients[patient].studies.last != study { patients[patient].studies.append(study) }
        let setKey = SetKey(patient: patient, attributes: entry.patient)
        let set: Int
        if let known = setNumbers[setKey] {
            set = known
        } else {
            set = sets.count
            sets.append((patient, 0, entry.patient))
            setNumbers[setKey] = set
            patients[patient].sets.append(set)
        }
        sets[set].weight += added - removed
        return set
    }

    /// For each patient in order of appearance, its row number, which is the place of its key.
    func rowNumbers() -> [Int] {
        let order = patients.indices.sorted { patients[$0].key < patients[$1].key }
        var numbers = Array(repeating: 0, count: patients.count)
        for (row, patient) in order.enumerated() { numbers[patient] = row }
        return numbers
    }

    func rows() -> [(table: Table, row: Row)] {
        let order = patients.indices.sorted { patients[$0].key < patients[$1].key }
        let numbers = rowNumbers()
        var rows: [(table: Table, row: Row)] = []
        for patient in order {
            var list: [UInt8] = []
            for set in patients[patient].sets { list.appendVarint(UInt64(set)) }
            let key = patients[patient].key
            rows.append(
                (
                    .patients,
                    Row(
                        numbers: [UInt64(patients[patient].added), UInt64(patients[patient].removed)],
                        texts: [key.patientID, key.issuer, key.studyInstanceUID?.packed ?? [], list])
                ))
            for study in patients[patient].studies {
                rows.append((.patientStudies, Row(numbers: [UInt64(numbers[patient]), UInt64(study)])))
            }
        }
        for set in sets {
            let weight = UInt64(bitPattern: Int64(set.weight))
            rows.append(
                (.patientSets, Row(numbers: [UInt64(numbers[set.patient]), weight], attributes: set.attributes)))
        }
        return rows
    }
}

/// Keys to rows.
struct LookupTables {
    var instanceUIDs: [(UInt64, UInt64)] = []
    var seriesUIDs: [(UInt64, UInt64)] = []
    private var accessionNumbers: [TextKey] = []
    private var studyDates: [TextKey] = []

    private struct TextKey: Hashable, Comparable {
        let text: [UInt8]
        let row: Int

        static func < (left: TextKey, right: TextKey) -> Bool {
            left.text == right.text ? left.row < right.row : left.text.lexicographicallyPrecedes(right.text)
        }
    }

    mutating func add(studySet: AttributeSet, study: Int) {
        for key in LookupKeys.accessionNumbers(studySet) { accessionNumbers.append(TextKey(text: key, row: study)) }
        for key in LookupKeys.studyDates(studySet) { studyDates.append(TextKey(text: key, row: study)) }
    }

    func rows(_ patients: PatientTables) -> [(table: Table, row: Row)] {
        var rows: [(table: Table, row: Row)] = []
        for (hash, row) in instanceUIDs.sorted(by: { $0 < $1 }) {
            rows.append((.instanceUIDs, Row(numbers: [hash, row])))
        }
        for (hash, row) in seriesUIDs.sorted(by: { $0 < $1 }) { rows.append((.seriesUIDs, Row(numbers: [hash, row]))) }
        Self.append(accessionNumbers, .accessionNumbers, to: &rows)
        Self.append(studyDates, .studyDates, to: &rows)
        let numbers = patients.rowNumbers()
        var names: [TextKey] = []
        for set in patients.sets {
            for name in LookupKeys.patientNames(set.attributes) {
                names.append(TextKey(text: name, row: numbers[set.patient]))
            }
        }
        Self.append(names, .patientNames, to: &rows)
        return rows
    }

    /// Sorted, each once.
    private static func append(_ keys: [TextKey], _ table: Table, to rows: inout [(table: Table, row: Row)]) {
        var last: TextKey?
        for key in keys.sorted() where key != last {
            rows.append((table, Row(numbers: [UInt64(key.row)], texts: [key.text])))
            last = key
        }
    }
}

/// A file as the run keeps it.
struct FileRow: Hashable, Comparable {
    /// 0 an instance; else a foreign file, and why.
    let kind: UInt8
    let isRemoval: Bool
    let place: Place
    /// 0 for foreign files.
    let instanceRow: Int

    init(_ signed: SignedEntry, instanceRow: Int) {
        kind = 0
        isRemoval = signed.isRemoval
        place = signed.entry.place
        self.instanceRow = instanceRow
    }

    init(_ foreign: SignedForeignFile) {
        let file = foreign.file
        kind = file.reason
        isRemoval = foreign.isRemoval
        place = Place(
            root: file.root, path: file.path, sizeBytes: file.sizeBytes, modificationNs: file.modificationNs,
            inode: file.inode, isTrusted: file.isTrusted, dataSetOffset: 0)
        instanceRow = 0
    }

    var row: Row {
        Row(
            numbers: [
                UInt64(place.root), UInt64(kind), isRemoval ? 1 : 0, UInt64(place.sizeBytes),
                UInt64(bitPattern: place.modificationNs), place.inode, place.isTrusted ? 1 : 0,
                UInt64(place.dataSetOffset), UInt64(instanceRow),
            ], texts: [place.path, place.digest])
    }

    static func < (left: FileRow, right: FileRow) -> Bool {
        if left.place.root != right.place.root { return left.place.root < right.place.root }
        if left.place.path != right.place.path { return left.place.path.lexicographicallyPrecedes(right.place.path) }
        let (leftRest, rightRest) = (left.row.numbers, right.row.numbers)
        if leftRest != rightRest { return leftRest.lexicographicallyPrecedes(rightRest) }
        return left.place.digest.lexicographicallyPrecedes(right.place.digest)
    }

    /// Sorted; foreign files that were added and removed are gone.
    static func balanced(_ files: [FileRow]) -> [FileRow] {
        var kept = files
        if files.contains(where: { $0.kind != 0 && $0.isRemoval }) {
            var counts: [SignedForeignFile: Int] = [:]
            for file in files where file.kind != 0 { counts[file.foreign, default: 0] += file.isRemoval ? -1 : 1 }
            kept = files.filter { $0.kind == 0 }
            for (foreign, count) in counts where count != 0 {
                kept.append(
                    contentsOf: repeatElement(
                        FileRow(SignedForeignFile(file: foreign.file, isRemoval: count < 0)), count: abs(count)))
            }
        }
        return kept.indices.sorted { kept[$0] < kept[$1] }.map { kept[$0] }
    }

    private var foreign: SignedForeignFile {
        SignedForeignFile(
            file: ForeignFile(
                root: place.root, path: place.path, sizeBytes: place.sizeBytes, modificationNs: place.modificationNs,
                inode: place.inode, isTrusted: place.isTrusted, reason: kind))
    }
}
