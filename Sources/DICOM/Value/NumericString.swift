// Integer and decimal strings (PS3.5 §6.2, IS and DS): compared exactly as the numbers they are.

/// The number that a value of IS or DS stands for: `007` = `7` = `+7` = `7.0` = `0.7E1`.
package struct NumericString: Hashable, Comparable, Sendable {
    private let isNegative: Bool
    /// Significant digits, no zero at either end; empty for zero.
    private let digits: [UInt8]
    /// The decimal point stands before the first digit, moved this far to the right.
    private let exponent: Int

    /// From stored text; outer spaces and trailing NULs don't count. Nil when it isn't a number, or its exponent passes
    /// nine digits.
    package init?(stored bytes: some Sequence<UInt8>) {
        var rest = bytes.trimmingPadding()
        let isNegative = rest.first == 0x2D
        if isNegative || rest.first == 0x2B { rest = rest.dropFirst() }
        let whole = rest.prefix { (0x30...0x39).contains($0) }
        rest = rest.dropFirst(whole.count)
        var fraction: ArraySlice<UInt8> = []
        if rest.first == 0x2E {
            fraction = rest.dropFirst().prefix { (0x30...0x39).contains($0) }
            rest = rest.dropFirst(1 + fraction.count)
        }
        guard !whole.isEmpty || !fraction.isEmpty else { return nil }
        var exponent = 0
        if rest.first == 0x45 || rest.first == 0x65 {
            var power = DigitReader(rest.dropFirst())
            let isDown = power.skip(0x2D)
            if !isDown { _ = power.skip(0x2B) }
            var count = 0
            while let digit = power.number(1) {
                count += 1
                guard count <= 9 else { return nil }
                exponent = exponent * 10 + digit
            }
            guard count > 0, power.isAtEnd else { return nil }
            if isDown { exponent = -exponent }
        } else {
            guard rest.isEmpty else { return nil }
        }
        let all = whole + fraction
        let zeros = all.prefix { $0 == 0x30 }.count
        var significant = Array(all.dropFirst(zeros))
        while significant.last == 0x30 { significant.removeLast() }
        digits = significant
        self.isNegative = isNegative && !significant.isEmpty
        self.exponent = significant.isEmpty ? 0 : exponent + whole.count - zeros
    }

    /// From text, as a stored value would be.
    package init?(_ text: String) { self.init(stored: text.utf8) }

    package static func < (left: NumericString, right: NumericString) -> Bool {
        if left.sign != right.sign { return left.sign < right.sign }
        return left.isNegative ? right.isCloserToZero(than: left) : left.isCloserToZero(than: right)
    }

    private var sign: Int { digits.isEmpty ? 0 : isNegative ? -1 : 1 }

    private func isCloserToZero(than other: NumericString) -> Bool {
        exponent != other.exponent ? exponent < other.exponent : digits.lexicographicallyPrecedes(other.digits)
    }
}
