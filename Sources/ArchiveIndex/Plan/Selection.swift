// The series of a study and the instances of a series: those that are named by UID, looked up, or all of them.

import DICOM

/// Some series of a study, ascending by packed UID.
struct SeriesSelection {
    private let study: StudyEntity
    private var named: ArraySlice<UID>
    private var all: SeriesCursor?

    /// - Parameter uids: those wanted; none stands for all.
    init(_ uids: Set<UID>, of study: StudyEntity) throws(IndexFault) {
        self.study = study
        named = uids.sorted()[...]
        all = uids.isEmpty ? try study.series() : nil
    }

    mutating func next(_ watch: SearchWatch? = nil) throws(IndexFault) -> SeriesEntity? {
        if all != nil { return try all?.next(watch) }
        while let uid = named.popFirst() {
            try watch?.passEntity()
            if let series = try study.series(uid) { return series }
        }
        return nil
    }
}

/// Some instances of a series, ascending by packed UID.
struct InstanceSelection {
    private let series: SeriesEntity
    private var named: ArraySlice<UID>
    private var all: InstanceCursor?

    /// - Parameter uids: those wanted; none stands for all.
    init(_ uids: Set<UID>, of series: SeriesEntity) throws(IndexFault) {
        self.series = series
        named = uids.sorted()[...]
        all = uids.isEmpty ? try series.instances() : nil
    }

    mutating func next(_ watch: SearchWatch? = nil) throws(IndexFault) -> InstanceEntity? {
        if all != nil { return try all?.next(watch) }
        while let uid = named.popFirst() {
            try watch?.passEntity()
            if let instance = try series.instance(uid) { return instance }
        }
        return nil
    }
}
