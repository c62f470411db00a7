// The fixed parts of a run: what opens it, what closes it, and where its tables are.

/// Sizes and marks of a run. A run is written from its begin to its end and never changed:
///
///     prologue      16 bytes: magic "FRRN", 4 zero bytes, version
///     pages         of all tables, as they fill up
///     directories   of all tables: 24 bytes a page
///     CRC table     CRC-32C of each 16 KiB block of all before it, 4 bytes each
///     tail          where each table's directory is, and the CRC-32C of each 16 KiB of the CRC table
///     trailer       56 bytes: where the tail is; the one part whose place is known, at the end
enum RunLayout {
    static let prologueBytes = 16
    static let trailerBytes = 56
    static let blockBytes = 16_384
    static let directoryEntryBytes = 24
    static let prologueMagic = Array("FRRN".utf8)
    static let trailerMagic = Array("FRRT".utf8)
    /// A page is closed at the first of these.
    static let pageRows = 256
    /// Of texts and attributes, before they are coded.
    static let pageTargetBytes = 65_536
    /// The most that a page may be said to have. What one row adds to a page that isn't full, 23 attribute values of the largest
    /// size at most, fits by far (FORMAT.md 9).
    static let pageMaximumBytes = 1 << 24

    static func prologue() -> [UInt8] {
        var bytes = prologueMagic + [0, 0, 0, 0]
        FormatVersion.append(to: &bytes)
        return bytes
    }
}
