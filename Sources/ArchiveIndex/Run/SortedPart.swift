// Sorted parts of what is too much for memory: written one after another into a file, read side by side.

import DICOM
import Platform

/// A file of sorted parts.
struct PartFile {
    private let file: OpenFile
    private var byteCount = 0

    init(_ file: OpenFile) { self.file = file }

    /// Writes a part behind the others: all that `next` gives, in its order.
    mutating func append(_ next: () throws(IndexFault) -> ArraySlice<UInt8>?) throws(IndexFault) -> SortedPart {
        var blocks: [SortedPart.Block] = []
        var buffer: [UInt8] = []
        var record = try next()
        while let current = record {
            buffer.appendPrefixed(current)
            record = try next()
            guard buffer.count >= SortedPart.blockBytes || record == nil else { continue }
            let (block, offset) = (buffer, byteCount)
            try wrapping { () throws(FileFault) in try file.file.write(block, at: offset) }
            blocks.append(SortedPart.Block(offset: offset, byteCount: block.count, crc: checksum(block)))
            byteCount += block.count
            buffer.removeAll(keepingCapacity: true)
        }
        return SortedPart(file, blocks)
    }
}

/// A sorted part being read.
struct SortedPart {
    /// Whole records that are read at once: a prefixed text each. The checksum says that the disk gave back what it took.
    struct Block {
        let offset: Int
        let byteCount: Int
        let crc: UInt32
    }

    /// A block is closed when it has so many.
    static let blockBytes = 128 << 10

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

/// Several parts as one, in order.
struct PartMerge {
    /// A heap: none precedes the one at half its place.
    private var parts: [SortedPart]

    init(_ parts: [SortedPart]) throws(IndexFault) {
        self.parts = parts
        for index in parts.indices { try self.parts[index].advance() }
        self.parts.removeAll(where: \.isOver)
        self.parts.sort { $0.precedes($1) }
    }

    /// The next record; nil at the end.
    mutating func next() throws(IndexFault) -> [UInt8]? {
        guard let record = parts.first?.head else { return nil }
        try parts[0].advance()
        if parts[0].isOver {
            parts.swapAt(0, parts.count - 1)
            parts.removeLast()
        }
        // The first one goes to its place.
        var index = 0
        while true {
            var least = 2 * index + 1
            guard least < parts.count else { break }
            if least + 1 < parts.count, parts[least + 1].precedes(parts[least]) { least += 1 }
            guard parts[least].precedes(parts[index]) else { break }
            parts.swapAt(index, least)
            index = least
        }
        return record
    }
}
