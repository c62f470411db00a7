// The bytes of a run behind their checksums: nothing is read from a block before its CRC was right once in this process.

import DICOM
import Platform

/// A run's bytes: mapped, read when asked for, or in memory. The open file goes with it, because its read lock says: in use.
final class RunBytes: Sendable {
    enum Source: Sendable {
        case mapped(Mapping, OpenFile)
        case file(OpenFile)
        case memory(Mapping)
    }

    let file: String
    let byteCount: Int
    let trailer: RunTrailer
    let tables: [TableEntry]
    private let source: Source
    /// A bit for each block of the body that was found whole.
    private let checkedBlocks: Guarded<[UInt64]>
    /// CRC-32C of each block of the CRC table.
    private let tableChecksums: [UInt32]
    /// A piece of the delta: no file has these bytes, and what we wrote a moment ago in this process needs no check.
    let isInMemory: Bool

    /// Opens a run: reads and checks trailer and tail, whose size is the same for any run but for 4 bytes each 64 MiB.
    init(_ source: Source, byteCount: Int, file: String) throws(IndexFault) {
        self.source = source
        self.file = file
        self.byteCount = byteCount
        if case .memory = source { isInMemory = true } else { isInMemory = false }
        guard byteCount >= RunLayout.prologueBytes + RunLayout.trailerBytes else {
            throw .damaged(file: file, byte: byteCount, what: "it is too short for a run")
        }
        let end = try Self.read(source, byteCount - RunLayout.trailerBytes, RunLayout.trailerBytes, file)
        trailer = try RunTrailer(decoding: end, fileBytes: byteCount, file: file)
        let tail = try Self.read(source, trailer.tailOffset, trailer.tailBytes, file)
        guard checksum(tail) == trailer.tailCRC else {
            throw .damaged(file: file, byte: trailer.tailOffset, what: "the checksum of the tail is wrong")
        }
        var reader = ByteReader(tail, file: file, base: trailer.tailOffset)
        let crcBytes = trailer.tailOffset - trailer.bodyBytes
        let count = (crcBytes + RunLayout.blockBytes - 1) / RunLayout.blockBytes
        var tables: [TableEntry] = []
        for table in Table.allCases { tables.append(try Self.entry(table, &reader, trailer)) }
        // A newer minor version may have more tables.
        while trailer.isNewer, reader.remainingBytes > count * 4 { _ = try reader.range(TableEntry.byteCount) }
        self.tables = tables
        guard reader.remainingBytes == count * 4 else { throw reader.fault("the tail has another length") }
        var checksums: [UInt32] = []
        for _ in 0..<count { checksums.append(try reader.littleEndian(UInt32.self)) }
        tableChecksums = checksums
        checkedBlocks = Guarded(Array(repeating: 0, count: crcBytes / 4 / 64 + 1))
        let prologue = try bytes(at: 0, count: RunLayout.prologueBytes)
        var versionReader = ByteReader(prologue, from: 8, file: file)
        guard Array(prologue[..<4]) == RunLayout.prologueMagic,
            try !FormatVersion.check(&versionReader) || prologue[4..<8].allSatisfy({ $0 == 0 })
        else { throw .damaged(file: file, byte: 0, what: "it doesn't begin as a run does") }
    }

    private static func entry(
        _ table: Table, _ reader: inout ByteReader, _ trailer: RunTrailer
    ) throws(IndexFault) -> TableEntry {
        let start = reader.offset
        guard try reader.littleEndian(UInt32.self) == UInt32(table.rawValue) else {
            throw reader.fault("table \(table.rawValue) is missing", at: start)
        }
        let columns = ColumnCounts(
            numbers: Int(try reader.byte()), texts: Int(try reader.byte()), attributes: Int(try reader.byte()))
        let own = ColumnCounts(table)
        guard try reader.byte() == 0 || trailer.isNewer, columns.numbers >= own.numbers, columns.texts >= own.texts,
            columns.attributes >= own.attributes, trailer.isNewer || columns == own
        else { throw reader.fault("\(table.name) has not all columns", at: start + 4) }
        let rows = try Self.number(&reader)
        let pages = try Self.number(&reader)
        let offset = try Self.number(&reader)
        guard offset <= trailer.bodyBytes, pages <= (trailer.bodyBytes - offset) / RunLayout.directoryEntryBytes,
            rows >= pages, rows <= pages * RunLayout.pageRows
        else { throw reader.fault("the directory of \(table.name) can't be there", at: start) }
        return TableEntry(table: table, columns: columns, rows: rows, pages: pages, directoryOffset: offset)
    }

