// The last test of a candidate: keys that only its instances' headers can answer. Each header is read once, whatever is asked.

import DICOM

/// Reads headers for the candidates of one query, as far as the query may.
///
/// A candidate at IMAGE level has its own file's header. Above, it has those of one instance of each of its series, which share
/// what is above IMAGE: it matches a key by the value of any of them, and shows the first in the order of series that matches;
/// of a key without condition, the first that isn't empty.
struct HeaderSearch {
    enum Verdict { case match, noMatch, overLimit }

    /// Instances of a series of which one must have a header that can be read.
    private static let instancesTried = 3

    private let source: HeaderSource
    private let query: Query
    private let watch: SearchWatch?
    /// Files that were opened, or tried to.
    private(set) var filesOpened = 0
    /// Those of them that couldn't be read.
    private(set) var filesUnreadable = 0

    init(_ query: Query, from source: HeaderSource, _ watch: SearchWatch?) {
        self.query = query
        self.source = source
        self.watch = watch
    }

    /// What is known of the candidate while its headers are read.
    private struct Findings {
        var values: [Tag: ResolvedValue] = [:]
        var open: [Query.Condition]
        var unread: Set<Tag> = []
        var isOverLimit = false

        /// What further headers are read for.
        func wanted(of keys: [Tag]) -> [Tag] {
            keys.filter { tag in
                values[tag]?.bytes.isEmpty ?? true || open.contains { $0.tag == tag || $0.combined?.date == tag }
            }
        }
    }

    /// Tests a candidate that all other keys match, and gives it what its headers say.
    ///
    /// - Parameter trace: is told how each test went.
    mutating func judge(_ candidate: Candidate, _ trace: MatchTrace?) throws(IndexFault) -> Verdict {
        if source.filesMaximum == 0 {
            candidate.lackingKeys = Set(query.headerKeys)
            return .match
        }
        var findings = Findings(open: query.headerConditions)
        try readAll(of: candidate, &findings)
        // No header has a value: then the key is compared with none, as that of any attribute that isn't there.
        for condition in query.headerConditions {
            let isOpen = findings.open.contains { $0.tag == condition.tag }
            let value = findings.values[condition.tag]
            // What a header past the limit has is not known: nor that it has nothing, which some keys match.
            if isOpen, value == nil, findings.isOverLimit { return .overLimit }
            let isMatch = !isOpen || value == nil && condition.matcher.matches(nil, options: query.options)
            if isOpen, !isMatch, findings.isOverLimit { return .overLimit }
            // What can't be read is an attribute that isn't supported here: not matched, and said so (PS3.4 §C.2.2.1.3).
            let isUnknown = isOpen && !isMatch && findings.unread.contains(condition.tag)
            trace?.note(condition, value, isMatch: isMatch)
            if !isMatch, !isUnknown { return .noMatch }
            if isUnknown { findings.values[condition.tag] = nil }
        }
        candidate.headerValues = findings.values
        candidate.lackingKeys = findings.unread.filter { findings.values[$0]?.bytes.isEmpty ?? true }
        return .match
    }

    private mutating func readAll(of candidate: Candidate, _ findings: inout Findings) throws(IndexFault) {
        if let instance = candidate.instance {
            if let header = try read(instance, &findings) { findings.unread = header.unread }
        } else if let series = candidate.series {
            _ = try read(series, &findings)
        } else if let study = candidate.study {
            _ = try read(study, &findings)
        } else if let patient = try candidate.patient() {
            for study in try patient.studies(watch) where try !read(study, &findings) { return }
        }
    }

    /// False where nothing more need be read, or can be.
    private mutating func read(_ study: StudyEntity, _ findings: inout Findings) throws(IndexFault) -> Bool {
        var series = try study.series()
        while let next = try series.next(watch) {
            guard try read(next, &findings) else { return false }
        }
        return true
    }

    private mutating func read(_ series: SeriesEntity, _ findings: inout Findings) throws(IndexFault) -> Bool {
        let unread = findings.unread
        var instances = try series.instances()
        for _ in 0..<Self.instancesTried {
            guard let instance = try instances.next(watch) else { break }
            if let header = try read(instance, &findings) {
                // Those that couldn't be read don't count then.
                findings.unread = unread.union(header.unread)
                return !findings.wanted(of: query.headerKeys).isEmpty
            }
            if findings.isOverLimit { return false }
        }
        return true
    }

    /// Its header; nil where it can't be read.
    private mutating func read(
        _ instance: InstanceEntity, _ findings: inout Findings
    ) throws(IndexFault) -> ReadHeader? {
        let wanted = findings.wanted(of: query.headerKeys)
        for place in try instance.contents().first?.places ?? [] {
            guard filesOpened < source.filesMaximum else {
                findings.unread.formUnion(wanted)
                findings.isOverLimit = true
                return nil
            }
            try watch?.pass(rows: SearchWatch.rowsOfFile)
            filesOpened += 1
            if let header = source.read(instance.sopInstanceUID, place, needed(for: wanted)) {
                take(wanted, from: header, &findings)
                return header
            }
            filesUnreadable += 1
        }
        findings.unread.formUnion(wanted)
        return nil
    }

    /// What has to be read for keys: of dates and times their partners as well, where they are put into a zone.
    private func needed(for tags: [Tag]) -> [Tag] {
        guard query.zone != nil else { return tags }
        return Set(tags + tags.compactMap { DateTimePairs.partner(of: $0) }).sorted()
    }

    private func take(_ tags: [Tag], from header: ReadHeader, _ findings: inout Findings) {
        for tag in tags {
            guard let value = header.value(tag, in: query.zone), !value.bytes.isEmpty else { continue }
            if let index = findings.open.firstIndex(where: { $0.tag == tag }) {
                let date = findings.open[index].combined.flatMap { header.value($0.date, in: query.zone) }
                guard findings.open[index].matches(value, date: date, query.options) else {
                    // Until one matches, the first stands for what it has.
                    if findings.values[tag] == nil { findings.values[tag] = value }
                    continue
                }
                findings.open.remove(at: index)
                findings.values[tag] = value
            } else if findings.values[tag] == nil {
                findings.values[tag] = value
            }
        }
    }
}
