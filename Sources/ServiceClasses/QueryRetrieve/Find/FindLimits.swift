// How much one C-FIND may ask of us: beyond it, its status is A700H, never a quiet 0000H (PS3.4 Table C.4-1).

/// Limits of one C-FIND.
package struct FindLimits: Equatable, Sendable {
    /// Matches that are sent; nil for all.
    package var responsesMaximum: Int?
    /// Files whose headers are read for keys that the index doesn't hold; with 0 these are not supported.
    package var headerFilesMaximum = 10_000

    package init() {}
}
