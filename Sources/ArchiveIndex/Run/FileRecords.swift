// The files of a run being written, sorted by root and path when all are known.

import DICOM

/// Files of instances, and others.
struct FileRecords {
    private var files: RecordSorter
    private let spill: SpillFile?

    init(spill: SpillFile?) {
        self.spill = spill
        files = RecordSorter(spill: spill)
    }

    /// A file as the run keeps it.
    private struct FileRow {
        let root: UInt64
        let path: [UInt8]
        /// From kind to instance, as the table has them.
        let numbers: [UInt64]
        let digest: [UInt8]
        let coded: [UInt8]

        var isForeign: Bool { numbers[0] != 0 }
        var isRemoval: Bool { numbers[1] != 0 }
        var row: Row { Row(numbers: [root] + numbers, texts: [coded, digest]) }
    }

    mutating func add(_ signed: SignedEntry, instanceRow: Int) throws(IndexFault) {
        let entry = signed.entry
        try add(
            entry.place, kind: 0, isRemoval: signed.isRemoval, instanceRow: instanceRow,
            coded: PathCoding.encode(
                entry.place.path, instance: entry.sopInstanceUID.bytes, series: entry.seriesInstanceUID.bytes,
                study: entry.studyInstanceUID.bytes))
    }

    mutating func add(_ signed: SignedForeignFile) throws(IndexFault) {
        let file = signed.file
        try add(
            file.place, kind: file.reason, isRemoval: signed.isRemoval, instanceRow: 0, coded: file.place.path)
    }

    private mutating func add(
        _ place: Place, kind: UInt8, isRemoval: Bool, instanceRow: Int, coded: [UInt8]
    ) throws(IndexFault) {
        var record = SortKeyWriter(capacity: place.path.count + place.digest.count + coded.count + 80)
        record.append(place.root)
        record.append(place.path)
        record.append(UInt64(kind))
        record.append(UInt64(isRemoval ? 1 : 0))
        record.append(place.sizeBytes)
        record.append(UInt64(bitPattern: place.modificationNs))
        record.append(place.inode)
        record.append(UInt64(place.isTrusted ? 1 : 0))
        record.append(place.dataSetOffset)
        record.append(instanceRow)
        record.append(place.digest)
        record.append(coded)
        try files.append(record.bytes)
    }

    private static func decode(_ bytes: [UInt8]) -> FileRow {
        var record = SortKeyReader(bytes)
        let root = record.number()
        let path = record.text()
        var numbers: [UInt64] = []
        numbers.reserveCapacity(9)
        for _ in 0..<8 { numbers.append(record.number()) }
        return FileRow(root: root, path: path, numbers: numbers, digest: record.text(), coded: record.text())
    }

    /// Gives the rows of files, and then which files instances have.
    mutating func finish(_ write: (Row, Table) throws(IndexFault) -> Void) throws(IndexFault) {
        var pairs = RecordSorter(spill: spill)
        var number = 0
        var group: [FileRow] = []
        func close() throws(IndexFault) {
            for file in Self.balanced(group) {
                if !file.isForeign {
                    var record = SortKeyWriter()
                    record.append(file.numbers[7])
                    record.append(number)
                    try pairs.append(record.bytes)
                }
                try write(file.row, .files)
                number += 1
            }
            group.removeAll(keepingCapacity: true)
        }
        while let bytes = try files.next() {
            let file = Self.decode(bytes)
            if let first = group.first, first.root != file.root || first.path != file.path { try close() }
            group.append(file)
        }
        try close()
        while let bytes = try pairs.next() {
            var record = SortKeyReader(bytes)
            try write(Row(numbers: [record.number(), record.number()]), .instanceFiles)
        }
    }

    /// Foreign files of one path that were added and removed are gone; what is left stays in order.
    private static func balanced(_ group: [FileRow]) -> [FileRow] {
        guard group.contains(where: { $0.isForeign && $0.isRemoval }) else { return group }
        func content(_ file: FileRow) -> [UInt64] { [file.numbers[0]] + file.numbers[2...] }
        var counts: [[UInt64]: Int] = [:]
        for file in group where file.isForeign { counts[content(file), default: 0] += file.isRemoval ? -1 : 1 }
        return group.filter { file in
            guard file.isForeign else { return true }
            guard let count = counts[content(file)], count != 0, (count < 0) == file.isRemoval else { return false }
            counts[content(file)] = count - (file.isRemoval ? -1 : 1)
            return true
        }
    }
}
