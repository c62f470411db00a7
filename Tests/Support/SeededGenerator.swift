// Randomness that can be had again: a failing test prints its seed.

import Platform

/// SplitMix64: small, fast, and the same everywhere.
package struct SeededGenerator: RandomNumberGenerator, Sendable, CustomStringConvertible {
    package let seed: UInt64
    private var state: UInt64

    package init(seed: UInt64) {
        self.seed = seed
        state = seed
    }

    /// A generator with a seed of its own each run; `FILEROOM_SEED` repeats one.
    package static func fresh() -> SeededGenerator {
        let given = Program.environment("FILEROOM_SEED").flatMap { UInt64($0) }
        let generator = SeededGenerator(seed: given ?? UInt64.random(in: .min ... .max))
        print("seed: FILEROOM_SEED=\(generator.seed)")
        return generator
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// That many random bytes.
    package mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: 0...255, using: &self) }
    }

    package var description: String { "seed \(seed)" }
}
