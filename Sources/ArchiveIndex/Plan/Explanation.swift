// Why a query is answered as it is: its plan, what became of the candidates, and where nothing is found, what is near.

import DICOM
import Platform

/// A query that was run to its end, and how.
package struct Explanation: Sendable {
    /// Where candidates could come from.
    package struct Source: Sendable, Equatable {
        /// Nil for all that there is.
        package let key: Tag?
        package let words: String
        /// About how many entities have to be looked at.
        package let count: Int
        package let isChosen: Bool
    }

    /// A key, and how many candidates passed it.
    package struct Test: Sendable, Equatable {
        package let key: Tag
        package let level: Level
        package let tested: Int
        package let passed: Int
    }

    /// A stored value, and of how many candidates.
    package struct Stored: Sendable, Equatable {
        package let text: String
        package let count: Int
    }

    /// Why nothing is found.
    package struct Exclusion: Sendable {
        /// Behind which nothing was left; nil where the index holds nothing of the level.
        package let key: Tag?
        /// How many candidates it left out: 0 where no candidate has the value at all.
        package let candidates: Int
        /// What these have, the most frequent first; an empty text is no value.
        package let stored: [Stored]
        package let hints: [Hint]
    }

    /// What may have been meant.
    package struct Hint: Sendable, Equatable {
        package let words: String
        package let values: [String]
    }

    package let level: Level
    package let sources: [Source]
    /// Why this source and no other.
    package let choice: String
    /// Entities that were looked at, by level.
    package let candidates: [(level: Level, count: Int)]
    /// In the order in which they are tested.
    package let tests: [Test]
    package let matches: Int
    /// Keys that are not matched; the status FF01H says so.
    package let unsupported: [Tag]
    /// Keys that the index doesn't hold, and files' headers do.
    package let fromHeaders: [Tag]
    /// Files that were opened for them, and whether there were more to open than a query may.
    package let headersRead: Int
    package let isOverHeaderLimit: Bool
    package let seconds: Double
    /// Nil where there is a match.
    package let exclusion: Exclusion?
}

extension Snapshot {
    /// Runs a query as C-FIND does, and says how.
    ///
    /// - Parameter headers: where keys come from that the index doesn't hold.
    package func explain(_ query: Query, headers: HeaderSource = .none) throws(IndexFault) -> Explanation {
        let started = MonotonicInstant.now()
        let trace = MatchTrace(query)
        var cursor = try MatchCursor(query, in: self, headers: headers, trace: trace)
        var matches = 0
        while try cursor.next() != nil { matches += 1 }
        let seconds = MonotonicInstant.now().seconds(since: started)
        let levels: [Level] =
            query.level == .patient ? [.patient] : [.study, .series, .image].filter { $0 <= query.level }
        return Explanation(
            level: query.level,
            sources: trace.sources.map {
                Explanation.Source(
                    key: $0.source.key, words: $0.source.words(at: query.level), count: $0.count, isChosen: $0.isChosen)
            },
            choice: Self.choice(trace, query),
            candidates: levels.map { ($0, trace.candidateCount($0)) },
            tests: trace.tests.map {
                Explanation.Test(
                    key: $0.condition.tag, level: $0.condition.level, tested: $0.tested, passed: $0.passed)
            },
            matches: matches, unsupported: query.unsupportedKeys, fromHeaders: query.headerKeys,
            headersRead: cursor.headersRead, isOverHeaderLimit: cursor.isOverHeaderLimit, seconds: seconds,
            exclusion: matches > 0 || cursor.isOverHeaderLimit ? nil : try exclusion(query, trace, levels))
    }

    private static func choice(_ trace: MatchTrace, _ query: Query) -> String {
        switch (trace.sources.count, trace.sources.first?.source) {
        case (1, .scan):
            query.options.unknownMatches && !query.conditions.isEmpty
                ? "entities without a value match too, and no look-up has those" : "no key is one that can be looked up"
        case (1, _): "a UID is looked up, whatever else is asked"
        case (2, _): "it is the one key that can be looked up"
        default: "the index has the fewest of it"
        }
    }

    private func exclusion(
        _ query: Query, _ trace: MatchTrace, _ levels: [Level]
    ) throws(IndexFault) -> Explanation.Exclusion {
        // No candidate: what was looked up isn't there.
        if trace.candidateCount(levels[0]) == 0 {
            let key = trace.sources.first { $0.isChosen }?.source.key
            return Explanation.Exclusion(
                key: key, candidates: 0, stored: [],
                hints: try key.map { k throws(IndexFault) in try hints(k, query) } ?? [])
        }
        if let test = trace.tests.first(where: { $0.tested > 0 && $0.passed == 0 }) {
            var stored: [String: Int] = [:]
            for (value, count) in test.refused { stored[value?.text ?? "", default: 0] += count }
            let sorted = stored.sorted { $0.value == $1.value ? $0.key < $1.key : $0.value > $1.value }
            var found = Self.hints(test.condition, sorted.map(\.key))
            if found.isEmpty { found = try hints(test.condition.tag, query) }
            return Explanation.Exclusion(
                key: test.condition.tag, candidates: test.tested,
                stored: sorted.prefix(5).map { Explanation.Stored(text: $0.key, count: $0.value) }, hints: found)
        }
        // Series and instances that are named by UID are looked up: one that isn't there is never a candidate.
        let key = levels.first { trace.candidateCount($0) == 0 }?.uniqueKey
        return Explanation.Exclusion(
            key: key, candidates: 0, stored: [],
            hints: try key.map { k throws(IndexFault) in try hints(k, query) } ?? [])
    }
}

extension StudySource {
    /// The key that is looked up.
    var key: Tag? {
        switch self {
        case .studyUIDs: .studyInstanceUID
        case .seriesUIDs: .seriesInstanceUID
        case .instanceUIDs: .sopInstanceUID
        case .patientIDs: .patientID
        case .accessionNumbers, .accessionPrefix: .accessionNumber
        case .namePrefix, .nameLetters, .nameScan: .patientName
        case .dates: .studyDate
        case .scan: nil
        }
    }

    /// What is looked at, for people.
    func words(at level: Level) -> String {
        func text(_ bytes: [UInt8]) -> String { "\"\(String(decoding: bytes, as: UTF8.self))\"" }
        switch self {
        case .studyUIDs(let uids): return "studies by UID; named: \(uids.count)"
        case .seriesUIDs(let uids): return "series by UID; named: \(uids.count)"
        case .instanceUIDs(let uids): return "instances by UID; named: \(uids.count)"
        case .patientIDs(let ids): return "patients with ID " + ids.map(text).joined(separator: " or ")
        case .accessionNumbers(let numbers):
            return "studies with accession number " + numbers.map(text).joined(separator: " or ")
        case .accessionPrefix(let prefix): return "studies with accession numbers that begin with \(text(prefix))"
        case .namePrefix(let prefix): return "patients with names that begin with \(text(prefix))"
        case .nameLetters(let prefix):
            return "patients with names that begin with \(prefix.text), whatever their accents"
        case .nameScan: return "all patients' names, one after the other"
        case .dates(let first, let last):
            return "studies dated "
                + [
                    first.map { "from " + String(decoding: $0, as: UTF8.self) },
                    last.map { "to " + String(decoding: $0, as: UTF8.self) },
                ].compactMap { $0 }.joined(separator: " ")
        case .scan: return level == .patient ? "all patients" : "all studies"
        }
    }
}
