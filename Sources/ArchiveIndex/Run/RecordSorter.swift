// Sorts records by their bytes in memory that doesn't grow with their number: sorted parts go to a file without a name.

import DICOM
import Platform

/// Where sorted parts may go: a file of that name, which loses it at once.
struct SpillFile: Sendable {
    let path: Path
    let kernel: any Kernel
}

/// Records to be sorted ascending by their bytes. `append` them all, then take them out with `next`. After a fault it is of no
/// use any more.
struct RecordSorter {
    /// One record: where it stands in `arena`.
    private struct Record {
        let start: Int
        let count: Int
    }

    private var arena: [UInt8] = []
    private var records: [Record] = []
    private let spill: SpillFile?
    private let memoryBytes: Int
    private var file: OpenFile?
    private var fileBytes = 0
    private var parts: [SortedPart] = []
    private var isSorted = false
    private var taken = 0

    /// - Parameters:
    ///   - spill: nil keeps all in memory.
    ///   - memoryBytes: beyond this, parts are spilled.
    init(spill: SpillFile?, memoryBytes: Int = 32 << 20) {
        self.spill = spill
        self.memoryBytes = memoryBytes
    }

    mutating func append(_ record: [UInt8]) throws(IndexFault) {
        records.append(Record(start: arena.count, count: record.count))
        arena += record
        if spill != nil, arena.count + records.count * MemoryLayout<Record>.size >= memoryBytes { try spillPart() }
    }

    private mutating func sort() {
        let arena = arena
        records.sort { left, right in
            let shared = min(left.count, right.count)
            var index = 0
            while index < shared, arena[left.start + index] == arena[right.start + index] { index += 1 }
            if index == shared { return left.count < right.count }
            return arena[left.start + index] < arena[right.start + index]
        }
    }

    private mutating func spillPart() throws(IndexFault) {
        guard let spill else { return }
        sort()
        if file == nil {
            file = try wrapping { () throws(FileFault) in
                if try File.exists(spill.path, kernel: spill.kernel) {
                    try File.remove(spill.path, kernel: spill.kernel)
                }
                let open = OpenFile(try File.open(spill.path, .creating, kernel: spill.kernel))
                try File.remove(spill.path, kernel: spill.kernel)
                return open
            }
        }
        guard let file else { return }
        var blocks: [SortedPart.Block] = []
        var buffer: [UInt8] = []
        for (index, record) in records.enumerated() {
            buffer.appendPrefixed(arena[record.start..<(record.start + record.count)])
            guard buffer.count >= SortedPart.blockBytes || index == records.count - 1 else { continue }
            let (part, offset) = (buffer, fileBytes)
            try wrapping { () throws(FileFault) in try file.file.write(part, at: offset) }
            blocks.append(SortedPart.Block(offset: offset, byteCount: part.count, crc: checksum(part)))
            fileBytes += part.count
            buffer.removeAll(keepingCapacity: true)
        }
        parts.append(SortedPart(file, blocks))
        arena.removeAll(keepingCapacity: true)
        records.removeAll(keepingCapacity: true)
    }

    /// The next record in order; nil at the end. Nothing is appended any more.
    mutating func next() throws(IndexFault) -> [UInt8]? {
        if !isSorted {
            isSorted = true
            if !parts.isEmpty {
                try spillPart()
                arena = []
                records = []
                for index in parts.indices { try parts[index].advance() }
                parts.removeAll { $0.isOver }
                parts.sort { $0.precedes($1) }
            } else {
                sort()
            }
        }
        guard !parts.isEmpty else {
            guard taken < records.count else { return nil }
            let record = records[taken]
            taken += 1
            return Array(arena[record.start..<(record.start + record.count)])
        }
        let record = parts[0].head
        try parts[0].advance()
        if parts[0].isOver {
            parts.removeFirst()
        } else {
            // The first of sorted parts goes to its place among the others.
            var index = 0
            while index + 1 < parts.count, parts[index + 1].precedes(parts[index]) {
                parts.swapAt(index, index + 1)
                index += 1
            }
        }
        return record
    }
}

/// A sorted part of the spill file being read.
private struct SortedPart {
    /// Whole records that are read at once: a prefixed text each. The checksum says that the disk gave back what it took.
    struct Block {
        let offset: Int
        let byteCount: Int
        let crc: UInt32
    }

    /// A block is closed when it has so many.
    static let blockBytes = 256 << 10

    private let file: OpenFile
    private var blocks: ArraySlice<Block>
    private var reader: ByteReader
    /// The record that the part is at.
    private(set) var head: [UInt8] = []
    private(set) var isOver = false

    init(_ file: OpenFile, _ blocks: [Block]) {
        self.file = file
        self.blocks = blocks[...]
        reader = ByteReader([], file: file.file.path.description)
    }

    func precedes(_ other: SortedPart) -> Bool { head.lexicographicallyPrecedes(other.head) }

    /// Goes to the next record.
    mutating func advance() throws(IndexFault) {
        if reader.isAtEnd {
            guard let block = blocks.popFirst() else {
                isOver = true
                return
            }
            let bytes = try wrapping { () throws(FileFault) in
                try file.file.read(at: block.offset, count: block.byteCount)
            }
            guard checksum(bytes) == block.crc else { throw .file(FileFault(.read, file.file.path, .inputOutput)) }
            reader = ByteReader(bytes, file: reader.file, base: block.offset)
        }
        head = try reader.prefixedArray()
    }
}
