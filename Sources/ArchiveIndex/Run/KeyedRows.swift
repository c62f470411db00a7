// Studies by UID and patients by ID in one run. Of small runs, the journal's delta above all, the rows are kept by key: each
// look-up of an archive asks them, and most often in vain.

import Platform

/// The rows of a small run by what identifies them.
struct KeyedRows: Sendable {
    static let rowsMaximum = 4_096

    /// By packed UID.
    fileprivate var studies: [[UInt8]: Int] = [:]
    /// By Patient ID.
    fileprivate var patients: [[UInt8]: Range<Int>] = [:]

    fileprivate init(_ run: Run) throws(IndexFault) {
        var study = run.cursor(.studies)
        while try study.advance() { studies[try study.text(Column.Studies.uid)] = study.number }
        var patient = run.cursor(.patients)
        while try patient.advance() {
            let number = patient.number
            let first = patients[try patient.text(Column.Patients.id)]?.lowerBound ?? number
            patients[try patient.text(Column.Patients.id)] = first..<(number + 1)
        }
    }
}

extension Run {
    private func keyed() throws(IndexFault) -> KeyedRows? {
        guard table(.studies).rowCount <= KeyedRows.rowsMaximum, table(.patients).rowCount <= KeyedRows.rowsMaximum
        else { return nil }
        if let known = keyedRows.withLock({ $0 }) { return known }
        let made = try KeyedRows(self)
        keyedRows.withLock { $0 = made }
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
