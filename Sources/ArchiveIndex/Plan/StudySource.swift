// Where a query's candidates come from: the most selective key that the index can look up.

import DICOM

/// How a query finds its patients and studies. The exact rule tests what comes out.
enum StudySource: Equatable {
    case studyUIDs([UID])
    case seriesUIDs([UID])
    case instanceUIDs([UID])
    case patientIDs([[UInt8]])
    case accessionNumbers([[UInt8]])
    case accessionPrefix([UInt8])
    case namePrefix([UInt8])
    case nameScan(TextPattern)
    case dates(from: [UInt8]?, through: [UInt8]?)
    case scan

    /// Chooses the most selective: unique keys first, then exact ones, prefixes, ranges, and a scan at last.
    init(_ query: Query) {
        if case .uids(let uids)? = query.condition(.studyInstanceUID) {
            self = .studyUIDs(uids)
        } else if case .uids(let uids)? = query.condition(.sopInstanceUID) {
            self = .instanceUIDs(uids)
        } else if case .uids(let uids)? = query.condition(.seriesInstanceUID) {
            self = .seriesUIDs(uids)
        } else if query.options.unknownMatches {
            // Entities without a value match too, and no look-up has those.
            self = .scan
        } else if let ids = Self.exact(query.condition(.patientID)) {
            self = .patientIDs(ids)
        } else if let numbers = Self.exact(query.condition(.accessionNumber)) {
            self = .accessionNumbers(numbers)
        } else if let prefix = Self.namePattern(query)?.prefix, !prefix.isEmpty {
            self = .namePrefix(Array(prefix.utf8))
        } else if case .dates(let ranges)? = query.condition(.studyDate), let range = ranges.first, ranges.count == 1 {
            self = .dates(from: range.earliest.map(Self.dateText), through: range.latest.map(Self.dateText))
        } else if case .text(let patterns)? = query.condition(.accessionNumber), patterns.count == 1,
            let prefix = patterns.first?.prefix, !prefix.isEmpty, prefix.utf8.allSatisfy({ $0 < 0x80 })
        {
            self = .accessionPrefix(Array(prefix.utf8))
        } else if let pattern = Self.namePattern(query) {
            self = .nameScan(pattern)
        } else {
            self = .scan
        }
    }

    private static func namePattern(_ query: Query) -> TextPattern? {
        guard case .names(let keys)? = query.condition(.patientName), keys.count == 1 else { return nil }
        return keys[0].candidate
    }

    /// Exact values of ISO 646, which have the same bytes in every character set.
    private static func exact(_ matcher: Matcher?) -> [[UInt8]]? {
        guard case .text(let patterns)? = matcher, !patterns.isEmpty,
            patterns.allSatisfy({ !$0.hasWildcards && $0.prefix.utf8.allSatisfy { $0 < 0x80 } })
        else { return nil }
        return patterns.map { Array($0.prefix.utf8) }
    }

    /// A day since 1970 as yyyymmdd.
    private static func dateText(_ day: Int64) -> [UInt8] {
        // Days are counted in eras of 400 years from 1 March of year 0, so that leap days come last.
        let shifted = day + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        let date = dayOfYear - (153 * month + 2) / 5 + 1
        let realMonth = month < 10 ? month + 3 : month - 9
        let year = yearOfEra + era * 400 + (realMonth <= 2 ? 1 : 0)
        func digits(_ value: Int64, _ count: Int) -> [UInt8] {
            let text = Array(String(max(0, value)).utf8)
            return [UInt8](repeating: 0x30, count: max(0, count - text.count)) + text
        }
        return digits(year, 4) + digits(realMonth, 2) + digits(date, 2)
    }
}

/// Studies from a source, each once.
struct StudyCandidates {
    private enum Remaining {
        case uids(ArraySlice<UID>)
        case entities(ArraySlice<StudyEntity>)
        case scan(StudyCursor)
    }

    private let snapshot: Snapshot
    private var remaining: Remaining

    init(_ source: StudySource, in snapshot: Snapshot) throws(IndexFault) {
        self.snapshot = snapshot
        switch source {
        case .studyUIDs(let uids): remaining = .uids(Self.unique(uids)[...])
        case .seriesUIDs(let uids):
            var found: [StudyEntity] = []
            for uid in Self.unique(uids) { for series in try snapshot.series(uid) { found.append(series.study) } }
            remaining = .entities(Self.unique(found)[...])
        case .instanceUIDs(let uids):
            var found: [StudyEntity] = []
            for uid in Self.unique(uids) {
                for instance in try snapshot.instances(uid) { found.append(instance.series.study) }
            }
            remaining = .entities(Self.unique(found)[...])
        case .patientIDs(let ids):
            var found: [StudyEntity] = []
            for id in ids { for patient in try snapshot.patients(id: id) { found += try patient.studies() } }
            remaining = .entities(Self.unique(found)[...])
        case .namePrefix(let prefix):
            remaining = .entities(try Self.studies(of: try snapshot.patients(foldedNamePrefix: prefix)))
        case .nameScan(let pattern):
            let patients = try snapshot.patients { pattern.matches(String(decoding: $0, as: UTF8.self)) }
            remaining = .entities(try Self.studies(of: patients))
        case .accessionNumbers(let numbers):
            var found: [UID] = []
            for number in numbers { found += try snapshot.studies(accessionNumber: number) }
            remaining = .uids(Self.unique(found)[...])
        case .accessionPrefix(let prefix):
            remaining = .uids(try snapshot.studies(accessionNumberPrefix: prefix)[...])
        case .dates(let first, let last):
            remaining = .uids(try snapshot.studies(dateFrom: first, through: last)[...])
        case .scan: remaining = .scan(try snapshot.studies())
        }
    }

    private static func studies(of patients: [PatientEntity]) throws(IndexFault) -> ArraySlice<StudyEntity> {
        var found: [StudyEntity] = []
        for patient in patients { found += try patient.studies() }
        return unique(found)[...]
    }

    private static func unique(_ uids: [UID]) -> [UID] {
        var seen: Set<UID> = []
        return uids.filter { seen.insert($0).inserted }
    }

    private static func unique(_ studies: [StudyEntity]) -> [StudyEntity] {
        var seen: Set<UID> = []
        return studies.filter { seen.insert($0.studyInstanceUID).inserted }
    }

    mutating func next() throws(IndexFault) -> StudyEntity? {
        switch remaining {
        case .uids(var uids):
            while let uid = uids.popFirst() {
                remaining = .uids(uids)
                if let study = try snapshot.study(uid) { return study }
            }
            return nil
        case .entities(var entities):
            let next = entities.popFirst()
            remaining = .entities(entities)
            return next
        case .scan(var cursor):
            let next = try cursor.next()
            remaining = .scan(cursor)
            return next
        }
    }
}
