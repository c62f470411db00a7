// Sorts records by their bytes in memory that doesn't grow with their number: sorted parts go to files without a name.

import DICOM
import Platform

/// Where sorted parts may go: files of that name, which lose it at once.
struct SpillFile: Sendable {
    let path: Path
    let kernel: any Kernel

    /// A new file, which goes with its last user.
    fileprivate func open() throws(IndexFault) -> OpenFile {
        try wrapping { () throws(FileFault) in
            if try File.exists(path, kernel: kernel) { try File.remove(path, kernel: kernel) }
            let open = OpenFile(try File.open(path, .creating, kernel: kernel))
            try File.remove(path, kernel: kernel)
            return open
        }
    }
}

/// Records to be sorted ascending by their bytes. `append` them all, then take them out with `next`. After a fault it is of no
/// use any more.
///
/// Each keeps `memoryBytes` and, when parts are read, a block of each part; a run being written has seven of them at once, and
/// two more at its end, some of which are read by then.
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
    private let partsMaximum: Int
    /// Sorted parts: those of level 0 came from memory, each of a higher one was made of `partsMaximum` of the one below. The
    /// highest level stands first, the oldest of its parts first.
    private var parts: [(level: Int, part: SortedPart)] = []
    /// The file of each level, while parts lie in it.
    private var files: [PartFile?] = []
    private var merge: PartMerge?
    private var isSorted = false
    private var taken = 0

    /// - Parameters:
    ///   - spill: nil keeps all in memory.
    ///   - memoryBytes: beyond this, parts are spilled.
    ///   - partsMaximum: so many parts of one level become one of the next: of each part, a block is in memory when it is read.
    init(spill: SpillFile?, memoryBytes: Int = 8 << 20, partsMaximum: Int = 64) {
        self.spill = spill
        self.memoryBytes = memoryBytes
        self.partsMaximum = partsMaximum
    }

    mutating func append(_ record: [UInt8]) throws(IndexFault) {
        records.append(Record(start: arena.count, count: record.count))
        arena += record
        guard let spill, arena.count + records.count * MemoryLayout<Record>.size >= memoryBytes else { return }
        try spillPart(spill)
        try mergeParts(spill)
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

    private mutating func spillPart(_ spill: SpillFile) throws(IndexFault) {
        sort()
        var next = records.makeIterator()
        try addPart(level: 0, spill) { [arena] () throws(IndexFault) in
            next.next().map { arena[$0.start..<($0.start + $0.count)] }
        }
        arena.removeAll(keepingCapacity: true)
        records.removeAll(keepingCapacity: true)
    }

    private mutating func mergeParts(_ spill: SpillFile) throws(IndexFault) {
        var level = 0
        while parts.count(where: { $0.level == level }) == partsMaximum {
            var merge = try PartMerge(parts.suffix(partsMaximum).map(\.part))
            try addPart(level: level + 1, spill) { () throws(IndexFault) in try merge.next()?[...] }
            // All of its level lay in one file, and are in the new part now.
            parts.removeSubrange((parts.count - 1 - partsMaximum)..<(parts.count - 1))
            files[level] = nil
            level += 1
        }
    }

    /// Writes what `next` gives, which is sorted, behind the parts of that level.
    private mutating func addPart(
        level: Int, _ spill: SpillFile, _ next: () throws(IndexFault) -> ArraySlice<UInt8>?
    ) throws(IndexFault) {
        if level == files.count { files.append(nil) }
        var file = files[level]
        if file == nil { file = PartFile(try spill.open()) }
        if let part = try file?.append(next) { parts.append((level, part)) }
        files[level] = file
    }

    /// The next record in order; nil at the end. Nothing is appended any more.
    mutating func next() throws(IndexFault) -> [UInt8]? {
        if !isSorted {
            isSorted = true
            if let spill, !parts.isEmpty {
                if !records.isEmpty { try spillPart(spill) }
                arena = []
                records = []
                merge = try PartMerge(parts.map(\.part))
                parts = []
                files = []
            } else {
                sort()
            }
        }
        if merge != nil { return try merge?.next() }
        guard taken < records.count else { return nil }
        let record = records[taken]
        taken += 1
        return Array(arena[record.start..<(record.start + record.count)])
    }
}
