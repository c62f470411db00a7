// An instance as all sources together know it: one SOP Instance UID of a series, its contents and where they lie.

import DICOM

/// One content of an instance: files whose header and data set length agree.
package struct InstanceContent: Sendable, Hashable {
    package let sopClassUID: UID
    package let transferSyntaxUID: UID
    /// At image level.
    package let attributes: AttributeSet
    /// See `InstanceEntry.headerFingerprint`.
    package let headerFingerprint: UInt64
    /// Length of the data set in the file, pixel data included.
    package let dataSetBytes: Int
    /// Ascending by root and path.
    package let places: [Place]
}

extension InstanceContent {
    /// Which of two contents of one UID is served: one that was indexed in place goes before one that was only stored; of those
    /// indexed in place, that of the smallest place; of those stored, the one that was first.
    static func isServedBefore(_ left: InstanceContent, _ right: InstanceContent) -> Bool {
        if left.isOnlyStored != right.isOnlyStored { return right.isOnlyStored }
        if left.isOnlyStored, left.oldestNs != right.oldestNs { return left.oldestNs < right.oldestNs }
        let (first, second) = (left.places[0], right.places[0])
        if first != second { return Place.precedes(first, second) }
        if left.headerFingerprint != right.headerFingerprint { return left.headerFingerprint < right.headerFingerprint }
        return left.dataSetBytes < right.dataSetBytes
    }

    /// Only the storage daemon has a file of it.
    private var isOnlyStored: Bool { places.allSatisfy { $0.root == 0 } }
    private var oldestNs: Int64 { places.lazy.map(\.modificationNs).min() ?? 0 }
}

/// An instance in a snapshot.
package struct InstanceEntity: Sendable {
    package let series: SeriesEntity
    package let sopInstanceUID: UID
    let parts: [SourcedRow]

    package var snapshot: Snapshot { series.snapshot }

    /// Nil where nothing of it is left.
    init?(_ series: SeriesEntity, _ parts: [SourcedRow]) throws(IndexFault) {
        guard let first = parts.first else { return nil }
        self.series = series
        self.parts = parts
        sopInstanceUID = try series.snapshot.sources[first.source].uid(
            try first.row.text(Column.Instances.uid), .instances, first.number)
        if series.hasRemovals, try contents().isEmpty { return nil }
    }

    /// All contents that are there, the one that is served first.
    package func contents() throws(IndexFault) -> [InstanceContent] {
        struct Key: Hashable {
            let fingerprint: UInt64
            let dataSetBytes: UInt64
        }
        struct Candidate {
            var counts: [Place: Int] = [:]
            /// Rows with the number of their files.
            var rows: [(part: SourcedRow, weight: Int)] = []
        }
        var candidates: [Key: Candidate] = [:]
        for part in parts {
            let key = Key(
                fingerprint: part.row.number(Column.Instances.fingerprint),
                dataSetBytes: part.row.number(Column.Instances.dataSetBytes))
            var weight = 0
            for (place, isRemoval) in try places(of: part) {
                candidates[key, default: Candidate()].counts[place, default: 0] &+= isRemoval ? -1 : 1
                weight &+= isRemoval ? -1 : 1
            }
            candidates[key, default: Candidate()].rows.append((part, weight))
        }
        var contents: [InstanceContent] = []
        for candidate in candidates.values {
            let places = candidate.counts.filter { $0.value > 0 }.map(\.key).sorted(by: Place.precedes)
            guard !places.isEmpty else { continue }
            contents.append(try content(of: candidate.rows, places))
        }
        return contents.sorted(by: InstanceContent.isServedBefore)
    }

    /// The content that is served. Its places are filled in only where they were needed to tell: see `contents`.
    package func content() throws(IndexFault) -> InstanceContent {
        if parts.count == 1, !series.hasRemovals { return try content(of: [(parts[0], 1)], []) }
        let all = try contents()
        guard let first = all.first else {
            throw .damaged(file: "index", byte: 0, what: "\(sopInstanceUID) has no content")
        }
        return first
    }

    /// Rows of one content agree, but for what a hash can't see: then the most frequent counts, then the smallest.
    private func content(
        of rows: [(part: SourcedRow, weight: Int)], _ places: [Place]
    ) throws(IndexFault) -> InstanceContent {
        var counts: [InstanceContent: Int] = [:]
        for (part, weight) in rows {
            let run = snapshot.sources[part.source]
            let content = InstanceContent(
                sopClassUID: try run.sopClass(part.row.int(Column.Instances.sopClass)),
                transferSyntaxUID: try run.transferSyntax(part.row.int(Column.Instances.transferSyntax)),
                attributes: try part.row.attributes(),
                headerFingerprint: part.row.number(Column.Instances.fingerprint),
                dataSetBytes: part.row.int(Column.Instances.dataSetBytes), places: places)
            if rows.count == 1 { return content }
            counts[content, default: 0] &+= weight
        }
        let best = counts.min { left, right in
            if left.value != right.value { return left.value > right.value }
            if left.key.attributes != right.key.attributes { return left.key.attributes < right.key.attributes }
            if left.key.sopClassUID != right.key.sopClassUID { return left.key.sopClassUID < right.key.sopClassUID }
            return left.key.transferSyntaxUID < right.key.transferSyntaxUID
        }
        guard let best else { throw .damaged(file: "index", byte: 0, what: "\(sopInstanceUID) has no row") }
        return best.key
    }

    private func places(of part: SourcedRow) throws(IndexFault) -> [(Place, isRemoval: Bool)] {
        let run = snapshot.sources[part.source]
        var found: [(Place, isRemoval: Bool)] = []
        var cursor = try run.cursor(.instanceFiles, from: [.number(UInt64(part.number))])
        while try cursor.advance(), cursor.row.int(0) == part.number {
            let row = try run.row(cursor.row.int(1), of: .files)
            found.append((try row.place(), row.number(Column.Files.removal) != 0))
        }
        return found
    }
}

extension Place {
    /// By root, then path, then whatever differs.
    static func precedes(_ left: Place, _ right: Place) -> Bool {
        if left.root != right.root { return left.root < right.root }
        if left.path != right.path { return left.path.lexicographicallyPrecedes(right.path) }
        if left.modificationNs != right.modificationNs { return left.modificationNs > right.modificationNs }
        if left.sizeBytes != right.sizeBytes { return left.sizeBytes < right.sizeBytes }
        return left.inode < right.inode
    }
}

/// The instances of a series, one after the other.
package struct InstanceCursor: Sendable {
    private let series: SeriesEntity
    private var merger = RowMerger(key: [.text(Column.Instances.uid)])

    init(_ series: SeriesEntity) throws(IndexFault) {
        self.series = series
        for part in series.parts {
            let run = series.snapshot.sources[part.source]
            let range = try run.rows(
                part.row.int(Column.Series.firstInstance), part.row.int(Column.Series.rows), of: .instances)
            let cursor = try run.cursor(.instances, at: range.lowerBound)
            try merger.add(cursor, source: part.source, end: range.upperBound)
        }
    }

    /// The next instance; nil at the end.
    package mutating func next(_ watch: SearchWatch? = nil) throws(IndexFault) -> InstanceEntity? {
        while let rows = try merger.next() {
            try watch?.passEntity()
            if let instance = try InstanceEntity(series, rows) { return instance }
        }
        return nil
    }
}
