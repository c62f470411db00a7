// What an entity shows: read where it stands where all its files agree, which most do; resolved from its sets elsewhere.

import DICOM

/// The attributes that an entity shows.
enum ShownAttributes: Sendable {
    /// The only set of the entity.
    case uniform(StoredRow)
    case resolved(ResolvedAttributes)

    /// See `ResolvedAttributes.value`.
    func value(_ tag: Tag) throws(IndexFault) -> ResolvedValue? {
        switch self {
        case .resolved(let attributes): return attributes.value(tag)
        case .uniform(let row):
            guard let value = try row.value(tag) else { return nil }
            return ResolvedValue(
                vr: value.vr, bytes: value.bytes,
                characterSet: ResolvedValue.isGovernedByCharacterSet(value.vr)
                    ? try row.value(.specificCharacterSet)?.bytes : nil,
                timezoneOffset: ResolvedValue.isGovernedByTimezone(value.vr)
                    ? try row.value(.timezoneOffsetFromUTC)?.bytes : nil)
        }
    }
}

extension ShownAttributes {
    /// - Parameter set: the only one of the entity, where it has only one.
    fileprivate init(_ set: StoredRow?, _ attributes: () throws(IndexFault) -> ResolvedAttributes) throws(IndexFault) {
        if let set { self = .uniform(set) } else { self = .resolved(try attributes()) }
    }
}

extension Snapshot {
    /// The set that all files of an entity agree on; nil where there are several.
    ///
    /// - Parameters:
    ///   - parts: the entity's rows.
    ///   - first: their column that says where in `table` their sets begin, `count` how many there are.
    ///   - weight: the column of `table` that says how many files a set has.
    fileprivate func onlySet(
        of parts: [SourcedRow], first: Int, count: Int, in table: Table, weight: Int
    ) throws(IndexFault) -> StoredRow? {
        guard parts.count == 1, let part = parts.first, part.row.int(count) == 1 else { return nil }
        let row = try sources[part.source].row(part.row.int(first), of: table)
        return row.signed(weight) > 0 ? row : nil
    }
}

extension StudyEntity {
    /// The set that all files of the study agree on; nil where there are several.
    func onlySet() throws(IndexFault) -> StoredRow? {
        try snapshot.onlySet(
            of: parts, first: Column.Studies.firstSet, count: Column.Studies.sets, in: .studySets,
            weight: Column.StudySets.weight)
    }

    /// What the study shows at study level.
    func shown(_ watch: SearchWatch? = nil) throws(IndexFault) -> ShownAttributes {
        try ShownAttributes(onlySet()) { () throws(IndexFault) in try attributes(watch) }
    }
}

extension SeriesEntity {
    /// What the series shows at series level.
    func shown(_ watch: SearchWatch? = nil) throws(IndexFault) -> ShownAttributes {
        let set = try snapshot.onlySet(
            of: parts, first: Column.Series.firstSet, count: Column.Series.sets, in: .seriesSets,
            weight: Column.SeriesSets.weight)
        return try ShownAttributes(set) { () throws(IndexFault) in try attributes(watch) }
    }
}

extension PatientEntity {
    /// The set that all files of the patient agree on; nil where there are several.
    func onlySet() throws(IndexFault) -> StoredRow? {
        try snapshot.onlySet(
            of: parts, first: Column.Patients.firstSet, count: Column.Patients.sets, in: .patientSets,
            weight: Column.PatientSets.weight)
    }

    /// What the patient shows.
    func shown(_ watch: SearchWatch? = nil) throws(IndexFault) -> ShownAttributes {
        try ShownAttributes(onlySet()) { () throws(IndexFault) in try attributes(watch) }
    }
}
