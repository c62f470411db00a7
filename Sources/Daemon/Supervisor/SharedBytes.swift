// Bytes handed to a worker in shared memory: the configuration as it was when it was judged, whatever became of the file.

import Platform

/// Bytes in a shared table: their number in the first slot, eight in each that follows.
enum SharedBytes {
    static func table(holding bytes: [UInt8]) throws(Errno) -> SharedTable {
        let table = try SharedTable(count: 1 + (bytes.count + 7) / 8, named: "fileroom-configuration")
        table[0] = UInt64(bytes.count)
        for (index, byte) in bytes.enumerated() {
            table[1 + index / 8] |= UInt64(byte) << UInt64(8 * (index % 8))
        }
        return table
    }

    static func bytes(in table: SharedTable) -> [UInt8] {
        let count = min(Int(clamping: table[0]), (table.count - 1) * 8)
        return (0..<count).map { UInt8(truncatingIfNeeded: table[1 + $0 / 8] >> UInt64(8 * ($0 % 8))) }
    }
}
