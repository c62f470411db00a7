// Why sub-operations ended as they did, for the one Error Comment that a retrieval has: the reason of most of them.

/// Reasons and how often each held. Of files' own reasons there may be as many as files, so only some are kept.
struct FailureReasons: Equatable {
    private static let maximum = 32

    private struct Reason: Equatable {
        let words: String
        var count: Int
    }

    /// In the order in which they first held.
    private var reasons: [Reason] = []

    mutating func note(_ words: String, count: Int = 1) {
        if let known = reasons.firstIndex(where: { $0.words == words }) {
            reasons[known].count += count
        } else if reasons.count < Self.maximum {
            reasons.append(Reason(words: words, count: count))
        }
    }

    /// The reason of most; of equally many the first.
    var foremost: String? {
        let most = reasons.map(\.count).max()
        return reasons.first { $0.count == most }?.words
    }
}
