// How a query ran: told by the cursor that answers it, to whoever asks why it answers so.

import DICOM

/// Counts what a `MatchCursor` does. Without one, a cursor tests whether there is one, and no more.
final class MatchTrace {
    /// Where candidates could have come from.
    struct Source {
        let source: StudySource
        /// About how many entities have to be looked at.
        let count: Int
        let isChosen: Bool
    }

    /// A key, in the order in which keys are tested.
    struct Test {
        let condition: Query.Condition
        var tested = 0
        var passed = 0
        /// What candidates have that didn't pass, and how many of them; nil is no value at all.
        var refused: [ResolvedValue?: Int] = [:]
    }

    private(set) var sources: [Source] = []
    private(set) var tests: [Test]
    private var candidates = [Int](repeating: 0, count: Level.allCases.count)
    /// Different values that are kept of those that a key refuses.
    private static let keptMaximum = 64

    init(_ query: Query) {
        // A study's keys before those of its patient, which has to be looked up.
        let levels: [Level] = query.level == .patient ? [.patient] : [.study, .patient, .series, .image]
        let conditions = levels.filter { $0 <= query.level }.flatMap { query.conditions(at: $0) }
        tests = (conditions + query.headerConditions).map { Test(condition: $0) }
    }

    /// How many entities of a level were looked at.
    func candidateCount(_ level: Level) -> Int { candidates[level.rawValue] }

    func note(_ all: [StudySource], _ counts: [Int], chosen: Int) {
        sources = all.indices.map { Source(source: all[$0], count: counts[$0], isChosen: $0 == chosen) }
    }

    func noteCandidate(_ level: Level) { candidates[level.rawValue] += 1 }

    func note(_ condition: Query.Condition, _ value: ResolvedValue?, isMatch: Bool) {
        guard let index = tests.firstIndex(where: { $0.condition.tag == condition.tag }) else { return }
        tests[index].tested += 1
        if isMatch {
            tests[index].passed += 1
        } else if tests[index].refused[value] != nil || tests[index].refused.count < Self.keptMaximum {
            tests[index].refused[value, default: 0] += 1
        }
    }
}
