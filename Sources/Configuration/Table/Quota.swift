// How much an area takes.

/// How much an area takes. dcmqrscp deletes what is older beyond it; Fileroom refuses what is newer, unless `QuotaAction`
/// says otherwise.
package struct Quota: Equatable, Sendable {
    /// Studies that the area holds at most.
    package let studiesMaximum: Int
    /// Nil is no limit.
    package let studyMaximumBytes: Int?
}

extension Quota {
    init(_ word: Word) throws(ValueFault) {
        let expected = "a quota: (maxStudies, maxBytesPerStudy) such as (10, 1024mb)"
        guard word.form != .bare, (2...3).contains(word.members.count) else {
            throw ValueFault(found: word.text.quoted, expected: expected)
        }
        guard let studies = Int(word.members[0]), studies >= 0 else {
            throw ValueFault(found: "\(word.members[0].quoted) as number of studies", expected: expected)
        }
        studiesMaximum = studies
        // Without its unit at its end it is no limit, a detached unit included: so dcmqrscp has it.
        let size = word.members[1]
        if let bytes = ByteSize(size)?.bytes {
            studyMaximumBytes = bytes
        } else if !size.isEmpty, size.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) {
            studyMaximumBytes = nil
        } else {
            throw ValueFault(
                found: "\(size.quoted) as size of a study",
                expected: "digits, then b, kb, mb, gb or tb; without them, no limit")
        }
    }
}
