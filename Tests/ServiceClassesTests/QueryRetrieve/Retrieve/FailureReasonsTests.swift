// Which of many reasons a retrieval's one Error Comment tells.

import Testing

@testable import ServiceClasses

@Suite("The reason in an Error Comment, PS3.7 §C.4.2") struct FailureReasonsTests {
    static func reasons(_ words: [String]) -> FailureReasons {
        var reasons = FailureReasons()
        for word in words { reasons.note(word) }
        return reasons
    }

    @Test(
        arguments: [
            ([], nil), (["a"], "a"), (["a", "b"], "a"), (["a", "b", "b"], "b"), (["b", "a", "a", "b"], "b"),
            (["a", "b", "c", "c", "b", "c"], "c"),
        ] as [([String], String?)])
    func `is that of most, of equally many the first`(words: [String], foremost: String?) {
        #expect(Self.reasons(words).foremost == foremost)
    }

    @Test func `is found among any number of files that have a reason each`() {
        var reasons = FailureReasons()
        for number in 0..<100_000 {
            reasons.note(number % 3 == 0 ? "no presentation context" : "file changed: \(number) bytes")
        }
        #expect(reasons.foremost == "no presentation context")
        // The words of two files are two reasons.
        #expect(Self.reasons((0..<100).map { "file \($0)" }).foremost == "file 0")
    }
}
