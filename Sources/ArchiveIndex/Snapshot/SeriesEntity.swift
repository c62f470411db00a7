// A series as all sources together know it.

import DICOM

/// A series in a snapshot.
package struct SeriesEntity: Sendable {
    package let study: StudyEntity
    package let seriesInstanceUID: UID
    let parts: [SourcedRow]

    package var snapshot: Snapshot { study.snapshot }

    /// Nil where nothing of it is left.
    init?(_ study: StudyEntity, _ parts: [SourcedRow]) throws(IndexFault) {
        guard let first = parts.first else { return nil }
        let left = parts.reduce(0) { $0 &+ $1.row.int(Column.Series.added) &- $1.row.int(Column.Series.removed) }
        guard left > 0 else { return nil }
        self.study = study
        self.parts = parts
        seriesInstanceUID = try study.snapshot.sources[first.source].uid(
            try first.row.text(Column.Series.uid), .series, first.number)
    }

    var hasRemovals: Bool { snapshot.hasRemovals(parts, Column.Series.removed) }

    /// What the series' instances say of it, at series level.
    package func attributes(_ watch: SearchWatch? = nil) throws(IndexFault) -> ResolvedAttributes {
        var variants: [Variant] = []
        for part in parts {
            let run = snapshot.sources[part.source]
            let range = try run.rows(
                part.row.int(Column.Series.firstSet), part.row.int(Column.Series.sets), of: .seriesSets)
            var cursor = try run.cursor(.seriesSets, at: range.lowerBound)
            for _ in range where try cursor.advance() {
                try watch?.passEntity()
                variants.append(
                    Variant(attributes: try cursor.row.attributes(), count: cursor.row.signed(Column.SeriesSets.weight))
                )
            }
        }
        return ResolvedAttributes(variants)
    }

    /// Its instances, ascending by packed UID.
    package func instances() throws(IndexFault) -> InstanceCursor { try InstanceCursor(self) }

    /// The instance of this series with that UID; nil when there is none.
    package func instance(_ uid: UID) throws(IndexFault) -> InstanceEntity? { try instance(packed: uid.packed) }

    func instance(packed: [UInt8]) throws(IndexFault) -> InstanceEntity? {
        var found: [SourcedRow] = []
        for part in parts {
            let run = snapshot.sources[part.source]
            let rows = try run.rows(
                part.row.int(Column.Series.firstInstance), part.row.int(Column.Series.rows), of: .instances)
            var cursor = try run.cursor(.instances, from: [.number(UInt64(part.number)), .text(packed)], within: rows)
            while try cursor.advance(), cursor.number < rows.upperBound,
                try cursor.text(Column.Instances.uid) == packed
            {
                found.append(SourcedRow(source: part.source, row: cursor.row))
            }
        }
        return try InstanceEntity(self, found)
    }

    /// Number of Series Related Instances: SOP Instance UIDs, each once.
    package func instanceCount(_ watch: SearchWatch? = nil) throws(IndexFault) -> Int {
        if parts.count == 1, !hasRemovals { return parts[0].row.int(Column.Series.instances) }
        var count = 0
        var cursor = try instances()
        while try cursor.next(watch) != nil { count += 1 }
        return count
    }

    /// The SOP classes of its instances, of all contents, ascending.
    package func sopClasses(_ watch: SearchWatch? = nil) throws(IndexFault) -> [UID] {
        var found: Set<UID> = []
        if hasRemovals {
            var cursor = try instances()
            while let instance = try cursor.next(watch) {
                for content in try instance.contents() { found.insert(content.sopClassUID) }
            }
            return found.sorted()
        }
        for part in parts {
            let run = snapshot.sources[part.source]
            var reader = ByteReader(try part.row.text(Column.Series.sopClasses), file: run.file)
            while !reader.isAtEnd {
                found.insert(try run.sopClass(try reader.count(maximum: run.table(.sopClasses).rowCount)))
            }
        }
        return found.sorted()
    }
}

/// The series of a study, one after the other.
package struct SeriesCursor: Sendable {
    private let study: StudyEntity
    private var merger = RowMerger(key: [.text(Column.Series.uid)])

    init(_ study: StudyEntity) throws(IndexFault) {
        self.study = study
        for part in study.parts {
            let run = study.snapshot.sources[part.source]
            let range = try run.rows(
                part.row.int(Column.Studies.firstSeries), part.row.int(Column.Studies.series), of: .series)
            let cursor = try run.cursor(.series, at: range.lowerBound)
            try merger.add(cursor, source: part.source, end: range.upperBound)
        }
    }

    /// The next series; nil at the end.
    package mutating func next(_ watch: SearchWatch? = nil) throws(IndexFault) -> SeriesEntity? {
        while let rows = try merger.next() {
            try watch?.passEntity()
            if let series = try SeriesEntity(study, rows) { return series }
        }
        return nil
    }
}
