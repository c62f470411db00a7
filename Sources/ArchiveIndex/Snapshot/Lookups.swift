// Look-ups by keys that aren't unique: candidates in logarithmic time, for a matcher to judge.

import DICOM

extension Snapshot {
    /// Studies one of whose sets has this accession number, outer spaces not counting. Candidates: what the study shows may
    /// differ. Ascending by packed UID.
    package func studies(accessionNumber: [UInt8]) throws(IndexFault) -> [UID] {
        let wanted = Array(accessionNumber.trimmingPadding())
        return try studies(in: .accessionNumbers, from: wanted) { $0 == wanted ? .take : .stop }
    }

    /// The same for accession numbers that begin so.
    package func studies(accessionNumberPrefix prefix: [UInt8]) throws(IndexFault) -> [UID] {
        try studies(in: .accessionNumbers, from: prefix) { $0.starts(with: prefix) ? .take : .stop }
    }

    /// Studies one of whose sets has a date between the two, `yyyymmdd`, both included; nil is open.
    package func studies(dateFrom first: [UInt8]?, through last: [UInt8]?) throws(IndexFault) -> [UID] {
        try studies(in: .studyDates, from: first ?? []) { date in
            if let last, last.lexicographicallyPrecedes(date) { return .stop }
            return .take
        }
    }

    /// Patients one of whose names has a component group that begins so, folded (`PersonName.foldedGroups`).
    package func patients(foldedNamePrefix prefix: [UInt8]) throws(IndexFault) -> [PatientEntity] {
        try patients(from: prefix) { $0.starts(with: prefix) ? .take : .stop }
    }

    /// Patients one of whose names has a component group that `isWanted` takes: a scan of all folded names.
    package func patients(
        whereFoldedName isWanted: (ArraySlice<UInt8>) -> Bool
    ) throws(IndexFault) -> [PatientEntity] {
        try patients(from: []) { isWanted($0[...]) ? .take : .pass }
    }

    enum Verdict { case take, pass, stop }

    private func studies(
        in table: Table, from start: [UInt8], _ judge: ([UInt8]) -> Verdict
    ) throws(IndexFault) -> [UID] {
        var packed: Set<[UInt8]> = []
        for run in sources {
            var studies = run.cursor(.studies)
            for row in try run.rows(in: table, from: start, judge) {
                packed.insert(try studies.row(row).text(Column.Studies.uid))
            }
        }
        return packed.sorted { $0.lexicographicallyPrecedes($1) }.compactMap { UID(packed: $0) }
    }

    private func patients(from start: [UInt8], _ judge: ([UInt8]) -> Verdict) throws(IndexFault) -> [PatientEntity] {
        var keys: Set<PatientKey> = []
        for run in sources {
            var patients = run.cursor(.patients)
            for row in try run.rows(in: .patientNames, from: start, judge) {
                keys.insert(try patients.row(row).patientKey())
            }
        }
        var found: [PatientEntity] = []
        var seen: Set<PatientKey> = []
        for key in keys.sorted() {
            guard let patient = try patient(key), seen.insert(patient.key).inserted else { continue }
            found.append(patient)
        }
        return found
    }
}

extension Run {
    /// Row numbers, each once and ascending, of the look-up's rows from `start` on that `judge` takes.
    fileprivate func rows(
        in table: Table, from start: [UInt8], _ judge: ([UInt8]) -> Snapshot.Verdict
    ) throws(IndexFault) -> [Int] {
        var found: Set<Int> = []
        var cursor = try cursor(table, from: [.text(start)])
        search: while try cursor.advance() {
            switch judge(try cursor.text(0)) {
            case .take: found.insert(cursor.row.int(0))
            case .pass: continue
            case .stop: break search
            }
        }
        return found.sorted()
    }
}
