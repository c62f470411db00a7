// A patient as all sources together know it.

import DICOM

/// A patient in a snapshot.
package struct PatientEntity: Sendable {
    package let snapshot: Snapshot
    package let key: PatientKey
    /// The keys that count as this patient: its own, and that without issuer where it joined.
    package let memberKeys: [PatientKey]
    let parts: [SourcedRow]

    /// Nil where nothing is left.
    init?(_ snapshot: Snapshot, _ parts: [SourcedRow]) throws(IndexFault) {
        guard let first = parts.first, Self.left(parts) > 0 else { return nil }
        let key = try first.row.patientKey()
        self.init(snapshot, key, [key], parts)
    }

    private init(_ snapshot: Snapshot, _ key: PatientKey, _ memberKeys: [PatientKey], _ parts: [SourcedRow]) {
        self.snapshot = snapshot
        self.key = key
        self.memberKeys = memberKeys
        self.parts = parts
    }

    var hasRemovals: Bool { snapshot.hasRemovals(parts, Column.Patients.removed) }

    private static func left(_ parts: [SourcedRow]) -> Int {
        parts.reduce(0) { $0 &+ $1.row.int(Column.Patients.added) &- $1.row.int(Column.Patients.removed) }
    }

    /// Whether a row of `patients` is a part of it.
    func has(_ row: SourcedRow) -> Bool { parts.contains { $0.source == row.source && $0.number == row.number } }

    /// This patient with one of the same ID that no issuer is known of.
    func joined(by other: PatientEntity) -> PatientEntity {
        PatientEntity(snapshot, key, memberKeys + other.memberKeys, parts + other.parts)
    }

    /// What the patient's instances say of it, at patient level.
    package func attributes(_ watch: SearchWatch? = nil) throws(IndexFault) -> ResolvedAttributes {
        var variants: [Variant] = []
        for part in parts {
            let run = snapshot.sources[part.source]
            let range = try run.rows(
                part.row.int(Column.Patients.firstSet), part.row.int(Column.Patients.sets), of: .patientSets)
            for number in range {
                try watch?.passEntity()
                let row = try run.row(number, of: .patientSets)
                variants.append(Variant(attributes: try row.attributes(), count: row.signed(Column.PatientSets.weight)))
            }
        }
        return ResolvedAttributes(variants)
    }

    /// The studies that were sent with this patient, ascending by packed UID. Some may show another patient: see
    /// `StudyEntity.patientKeys`.
    package func studies(_ watch: SearchWatch? = nil) throws(IndexFault) -> [StudyEntity] {
        // Of each part they ascend; a patient may have as many as the archive, so nothing here is done to all at once.
        var known: [[(uid: [UInt8], row: SourcedRow)]] = []
        for part in parts {
            let run = snapshot.sources[part.source]
            var own: [(uid: [UInt8], row: SourcedRow)] = []
            var studies = run.cursor(.studies)
            var cursor = try run.cursor(.patientStudies, from: [.number(UInt64(part.number))])
            while try cursor.advance(), cursor.row.int(0) == part.number {
                try watch?.passEntity()
                let row = try studies.row(cursor.row.int(1))
                own.append((try row.text(Column.Studies.uid), SourcedRow(source: part.source, row: row)))
            }
            known.append(own)
        }
        var found: [StudyEntity] = []
        var next = [Int](repeating: 0, count: known.count)
        while true {
            try watch?.passEntity()
            let heads = known.indices.filter { next[$0] < known[$0].count }
            guard let uid = heads.map({ known[$0][next[$0]].uid }).min(by: { $0.lexicographicallyPrecedes($1) }) else {
                break
            }
            var rows: [SourcedRow] = []
            for part in heads where known[part][next[part]].uid == uid {
                rows.append(known[part][next[part]].row)
                next[part] += 1
            }
            guard let study = try snapshot.study(packed: uid, known: rows) else { continue }
            if study.hasRemovals, try !study.patientKeys().contains(where: memberKeys.contains) { continue }
            found.append(study)
        }
        return found
    }
}

/// Patients, one after the other.
package struct PatientCursor: Sendable {
    private let snapshot: Snapshot
    private var merger = RowMerger(key: Table.patients.shape.key)
    private var ready: [PatientEntity] = []
    private var held: PatientEntity?

    init(_ snapshot: Snapshot, from id: [UInt8]?) throws(IndexFault) {
        self.snapshot = snapshot
        for (source, run) in snapshot.sources.enumerated() {
            let cursor = if let id { try run.cursor(.patients, from: [.text(id)]) } else { run.cursor(.patients) }
            try merger.add(cursor, source: source, end: run.table(.patients).rowCount)
        }
    }

    private mutating func nextKey(_ watch: SearchWatch?) throws(IndexFault) -> PatientEntity? {
        if let held {
            self.held = nil
            return held
        }
        while let rows = try merger.next() {
            try watch?.passEntity()
            if let patient = try PatientEntity(snapshot, rows) { return patient }
        }
        return nil
    }

    /// The next patient; nil at the end. A patient without issuer joins the one other of its ID, where there is just one.
    package mutating func next(_ watch: SearchWatch? = nil) throws(IndexFault) -> PatientEntity? {
        if !ready.isEmpty { return ready.removeFirst() }
        guard let first = try nextKey(watch) else { return nil }
        guard !first.key.patientID.isEmpty, first.key.issuer.isEmpty else { return first }
        var others: [PatientEntity] = []
        while others.count < 2, let next = try nextKey(watch) {
            guard next.key.patientID == first.key.patientID else {
                held = next
                break
            }
            others.append(next)
        }
        if others.count == 1 { return others[0].joined(by: first) }
        ready = others
        return first
    }
}
