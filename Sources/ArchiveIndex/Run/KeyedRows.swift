// Studies by UID and patients by ID in one run. Of small runs, the journal's delta above all, the rows are kept by key: each
// look-up of an archive asks them, and most often in vain.

import Platform

/// The rows of a small run by what identifies them.
struct KeyedRows: Sendable {
    static let rowsMaximum = 4_096
    /// Keys are senders' texts: of long ones no copy is kept.
    private static let keyBytesMaximum = 1 << 20

    /// By packed UID.
    fileprivate var studies: [[UInt8]: Int] = [:]
    /// By Patient ID.
    fileprivate var patients: [[UInt8]: Range<Int>] = [:]

    /// Nil where the keys are too long.
    fileprivate init?(_ run: Run) throws(IndexFault) {
        var byteCount = 0
        var study = run.cursor(.studies)
        while try study.advance() {
            let uid = try study.text(Column.Studies.uid)
            studies[uid] = study.number
            byteCount += uid.count
        }
        var patient = run.cursor(.patients)
        while try patient.advance() {
            let number = patient.number
            let id = try patient.text(Column.Patients.id)
            let first = patients[id]?.lowerBound ?? number
            patients[id] = first..<(number + 1)
            byteCount += id.count
            guard byteCount <= Self.keyBytesMaximum else { return nil }
        }
    }
}

extension Run {
    private func keyed() throws(IndexFault) -> KeyedRows? {
        guard table(.studies).rowCount <= keyedRowsMaximum, table(.patients).rowCount <= keyedRowsMaximum else {
            return nil
        }
        if let known = keyedRows.withLock({ $0 }) { return known }
        let made = try KeyedRows(self)
        keyedRows.withLock { $0 = .some(made) }
        return made
    }

    /// The row of the study with that packed UID; nil where there is none.
    func study(_ packed: [UInt8]) throws(IndexFault) -> StoredRow? {
        if let keyed = try keyed() {
            return try keyed.studies[packed].map { number throws(IndexFault) in try row(number, of: .studies) }
        }
        var cursor = try cursor(.studies, from: [.text(packed)])
        guard try cursor.advance(), try cursor.text(Column.Studies.uid) == packed else { return nil }
        return cursor.row
    }

    /// The rows of patients with that ID.
    ///
    /// - Parameter known: one of them.
    func patients(called id: [UInt8], known: Int? = nil) throws(IndexFault) -> Range<Int> {
        if let keyed = try keyed() { return keyed.patients[id] ?? 0..<0 }
        var first = if let known { known } else { try cursor(.patients, from: [.text(id)]).next }
        var end = known.map { $0 + 1 } ?? first
        while first > 0, known != nil, try row(first - 1, of: .patients).text(Column.Patients.id) == id { first -= 1 }
        let count = table(.patients).rowCount
        while end < count, try row(end, of: .patients).text(Column.Patients.id) == id { end += 1 }
        return first..<end
    }
}
