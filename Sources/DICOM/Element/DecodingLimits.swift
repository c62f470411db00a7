// How much a data set may ask of us.

/// Limits on what is decoded: memory and time stay bounded whatever the bytes say.
package struct DecodingLimits: Equatable, Sendable {
    /// Sequences within sequences.
    package var depth = 64
    /// Elements and items of one data set in memory.
    package var items = 1_000_000

    package init() {}

    /// The defaults.
    package static let standard = DecodingLimits()
}
