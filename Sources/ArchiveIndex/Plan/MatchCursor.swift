// A query running: candidates from the most selective key, tested by the exact rule, one match at a time.

import DICOM

/// Matches of a query, each entity once, in memory that grows with what is found, never with the archive.
package struct MatchCursor {
    private let query: Query
    private var patients: PatientCandidates?
    private var studies: StudyCandidates?
    private var study: Candidate?
    private var series: SeriesSelection?
    private var seriesCandidate: Candidate?
    private var instances: InstanceSelection?
    private let wantedSeries: Set<UID>
    private let wantedInstances: Set<UID>
    private let counts = MetPatients()
    /// Who wants to know how the query runs; most often nobody.
    private let trace: MatchTrace?

    init(_ query: Query, in snapshot: Snapshot, trace: MatchTrace? = nil) throws(IndexFault) {
        self.query = query
        self.trace = trace
        wantedSeries = query.uids(.seriesInstanceUID)
        wantedInstances = query.uids(.sopInstanceUID)
        let source = try StudySource.best(for: query, in: snapshot, trace)
        if query.level == .patient {
            patients = try PatientCandidates(source, in: snapshot)
        } else {
            studies = try StudyCandidates(source, in: snapshot)
        }
    }

    /// The next match; nil at the end, or when `shouldStop`, which is asked before each candidate and while names are
    /// passed over, says so.
    package mutating func next(shouldStop: () -> Bool = { false }) throws(IndexFault) -> Candidate? {
        if query.asksElsewhere { return nil }
        switch query.level {
        case .patient:
            while !shouldStop(), let patient = try patients?.next(shouldStop) {
                let candidate = Candidate(patient: patient, counts: counts)
                trace?.noteCandidate(.patient)
                if try holds(.patient, candidate) { return candidate }
            }
            return nil
        case .study: return try nextStudy(shouldStop)
        case .series: return try nextSeries(shouldStop)
        case .image: return try nextInstance(shouldStop)
        }
    }

    private func holds(_ level: Level, _ candidate: Candidate) throws(IndexFault) -> Bool {
        try candidate.satisfies(query.conditions(at: level), query.options, trace)
    }

    private mutating func nextStudy(_ shouldStop: () -> Bool) throws(IndexFault) -> Candidate? {
        while !shouldStop(), let entity = try studies?.next(shouldStop) {
            let candidate = Candidate(study: entity, patient: studies?.patient, counts: counts)
            trace?.noteCandidate(.study)
            guard try holds(.study, candidate), try hasPatient(candidate, entity) else { continue }
            series = query.level > .study ? try SeriesSelection(wantedSeries, of: entity) : nil
            return candidate
        }
        return nil
    }

    /// Whether a patient that the study was sent with is asked for: the one it is shown with, else another, with which it
    /// is shown then. So each patient that is found has the studies that it counts.
    private func hasPatient(_ candidate: Candidate, _ study: StudyEntity) throws(IndexFault) -> Bool {
        if try holds(.patient, candidate) { return true }
        for key in try study.patientKeys().dropFirst() {
            try candidate.show(patient: key)
            if try holds(.patient, candidate) { return true }
        }
        return false
    }

    private mutating func nextSeries(_ shouldStop: () -> Bool) throws(IndexFault) -> Candidate? {
        while !shouldStop() {
            if let study {
                while !shouldStop(), let entity = try series?.next() {
                    let candidate = Candidate(series: entity, of: study)
                    trace?.noteCandidate(.series)
                    if try holds(.series, candidate) {
                        instances = query.level > .series ? try InstanceSelection(wantedInstances, of: entity) : nil
                        return candidate
                    }
                }
            }
            study = try nextStudy(shouldStop)
            if study == nil { return nil }
        }
        return nil
    }

    private mutating func nextInstance(_ shouldStop: () -> Bool) throws(IndexFault) -> Candidate? {
        while !shouldStop() {
            if let seriesCandidate {
                while !shouldStop(), let entity = try instances?.next() {
                    let candidate = Candidate(instance: entity, of: seriesCandidate)
                    trace?.noteCandidate(.image)
                    if try holds(.image, candidate) { return candidate }
                }
            }
            seriesCandidate = try nextSeries(shouldStop)
            if seriesCandidate == nil { return nil }
        }
        return nil
    }
}

extension Snapshot {
    /// The matches of a query.
    package func find(_ query: Query) throws(IndexFault) -> MatchCursor { try MatchCursor(query, in: self) }
}
