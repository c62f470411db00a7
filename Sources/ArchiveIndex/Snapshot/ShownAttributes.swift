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

extension Run {
    /// Row `first` of a table of sets, where it is the only one of an entity and has files.
    fileprivate func onlySet(_ first: Int, _ count: Int, of table: Table, weight: Int) throws(IndexFault) -> StoredRow?
    {
        guard count == 1 else { return nil }
        let row = try row(first, of: table)
        return row.signed(weight) > 0 ? row : nil
    }
}

extension StudyEntity {
    /// The set that all files of the study agree on; nil where there are several.
    func onlySet() throws(IndexFault) -> StoredRow? {
        guard parts.count == 1, let part = parts.first else { return nil }
        return try snapshot.sources[part.source].onlySet(
            part.row.int(Column.Studies.firstSet), part.row.int(Column.Studies.sets), of: .studySets,
            weight: Column.StudySets.weight)
    }

    /// What the study shows at study level.
    func shown() throws(IndexFault) -> ShownAttributes {
        if let set = try onlySet() { return .uniform(set) }
        return .resolved(try attributes())
    }
}

extension SeriesEntity {
    /// What the series shows at series level.
    func shown() throws(IndexFault) -> ShownAttributes {
        if parts.count == 1, let part = parts.first,
            let set = try snapshot.sources[part.source].onlySet(
                part.row.int(Column.Series.firstSet), part.row.int(Column.Series.sets), of: .seriesSets,
                weight: Column.SeriesSets.weight)
        {
            return .uniform(set)
        }
        return .resolved(try attributes())
    }
}

extension PatientEntity {
    /// The set that all files of the patient agree on; nil where there are several.
    func onlySet() throws(IndexFault) -> StoredRow? {
        guard parts.count == 1, let part = parts.first else { return nil }
        return try snapshot.sources[part.source].onlySet(
            part.row.int(Column.Patients.firstSet), part.row.int(Column.Patients.sets), of: .patientSets,
            weight: Column.PatientSets.weight)
    }

    /// What the patient shows.
    func shown() throws(IndexFault) -> ShownAttributes {
        if let set = try onlySet() { return .uniform(set) }
        return .resolved(try attributes())
    }
}
