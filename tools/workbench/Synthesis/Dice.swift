// Random choices that depend on a seed and on what they are for, and on nothing else.

import Support

/// Chance for one thing of a synthetic archive: the same seed and numbers give the same, in whatever order things are made.
struct Dice {
    private var generator: SeededGenerator

    /// - Parameter numbers: what the choices are for: a study's number, a series' within it, and the like.
    init(_ seed: UInt64, _ numbers: Int...) {
        var mixed = seed
        for number in numbers {
            var step = SeededGenerator(seed: mixed ^ UInt64(bitPattern: Int64(number)))
            mixed = step.next()
        }
        generator = SeededGenerator(seed: mixed)
    }

    mutating func bits() -> UInt64 { generator.next() }

    /// 0 ..< 1.
    mutating func fraction() -> Double { Double(generator.next() >> 11) / Double(1 << 53) }

    mutating func number(_ range: ClosedRange<Int>) -> Int {
        range.lowerBound + Int(generator.next() % UInt64(range.count))
    }

    /// True so many times of a hundred.
    mutating func happens(percent: Int) -> Bool { generator.next() % 100 < UInt64(percent) }

    mutating func pick<Element>(_ choices: [Element]) -> Element { choices[number(0...(choices.count - 1))] }

    /// The first ones more often than the last ones, as names are.
    mutating func pickUnevenly<Element>(_ choices: [Element]) -> Element {
        let share = fraction()
        return choices[Int(Double(choices.count) * share * share)]
    }

    /// A UID made from a UUID (PS3.5 §B.2).
    mutating func uid() -> String {
        let high = generator.next() & 0xFFFF_FFFF_FFFF_0FFF | 0x4000
        let low = generator.next() & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
        return "2.25.\(UInt128(high) << 64 | UInt128(low))"
    }
}
