// Dumps for tests: written into memory, and read back cell by cell.

import DICOM
import Platform
import Support

@testable import ArchiveIndex

/// What a dump wrote and told.
final class DumpTrial {
    private(set) var text: [UInt8] = []
    private(set) var told: [String] = []
    private(set) var faultCount = 0

    init(
        _ disk: CrashableDisk, _ style: DumpStyle = .table, _ part: (IndexDump) throws(IndexFault) -> Void
    ) throws(IndexFault) {
        let dump = IndexDump(of: "/area/index", instancesFolder: nil, kernel: disk, style: style) {
            self.told.append($0)
        } write: {
            self.text += $0
        }
        try part(dump)
        faultCount = dump.faultCount
    }

    /// The rows of a table: cells as they were stored under their columns' names; an absent cell isn't there.
    var rows: [[String: [UInt8]]] {
        let lines = text.split(separator: 0x0A).map { $0.split(separator: 0x09, omittingEmptySubsequences: false) }
        guard let columns = lines.first?.map({ String(decoding: $0, as: UTF8.self) }) else { return [] }
        return lines.dropFirst().map { cells in
            var row: [String: [UInt8]] = [:]
            for (column, cell) in zip(columns, cells) where !cell.isEmpty { row[column] = Self.stored(cell) }
            precondition(cells.count == columns.count, "a row has another number of cells than the header")
            return row
        }
    }

    /// The bytes that a cell stands for.
    static func stored(_ cell: ArraySlice<UInt8>) -> [UInt8] {
        if cell.elementsEqual([0x22, 0x22]) { return [] }
        var bytes: [UInt8] = []
        var rest = cell
        while let byte = rest.popFirst() {
            if byte == 0x25 {
                bytes.append(UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)!)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return bytes
    }
}

extension [String: [UInt8]] {
    func text(_ column: String) -> String? { self[column].map { String(decoding: $0, as: UTF8.self) } }
}
