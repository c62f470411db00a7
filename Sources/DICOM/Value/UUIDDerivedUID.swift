// New UIDs from random bytes, without a registered root (PS3.5 §B.2): 2.25 and a UUID as a decimal number.

extension UID {
    /// A UID made of a random UUID (version 4) under the root 2.25: at most 44 characters, no leading zero.
    ///
    /// - Precondition: `random` has 16 bytes, from the system's generator.
    package init(random: [UInt8]) {
        precondition(random.count == 16, "a UUID has 16 bytes")
        var number = random.reduce(UInt128(0)) { $0 << 8 | UInt128($1) }
        number = number & ~(0xF << 76) | 0x4 << 76  // version
        number = number & ~(0x3 << 62) | 0x2 << 62  // variant
        guard let uid = UID("2.25.\(number)") else { preconditionFailure("digits and dots are a UID") }
        self = uid
    }
}
