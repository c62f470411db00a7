// An entry of the tail of a run.

/// Where one table of a run is: an entry of the tail.
///
///     offset  size  field, little-endian
///          0     4  table's number
///          4     1  number columns
///          5     1  text columns
///          6     1  attribute columns, 0 or 1
///          7     1  zero
///          8     8  rows
///         16     8  pages
///         24     8  offset of the directory
struct TableEntry: Equatable, Sendable {
    var table: Table
    var columns: ColumnCounts
    var rows: Int
    var pages: Int
    var directoryOffset: Int

    static let byteCount = 32

    func append(to tail: inout [UInt8]) {
        tail.appendLittleEndian(UInt32(table.rawValue))
        tail += [UInt8(columns.numbers), UInt8(columns.texts), UInt8(columns.attributes), 0]
        for number in [rows, pages, directoryOffset] { tail.appendLittleEndian(UInt64(number)) }
    }
}
