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
    private let wantedSeries: NamedUIDs
    private let wantedInstances: NamedUIDs
    private let counts: MetPatients
    private let watch: SearchWatch?
    /// Who wants to know how the query runs; most often nobody.
    private let trace: MatchTrace?
    private var headers: HeaderSearch
    /// It ended because the headers that were to be read are more than a query may read.
    package private(set) var isOverHeaderLimit = false

    init(
        _ query: Query, in snapshot: Snapshot, headers: HeaderSource = .none, watch: SearchWatch? = nil,
        trace: MatchTrace? = nil
    ) throws(IndexFault) {
        self.query = query
        self.trace = trace
        self.watch = watch
        self.headers = HeaderSearch(query, from: headers.assuming(snapshot.fallback), watch)
        counts = MetPatients(watch, zone: query.zone)
        wantedSeries = NamedUIDs(query.uids(.seriesInstanceUID))
        wantedInstances = NamedUIDs(query.uids(.sopInstanceUID))
        let source = try StudySource.best(for: query, in: snapshot, trace, watch)
        if query.level == .patient {
            patients = try PatientCandidates(source, in: snapshot, watch)
        } else {
            studies = try StudyCandidates(source, in: snapshot, watch)
        }
    }

    /// Files whose headers were read, and those that couldn't be.
    package var headersRead: Int { headers.filesOpened - headers.filesUnreadable }
    package var headersUnreadable: Int { headers.filesUnreadable }

    /// The next match; nil at the end, and when `isOverHeaderLimit`.
    ///
    /// - Throws: `.stopped` when the watch says so.
    package mutating func next() throws(IndexFault) -> Candidate? {
        guard !isOverHeaderLimit, !query.asksElsewhere else { return nil }
        while let candidate = try nextOfIndex() {
            if query.headerKeys.isEmpty { return candidate }
            switch try headers.judge(candidate, trace) {
            case .match: return candidate
            case .noMatch: continue
            case .overLimit:
                isOverHeaderLimit = true
                return nil
            }
        }
        return nil
    }

    /// The next that matches all keys that the index holds.
    private mutating func nextOfIndex() throws(IndexFault) -> Candidate? {
        switch query.level {
        case .patient:
            while let patient = try patients?.next(watch) {
                let candidate = Candidate(patient: patient, counts: counts)
                trace?.noteCandidate(.patient)
                if try holds(.patient, candidate) { return candidate }
            }
            return nil
        case .study: return try nextStudy()
        case .series: return try nextSeries()
        case .image: return try nextInstance()
        }
    }

    private func holds(_ level: Level, _ candidate: Candidate) throws(IndexFault) -> Bool {
        try candidate.satisfies(query.conditions(at: level), query.options, trace)
    }

    private mutating func nextStudy() throws(IndexFault) -> Candidate? {
        while let entity = try studies?.next(watch) {
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
        for key in try study.patientKeys(watch).dropFirst() {
            try candidate.show(patient: key)
            if try holds(.patient, candidate) { return true }
        }
        return false
    }

    private mutating func nextSeries() throws(IndexFault) -> Candidate? {
        while true {
            if let study {
                while let entity = try series?.next(watch) {
                    let candidate = Candidate(series: entity, of: study)
                    trace?.noteCandidate(.series)
                    if try holds(.series, candidate) {
                        instances = query.level > .series ? try InstanceSelection(wantedInstances, of: entity) : nil
                        return candidate
                    }
                }
            }
            study = try nextStudy()
            if study == nil { return nil }
        }
    }

    private mutating func nextInstance() throws(IndexFault) -> Candidate? {
        while true {
            if let seriesCandidate {
                while let entity = try instances?.next(watch) {
                    let candidate = Candidate(instance: entity, of: seriesCandidate)
                    trace?.noteCandidate(.image)
                    if try holds(.image, candidate) { return candidate }
                }
            }
            seriesCandidate = try nextSeries()
            if seriesCandidate == nil { return nil }
        }
    }
}

extension Snapshot {
    /// The matches of a query.
    ///
    /// - Parameters:
    ///   - headers: where keys come from that the index doesn't hold.
    ///   - watch: whether somebody still waits for the matches.
    package func find(
        _ query: Query, headers: HeaderSource = .none, watch: SearchWatch? = nil
    ) throws(IndexFault) -> MatchCursor {
        try MatchCursor(query, in: self, headers: headers, watch: watch)
    }
}
