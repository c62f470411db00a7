// The parameter `MinimumFreeSpace`: what stays free of a file system.

/// How much of a file system storing leaves free: the larger of a number of bytes and a share of its size.
package struct FreeSpaceReserve: Equatable, Sendable {
    let bytes: Int
    /// In hundredths of a per cent.
    let share: Int

    /// 1 GiB or 1 %, whichever is more.
    package static let standard = FreeSpaceReserve(bytes: 1 << 30, share: 100)

    /// For a file system of `total` bytes; never negative.
    package func bytes(ofTotal total: Int) -> Int {
        let total = max(0, total)
        return max(bytes, total / 10_000 * share + total % 10_000 * share / 10_000)
    }
}

extension FreeSpaceReserve {
    /// From a size, a percentage, or both.
    init(_ value: ParameterValue) throws(ValueFault) {
        let expected = "a size such as 10gb, a percentage below 100 such as 2%, or one of each: the larger counts"
        _ = try value.text(expected: expected)
        var bytes: Int?
        var share: Int?
        for word in value.words {
            if share == nil, let number = Self.share(word.text) {
                share = number
            } else if bytes == nil, let number = Int(word.text) ?? ByteSize(word.text)?.bytes, number >= 0 {
                bytes = number
            } else {
                throw ValueFault(found: "\(value.parameter) = \(word.text.quoted)", expected: expected)
            }
        }
        self.init(bytes: bytes ?? 0, share: share ?? 0)
    }

    /// Of digits, perhaps a point and one or two more, and `%`: the number in hundredths; nil from 100 % on.
    private static func share(_ text: String) -> Int? {
        guard text.hasSuffix("%") else { return nil }
        let halves = text.dropLast().split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let fraction = halves.count > 1 ? String(halves[1]) : "0"
        let digits = [String(halves[0]), fraction]
        guard
            digits.allSatisfy({ (1...2).contains($0.utf8.count) && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }),
            let whole = Int(digits[0]), let rest = Int(fraction)
        else { return nil }
        return whole * 100 + (fraction.utf8.count == 1 ? rest * 10 : rest)
    }
}
