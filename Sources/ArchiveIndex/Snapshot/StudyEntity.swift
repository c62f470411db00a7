// A study as all sources together know it.

import DICOM

/// A study in a snapshot.
package struct StudyEntity: Sendable {
    package let snapshot: Snapshot
    package let studyInstanceUID: UID
    let parts: [SourcedRow]

    /// Nil where nothing of it is left.
    init?(_ snapshot: Snapshot, _ parts: [SourcedRow]) throws(IndexFault) {
        guard let first = parts.first else { return nil }
        let left = parts.reduce(0) {
            $0 &+ $1.row.int(Column.Studies.added) &- $1.row.int(Column.Studies.removed)
        }
        guard left > 0 else { return nil }
        self.snapshot = snapshot
        self.parts = parts
        studyInstanceUID = try snapshot.sources[first.source].uid(
            try first.row.text(Column.Studies.uid), .studies, first.number)
    }

    var hasRemovals: Bool { snapshot.hasRemovals(parts, Column.Studies.removed) }

    /// What the study's instances say of it, at study level.
    package func attributes(_ watch: SearchWatch? = nil) throws(IndexFault) -> ResolvedAttributes {
        var variants: [Variant] = []
        try forEachSet { (set) throws(IndexFault) in
            try watch?.passEntity()
            variants.append(Variant(attributes: try set.attributes(), count: set.signed(Column.StudySets.weight)))
        }
        return ResolvedAttributes(variants)
    }

    private func forEachSet(_ body: (StoredRow) throws(IndexFault) -> Void) throws(IndexFault) {
        for part in parts {
            let run = snapshot.sources[part.source]
            let range = try run.rows(
                part.row.int(Column.Studies.firstSet), part.row.int(Column.Studies.sets), of: .studySets)
            for number in range { try body(try run.row(number, of: .studySets)) }
        }
    }

    /// The keys of the patients that the study was sent with, the one that it is shown with first: that of most files,
    /// of several the smallest.
    package func patientKeys(_ watch: SearchWatch? = nil) throws(IndexFault) -> [PatientKey] {
        if let patient = try onlyPatient() { return [try patient.row.patientKey()] }
        var counts: [PatientKey: Int] = [:]
        var last: (source: Int, row: Int, key: PatientKey)?
        for part in parts {
            let run = snapshot.sources[part.source]
            let range = try run.rows(
                part.row.int(Column.Studies.firstSet), part.row.int(Column.Studies.sets), of: .studySets)
            for number in range {
                try watch?.passEntity()
                let set = try run.row(number, of: .studySets)
                let patient = try run.patientSet(ofStudySet: number).int(Column.PatientSets.patient)
                let key: PatientKey
                if let last, last.source == part.source, last.row == patient {
                    key = last.key
                } else {
                    key = try run.row(patient, of: .patients).patientKey()
                    last = (part.source, patient, key)
                }
                counts[key, default: 0] &+= set.signed(Column.StudySets.weight)
            }
        }
        return counts.filter { $0.value > 0 }.sorted { $0.value == $1.value ? $0.key < $1.key : $0.value > $1.value }
            .map(\.key)
    }

    /// The row of the one patient that all of it was sent with, where that is told at a glance.
    func onlyPatient() throws(IndexFault) -> SourcedRow? {
        guard let set = try onlySet(), let part = parts.first else { return nil }
        let number = try set.run.patientSet(ofStudySet: set.ordinal).int(Column.PatientSets.patient)
        return SourcedRow(source: part.source, row: try set.run.row(number, of: .patients))
    }

    /// The patient that the study is shown with; nil only where the index contradicts itself.
    package func patient() throws(IndexFault) -> PatientEntity? {
        guard let key = try patientKeys().first else { return nil }
        return try snapshot.patient(key)
    }

    /// Its series, ascending by packed UID.
    package func series() throws(IndexFault) -> SeriesCursor { try SeriesCursor(self) }

    /// The series of this study with that UID; nil when there is none.
    package func series(_ uid: UID) throws(IndexFault) -> SeriesEntity? { try series(packed: uid.packed) }

    func series(packed: [UInt8]) throws(IndexFault) -> SeriesEntity? {
        var found: [SourcedRow] = []
        for part in parts {
            let run = snapshot.sources[part.source]
            let rows = try run.rows(
                part.row.int(Column.Studies.firstSeries), part.row.int(Column.Studies.series), of: .series)
            var cursor = try run.cursor(.series, from: [.number(UInt64(part.number)), .text(packed)], within: rows)
            if try cursor.advance(), try cursor.text(Column.Series.uid) == packed,
                cursor.row.int(Column.Series.study) == part.number
            {
                found.append(SourcedRow(source: part.source, row: cursor.row))
            }
        }
        return try SeriesEntity(self, found)
    }

    /// Number of Study Related Series.
    package func seriesCount(_ watch: SearchWatch? = nil) throws(IndexFault) -> Int {
        if parts.count == 1, !hasRemovals { return parts[0].row.int(Column.Studies.series) }
        var count = 0
        var cursor = try series()
        while try cursor.next(watch) != nil { count += 1 }
        return count
    }

    /// Number of Study Related Instances: SOP Instance UIDs, each once in a series.
    package func instanceCount(_ watch: SearchWatch? = nil) throws(IndexFault) -> Int {
        if parts.count == 1, !hasRemovals { return parts[0].row.int(Column.Studies.instances) }
        var count = 0
        var cursor = try series()
        while let series = try cursor.next(watch) { count &+= try series.instanceCount(watch) }
        return count
    }

    /// Modalities in Study: the modality that each series shows, each once, ascending, without empty ones.
    package func modalities(_ watch: SearchWatch? = nil) throws(IndexFault) -> [[UInt8]] {
        var found: Set<[UInt8]> = []
        var cursor = try series()
        while let series = try cursor.next(watch) {
            guard let value = try series.shown(watch).value(.modality) else { continue }
            let trimmed = Array(value.bytes.trimmingPadding())
            if !trimmed.isEmpty { found.insert(trimmed) }
        }
        return found.sorted { $0.lexicographicallyPrecedes($1) }
    }

    /// SOP Classes in Study, each once, ascending.
    package func sopClasses(_ watch: SearchWatch? = nil) throws(IndexFault) -> [UID] {
        var found: Set<UID> = []
        var cursor = try series()
        while let series = try cursor.next(watch) { found.formUnion(try series.sopClasses(watch)) }
        return found.sorted()
    }
}

/// Studies, one after the other.
package struct StudyCursor: Sendable {
    private let snapshot: Snapshot
    private var merger = RowMerger(key: Table.studies.shape.key)

    init(_ snapshot: Snapshot, from packed: [UInt8]?) throws(IndexFault) {
        self.snapshot = snapshot
        for (source, run) in snapshot.sources.enumerated() {
            let cursor = if let packed { try run.cursor(.studies, from: [.text(packed)]) } else { run.cursor(.studies) }
            try merger.add(cursor, source: source, end: run.table(.studies).rowCount)
        }
    }

    /// The next study; nil at the end.
    package mutating func next(_ watch: SearchWatch? = nil) throws(IndexFault) -> StudyEntity? {
        while let rows = try merger.next() {
            try watch?.passEntity()
            if let study = try StudyEntity(snapshot, rows) { return study }
        }
        return nil
    }
}

extension Run {
    /// The rows that a look-up table of hashes names for `hash`.
    func rows(hash: UInt64, in table: Table) throws(IndexFault) -> [Int] {
        var found: [Int] = []
        var cursor = try cursor(table, from: [.number(hash)])
        while try cursor.advance(), cursor.row.number(0) == hash { found.append(cursor.row.int(1)) }
        return found
    }
}