    private static func number(_ reader: inout ByteReader) throws(IndexFault) -> Int {
        let start = reader.offset
        let value = try reader.littleEndian(UInt64.self)
        guard value < 1 << 56 else { throw reader.fault("a number is too large", at: start) }
        return Int(value)
    }

    /// The bytes there, from a copy; nothing is checked but that they are there.
    private static func read(
        _ source: Source, _ offset: Int, _ count: Int, _ file: String
    ) throws(IndexFault) -> [UInt8] {
        switch source {
        case .mapped(let mapping, _), .memory(let mapping):
            guard offset >= 0, count >= 0, offset <= mapping.byteCount, count <= mapping.byteCount - offset else {
                throw .damaged(file: file, byte: offset, what: "it ends too early")
            }
            return [UInt8](copying: mapping.bytes.extracting(offset..<(offset + count)))
        case .file(let open):
            let bytes = try wrapping { () throws(FileFault) in try open.file.read(at: offset, count: count) }
            guard bytes.count == count else { throw .damaged(file: file, byte: offset, what: "it ends too early") }
            return bytes
        }
    }

    /// `count` bytes of the body from `offset`, after the checksums of their blocks were right.
    func bytes(at offset: Int, count: Int) throws(IndexFault) -> [UInt8] {
        try check(offset, count)
        return try Self.read(source, offset, count, file)
    }

    /// The same where they stand; copied only where the run isn't in memory.
    func part(at offset: Int, count: Int) throws(IndexFault) -> RunPart {
        try check(offset, count)
        switch source {
        case .mapped(let mapping, _), .memory(let mapping):
            guard offset <= mapping.byteCount, count <= mapping.byteCount - offset else {
                throw .damaged(file: file, byte: offset, what: "it ends too early")
            }
            return RunPart(mapping, file: file, offset: offset, start: offset, byteCount: count)
        case .file:
            let copy = Mapping(copying: try Self.read(source, offset, count, file))
            return RunPart(copy, file: file, offset: offset, start: 0, byteCount: count)
        }
    }

    private func check(_ offset: Int, _ count: Int) throws(IndexFault) {
        guard offset >= 0, count >= 0, offset <= trailer.bodyBytes, count <= trailer.bodyBytes - offset else {
            throw .damaged(file: file, byte: max(0, offset), what: "something points outside of it")
        }
        if !isInMemory, count > 0 {
            for block in (offset / RunLayout.blockBytes)...((offset + count - 1) / RunLayout.blockBytes) {
                let isChecked = checkedBlocks.withLock { $0[block >> 6] >> UInt64(block & 63) & 1 == 1 }
                if !isChecked { try check(block: block) }
            }
        }
    }

    var blockCount: Int { (trailer.bodyBytes + RunLayout.blockBytes - 1) / RunLayout.blockBytes }

    /// Checks one block against the CRC table, and that part of the table against the tail.
    func check(block: Int) throws(IndexFault) {
        let tableBlock = block * 4 / RunLayout.blockBytes
        let tableStart = trailer.bodyBytes + tableBlock * RunLayout.blockBytes
        let tablePart = try Self.read(
            source, tableStart, min(RunLayout.blockBytes, trailer.tailOffset - tableStart), file)
        guard tableBlock < tableChecksums.count, checksum(tablePart) == tableChecksums[tableBlock] else {
            throw .damaged(file: file, byte: tableStart, what: "the checksum of the CRC table is wrong")
        }
        let start = block * RunLayout.blockBytes
        let part = try Self.read(source, start, min(RunLayout.blockBytes, trailer.bodyBytes - start), file)
        guard checksum(part) == littleEndian32(tablePart, block * 4 - tableBlock * RunLayout.blockBytes) else {
            throw .damaged(file: file, byte: start, what: "the checksum of the \(part.count) bytes from here is wrong")
        }
        checkedBlocks.withLock { $0[block >> 6] |= 1 << UInt64(block & 63) }
    }
}
