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
    /// Whatever their accents.
    case nameLetters(PlainPrefix)
    case nameScan(TextPattern, ignoresAccents: Bool)
    case dates(from: [UInt8]?, through: [UInt8]?)
    case scan

    /// All that a query could begin with, the most selective by their kind first; never none.
    static func all(for query: Query) -> [StudySource] {
        if case .uids(let uids)? = query.condition(.studyInstanceUID) { return [.studyUIDs(uids.sorted())] }
        if case .uids(let uids)? = query.condition(.sopInstanceUID) { return [.instanceUIDs(uids.sorted())] }
        if case .uids(let uids)? = query.condition(.seriesInstanceUID) { return [.seriesUIDs(uids.sorted())] }
        // Entities without a value match too, and no look-up has those.
        if query.options.unknownMatches { return [.scan] }
        var sources: [StudySource] = []
        if let ids = exact(query.condition(.patientID)) {
            // An ID with a backslash in it is filed as a whole, and several values to a key.
            sources.append(.patientIDs(ids.count > 1 ? ids + [Array(ids.joined(separator: [0x5C]))] : ids))
        }
        if let numbers = exact(query.condition(.accessionNumber)) { sources.append(.accessionNumbers(numbers)) }
        let pattern = namePattern(query)
        let ignoresAccents = query.options.ignoresAccents
        if let prefix = pattern?.prefix, !prefix.isEmpty {
            sources.append(ignoresAccents ? .nameLetters(PlainPrefix(prefix)) : .namePrefix(Array(prefix.utf8)))
        }
        if case .dates(let ranges)? = query.condition(.studyDate), let range = ranges.first, ranges.count == 1 {
            // The look-up has dates as they are stored; in the requester's zone some are of another day.
            let days = query.zone == nil ? 0 : ZoneAdjustment.daysMaximum
            sources.append(
                .dates(
                    from: range.earliest.flatMap { dateText($0 - days) },
                    through: range.latest.flatMap { dateText($0 + days) })
            )
        }
        if case .text(let patterns)? = query.condition(.accessionNumber), patterns.count == 1,
            let prefix = patterns.first?.prefix, !prefix.isEmpty, prefix.utf8.allSatisfy({ $0 < 0x80 }),
            !sources.contains(where: { if case .accessionNumbers = $0 { true } else { false } })
        {
            sources.append(.accessionPrefix(Array(prefix.utf8)))
        }
        if let pattern, pattern.prefix.isEmpty { sources.append(.nameScan(pattern, ignoresAccents: ignoresAccents)) }
        return sources + [.scan]
    }

    /// The source with the fewest candidates in `snapshot`: what look-ups hold is counted, in logarithmic time.
    ///
    /// - Parameter trace: is told of all sources and the one that was chosen.
    static func best(
        for query: Query, in snapshot: Snapshot, _ trace: MatchTrace? = nil, _ watch: SearchWatch? = nil
    ) throws(IndexFault) -> StudySource {
        let all = all(for: query)
        var best = 0
        var counts: [Int] = []
        // Any key is better than none; of several, those that the index has least of.
        if all.count > 2 || trace != nil {
            for source in all { counts.append(try snapshot.estimate(of: source, watch)) }
        }
        if all.count > 2 {
            for index in all.indices where counts[index] < counts[best] { best = index }
            // All studies in their order are met faster than a third of them in another order.
            let scan = all.count - 1
            if counts[best] > 10_000, counts[best] > counts[scan] / 3 { best = scan }
        }
        trace?.note(all, counts, chosen: best)
        return all[best]
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

    /// A day since 1970 as yyyymmdd; nil outside the years 0 to 9999, which no date is written in.
    static func dateText(_ day: Int64) -> [UInt8]? {
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
        guard (0...9_999).contains(year) else { return nil }
        func digits(_ value: Int64, _ count: Int) -> [UInt8] {
            let text = Array(String(value).utf8)
            return [UInt8](repeating: 0x30, count: max(0, count - text.count)) + text
        }
        return digits(year, 4) + digits(realMonth, 2) + digits(date, 2)
    }
}
