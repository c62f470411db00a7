// The index at one moment: runs and the journal's delta, merged as they are asked.

import DICOM

/// What the index held at one moment; stays as it is while others write. A value to copy freely between threads.
package struct Snapshot: Sendable {
    /// Oldest first. The delta's pieces are runs in memory.
    let sources: [Run]
    /// Counts replacements of `current`.
    package let generation: UInt64
    /// The sequence of the journal's last frame in this snapshot.
    package let journalSequence: UInt64
    /// Instances whose files a retrieval found gone or changed.
    package var unavailable: UnavailableInstances
    /// How the index reads text that names no character set.
    let fallback: FallbackCharacterSet

    init(
        sources: [Run], generation: UInt64, journalSequence: UInt64, fallback: FallbackCharacterSet = .standard,
        unavailable: UnavailableInstances = UnavailableInstances()
    ) {
        self.fallback = fallback
        self.sources = sources
        self.generation = generation
        self.journalSequence = journalSequence
        self.unavailable = unavailable
    }

    /// A snapshot of nothing.
    package static let empty = Snapshot(sources: [], generation: 0, journalSequence: 0)

    /// No instance was ever taken back in these sources: counts add up without looking at files.
    func hasRemovals(_ rows: [SourcedRow], _ column: Int) -> Bool { rows.contains { $0.row.number(column) != 0 } }

    // MARK: Studies

    /// All studies, ascending by packed UID.
    package func studies() throws(IndexFault) -> StudyCursor { try StudyCursor(self, from: nil) }

    /// The study with that UID; nil when there is none.
    package func study(_ uid: UID) throws(IndexFault) -> StudyEntity? { try study(packed: uid.packed) }

    /// - Parameter known: its rows in some of the sources.
    func study(packed: [UInt8], known: [SourcedRow] = []) throws(IndexFault) -> StudyEntity? {
        var parts: [SourcedRow] = []
        for (source, run) in sources.enumerated() {
            if let row = known.first(where: { $0.source == source }) {
                parts.append(row)
            } else if let row = try run.study(packed) {
                parts.append(SourcedRow(source: source, row: row))
            }
        }
        return try StudyEntity(self, parts)
    }

    // MARK: Patients

    /// All patients, ascending by key.
    package func patients() throws(IndexFault) -> PatientCursor { try PatientCursor(self, from: nil) }

    /// The patients with this ID, outer spaces not counting: one for each issuer. None for an empty ID.
    package func patients(id: [UInt8]) throws(IndexFault) -> [PatientEntity] {
        let wanted = Array(id.trimmingPadding())
        guard !wanted.isEmpty else { return [] }
        return try patients(called: wanted)
    }

    /// - Parameters:
    ///   - id: without outer spaces, and not empty.
    ///   - known: a row of one of them.
    private func patients(called id: [UInt8], known: SourcedRow? = nil) throws(IndexFault) -> [PatientEntity] {
        var parts: [PatientKey: [SourcedRow]] = [:]
        for (source, run) in sources.enumerated() {
            let range = try run.patients(called: id, known: known?.source == source ? known?.number : nil)
            for number in range {
                let row = try run.row(number, of: .patients)
                let key = PatientKey(patientID: id, issuer: try row.text(Column.Patients.issuer), only: nil)
                parts[key, default: []].append(SourcedRow(source: source, row: row))
            }
        }
        var found: [PatientEntity] = []
        for (_, rows) in parts.sorted(by: { $0.key < $1.key }) {
            if let patient = try PatientEntity(self, rows) { found.append(patient) }
        }
        if found.count == 2, found[0].key.issuer.isEmpty { return [found[1].joined(by: found[0])] }
        return found
    }

    /// The patient of a row of `patients`.
    func patient(at known: SourcedRow) throws(IndexFault) -> PatientEntity? {
        let id = try known.row.text(Column.Patients.id)
        guard !id.isEmpty else { return try patient(known.row.patientKey()) }
        let issuer = try known.row.text(Column.Patients.issuer)
        return try patients(called: id, known: known).first { patient in
            patient.memberKeys.contains { $0.issuer == issuer }
        }
    }

    /// The patient with this key; one with an empty issuer may have joined the one with an issuer.
    package func patient(_ key: PatientKey) throws(IndexFault) -> PatientEntity? {
        if let uid = key.studyInstanceUID {
            var merger = RowMerger(key: Table.patients.shape.key)
            for (source, run) in sources.enumerated() {
                let cursor = try run.cursor(.patients, from: [.text([]), .text([]), .text(uid.packed)])
                try merger.add(cursor, source: source, end: run.table(.patients).rowCount)
            }
            guard let rows = try merger.next() else { return nil }
            let entity = try PatientEntity(self, rows)
            return entity?.key == key ? entity : nil
        }
        return try patients(id: key.patientID).first { $0.memberKeys.contains(key) }
    }

    // MARK: Series and instances by UID

    /// The series with this UID: one, unless several studies claim it.
    package func series(_ uid: UID) throws(IndexFault) -> [SeriesEntity] {
        let packed = uid.packed
        var studies: Set<[UInt8]> = []
        for run in sources {
            for row in try run.rows(hash: LookupKeys.hash(packed), in: .seriesUIDs) {
                let series = try run.row(row, of: .series)
                guard try series.text(Column.Series.uid) == packed else { continue }
                let study = try run.row(series.int(Column.Series.study), of: .studies)
                studies.insert(try study.text(Column.Studies.uid))
            }
        }
        var found: [SeriesEntity] = []
        for study in studies.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            if let series = try self.study(packed: study)?.series(packed: packed) { found.append(series) }
        }
        return found
    }

    /// The instances with this UID: one, unless several series claim it.
    package func instances(_ uid: UID) throws(IndexFault) -> [InstanceEntity] {
        let packed = uid.packed
        var owners: Set<[[UInt8]]> = []
        for run in sources {
            for row in try run.rows(hash: LookupKeys.hash(packed), in: .instanceUIDs) {
                let instance = try run.row(row, of: .instances)
                guard try instance.text(Column.Instances.uid) == packed else { continue }
                let series = try run.row(instance.int(Column.Instances.series), of: .series)
                let study = try run.row(series.int(Column.Series.study), of: .studies)
                owners.insert([try study.text(Column.Studies.uid), try series.text(Column.Series.uid)])
            }
        }
        var found: [InstanceEntity] = []
        for owner in owners.sorted(by: { $0.lexicographicallyPrecedes($1, by: { $0.lexicographicallyPrecedes($1) }) }) {
            if let instance = try study(packed: owner[0])?.series(packed: owner[1])?.instance(packed: packed) {
                found.append(instance)
            }
        }
        return found
    }
}
