// An entry of the tail of a run.

/// Where one table of a run is: an entry of the tail.
///
///     offset  size  field, little-endian
///          0     8  table's number
///          8     8  rows
///         16     8  pages
///         24     8  offset of the directory
struct TableEntry: Equatable, Sendable {
    var table: Table
    var rows: Int
    var pages: Int
    var directoryOffset: Int
}
