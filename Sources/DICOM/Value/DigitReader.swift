// Reads the fixed-width numbers of dates, times and decimal strings.

/// Takes digits from the front of a short text.
struct DigitReader {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    var isAtEnd: Bool { rest.isEmpty }

    /// The next byte is a digit.
    var isAtDigit: Bool { rest.first.map { (0x30...0x39).contains($0) } ?? false }

    /// The number that the next `count` (at most 18) digits form; nil, with nothing taken, when there are fewer.
    mutating func number(_ count: Int) -> Int? {
        let digits = rest.prefix(count)
        guard digits.count == count, digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        rest = rest.dropFirst(count)
        return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }

    /// Takes the next byte if it is `byte`.
    mutating func skip(_ byte: UInt8) -> Bool {
        guard rest.first == byte else { return false }
        rest = rest.dropFirst()
        return true
    }
}
