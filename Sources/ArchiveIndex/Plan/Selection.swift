// The series of a study and the instances of a series: those that are named by UID, looked up, or all of them.

import DICOM

/// UIDs that a request names, sorted once for all entities that are asked for them; none stands for all.
struct NamedUIDs {
    let ascending: [UID]
    private let all: Set<UID>

    init(_ uids: some Sequence<UID>) {
        all = Set(uids)
        ascending = all.sorted()
    }

    var isEmpty: Bool { ascending.isEmpty }
    var count: Int { ascending.count }
    func contains(_ uid: UID) -> Bool { all.contains(uid) }
}

/// Some series of a study, each once and always in the same order.
struct SeriesSelection {
    private let study: StudyEntity
    private let wanted: NamedUIDs
    private var named: ArraySlice<UID> = []
    private var all: SeriesCursor?
    /// Of the named ones, where all were looked through.
    private var met: ArraySlice<SeriesEntity> = []

    /// - Parameter wanted: where it names more than the study has, those that it has are looked up among the names.
    init(_ wanted: NamedUIDs, of study: StudyEntity) throws(IndexFault) {
        self.study = study
        self.wanted = wanted
        if wanted.isEmpty || wanted.count > study.seriesMaximum {
            all = try study.series()
        } else {
            named = wanted.ascending[...]
        }
    }

    mutating func next(_ watch: SearchWatch? = nil) throws(IndexFault) -> SeriesEntity? {
        if wanted.isEmpty { return try all?.next(watch) }
        if var cursor = all {
            all = nil
            while let series = try cursor.next(watch) {
                if wanted.contains(series.seriesInstanceUID) { met.append(series) }
            }
            met.sort { $0.seriesInstanceUID < $1.seriesInstanceUID }
        }
        if let series = met.popFirst() { return series }
        while let uid = named.popFirst() {
            try watch?.passEntity()
            if let series = try study.series(uid) { return series }
        }
        return nil
    }
}

/// Some instances of a series, each once and always in the same order.
struct InstanceSelection {
    private let series: SeriesEntity
    private let wanted: NamedUIDs
    private var named: ArraySlice<UID> = []
    private var all: InstanceCursor?
    /// Of the named ones, where all were looked through.
    private var met: ArraySlice<InstanceEntity> = []

    /// - Parameter wanted: where it names more than the series has, those that it has are looked up among the names.
    init(_ wanted: NamedUIDs, of series: SeriesEntity) throws(IndexFault) {
        self.series = series
        self.wanted = wanted
        if wanted.isEmpty || wanted.count > series.instancesMaximum {
            all = try series.instances()
        } else {
            named = wanted.ascending[...]
        }
    }

    mutating func next(_ watch: SearchWatch? = nil) throws(IndexFault) -> InstanceEntity? {
        if wanted.isEmpty { return try all?.next(watch) }
        if var cursor = all {
            all = nil
            while let instance = try cursor.next(watch) {
                if wanted.contains(instance.sopInstanceUID) { met.append(instance) }
            }
            met.sort { $0.sopInstanceUID < $1.sopInstanceUID }
        }
        if let instance = met.popFirst() { return instance }
        while let uid = named.popFirst() {
            try watch?.passEntity()
            if let instance = try series.instance(uid) { return instance }
        }
        return nil
    }
}

extension StudyEntity {
    /// It has no more series than that: told at a glance.
    fileprivate var seriesMaximum: Int { parts.reduce(0) { $0 &+ $1.row.int(Column.Studies.series) } }
}

extension SeriesEntity {
    /// It has no more instances than that: told at a glance.
    fileprivate var instancesMaximum: Int { parts.reduce(0) { $0 &+ $1.row.int(Column.Series.rows) } }
}
