// How much an A-ASSOCIATE PDU may hold: the bounds of what a stranger can make us keep.

/// Limits on A-ASSOCIATE-RQ and -AC. What the standard bounds is a constant, what we bound is a default.
package struct AssociateLimits: Equatable, Sendable {
    /// Odd IDs from 1 to 255 (PS3.8 §7.1.1.13).
    package static let presentationContexts = 128
    /// Longest A-ASSOCIATE-RQ or -AC, header not counted.
    package var pduBytes = 262_144
    /// Transfer syntaxes kept of one presentation context; more are passed over.
    package var transferSyntaxes = 64
    /// All user identity, role selection and extended negotiation items together.
    package var userItemBytes = 65_536

    package init() {}

    package static let standard = AssociateLimits()
}
