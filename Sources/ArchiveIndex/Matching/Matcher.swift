// One definition of matching (PS3.4 §C.2.2.2), for index rows and whole data sets alike.

import DICOM

/// A key, ready to be compared with stored values. Several values of a key mean any of them, as clients mean it that send `CT\MR`,
/// unless multiple value matching was agreed on.
package indirect enum Matcher: Hashable, Sendable {
    /// Zero length, or only `*` (PS3.4 §C.2.2.2.3): clients send `*` for dates and UIDs too.
    case universal
    /// UIDs, single or a list (PS3.4 §C.2.2.2.2).
    case uids(Set<UID>)
    /// Text, single value and wildcard: case-sensitive (PS3.4 §C.2.2.2.1, §C.2.2.2.4).
    case text([TextPattern])
    /// Names: folded component groups (PS3.4 §C.2.2.2.1.1).
    case names([NameKey])
    /// Names by their words, where fuzzy matching was agreed on.
    case fuzzyNames([FuzzyNameKey])
    /// What is absent or empty (PS3.4 §C.2.2.2.7).
    case empty
    /// All values of a key (PS3.4 §C.2.2.2.8).
    case all([Matcher])
    /// IS and DS, by number.
    case numbers([NumericString])
    case dates([ValueRange])
    case times([ValueRange])
    case dateTimes([ValueRange])
    /// Numbers in binary, as their little-endian bytes.
    case words([[UInt8]])
    /// One item whose keys all match within one stored item (PS3.4 §C.2.2.2.6).
    case sequence([SequenceKey])

    /// Matches everything.
    package var isUniversal: Bool {
        if case .universal = self { return true }
        return false
    }
}

/// A key within a sequence's item.
package struct SequenceKey: Hashable, Sendable {
    let tag: Tag
    let vr: VR
    /// Universal for a key that is only to be returned.
    let matcher: Matcher
    /// Of a sequence within the item: what is asked of its items.
    let itemKeys: [SequenceKey]
}

extension Matcher {
    /// From a key of an identifier.
    ///
    /// - Throws: wildcards where a VR has none, values that have no meaning as keys, a sequence of several items.
    package init(
        _ key: DataElement, characterSet: SpecificCharacterSet, options: MatchingOptions, depth: Int = 0
    ) throws(QueryFault) {
        let vr = key.vr == .UN ? DataDictionary.vr(of: key.tag) : key.vr
        switch key.value {
        case .items(let items):
            self = try Self.sequence(key.tag, items, characterSet, options, depth)
        case .fragments: throw .key(key.tag, "pixel data is no key")
        case .bytes(let bytes):
            let trimmed = bytes.trimmingPadding()
            if options.extensions.contains(.emptyValue), vr.isText, trimmed.elementsEqual([0x22, 0x22]) {
                self = .empty
            } else if vr == .SQ || vr.isText && trimmed.allSatisfy({ $0 == 0x2A }) || bytes.isEmpty {
                self = .universal
            } else {
                let matcher = try Self.value(key.tag, vr, bytes, characterSet, options)
                self = options.extensions.contains(.multipleValues) ? matcher.asking(forAllOf: key.tag, vr) : matcher
            }
        }
    }

    private static func sequence(
        _ tag: Tag, _ items: [DataSet], _ outer: SpecificCharacterSet, _ options: MatchingOptions, _ depth: Int
    ) throws(QueryFault) -> Matcher {
        let keys = try itemKeys(tag, items, outer, options, depth).filter { !$0.matcher.isUniversal }
        return keys.isEmpty ? .universal : .sequence(keys)
    }

    /// What a sequence key asks of items: those that match are returned with these attributes (PS3.4 §C.2.2.2.6). Empty for
    /// other keys and for a sequence without an item.
    static func itemKeys(
        of key: DataElement, characterSet: SpecificCharacterSet, options: MatchingOptions
    ) throws(QueryFault) -> [SequenceKey] {
        guard case .items(let items) = key.value else { return [] }
        return try itemKeys(key.tag, items, characterSet, options, 0)
    }

    private static func itemKeys(
        _ tag: Tag, _ items: [DataSet], _ outer: SpecificCharacterSet, _ options: MatchingOptions, _ depth: Int
    ) throws(QueryFault) -> [SequenceKey] {
        guard items.count <= 1 else { throw .key(tag, "a sequence key has one item") }
        guard depth < 64 else { throw QueryFault(.overLimit, [tag], "sequences nest too deep") }
        guard let item = items.first else { return [] }
        let own = item.bytes(.specificCharacterSet).map { SpecificCharacterSet(stored: $0) } ?? outer
        var keys: [SequenceKey] = []
        for element in item.elements where element.tag != .specificCharacterSet {
            var inner: [SequenceKey] = []
            var matcher = Matcher.universal
            if case .items(let items) = element.value {
                inner = try itemKeys(element.tag, items, own, options, depth + 1)
                let conditions = inner.filter { !$0.matcher.isUniversal }
                if !conditions.isEmpty { matcher = .sequence(conditions) }
            } else {
                matcher = try Matcher(element, characterSet: own, options: options, depth: depth + 1)
            }
            keys.append(SequenceKey(tag: element.tag, vr: element.vr, matcher: matcher, itemKeys: inner))
        }
        return keys
    }

    /// Values of a key that isn't a UID; more are refused: each is a pattern in memory that every candidate is compared with.
    private static let valuesMaximum = 4_096

    /// The longest value with wildcards: looking for one takes its length times that of what is stored.
    private static let wildcardMaximumBytes = 1_024

    /// All of them together: nobody hears a C-CANCEL while one value is compared with them.
    private static let wildcardsMaximumBytes = 8_192

    private static func takesWildcards(_ vr: VR) -> Bool {
        vr.usesSpecificCharacterSet || vr == .AE || vr == .CS || vr == .UR
    }

    /// - Throws: `.overLimit` where values with wildcards are too long, one of them or all together.
    private static func checkWildcards(_ tag: Tag, _ bytes: [UInt8]) throws(QueryFault) {
        let lengths = bytes.split(separator: 0x5C).filter { $0.contains { $0 == 0x2A || $0 == 0x3F } }.map(\.count)
        guard lengths.allSatisfy({ $0 <= wildcardMaximumBytes }) else {
            throw QueryFault(.overLimit, [tag], "a wildcard key of more than \(wildcardMaximumBytes) bytes")
        }
        guard lengths.reduce(0, +) <= wildcardsMaximumBytes else {
            throw QueryFault(.overLimit, [tag], "wildcard keys of more than \(wildcardsMaximumBytes) bytes")
        }
    }

    private static func value(
        _ tag: Tag, _ vr: VR, _ bytes: [UInt8], _ characterSet: SpecificCharacterSet, _ options: MatchingOptions
    ) throws(QueryFault) -> Matcher {
        guard vr == .UI || bytes.count(where: { $0 == 0x5C }) < valuesMaximum else {
            throw QueryFault(.overLimit, [tag], "more than \(valuesMaximum) values")
        }
        if takesWildcards(vr) { try checkWildcards(tag, bytes) }
        switch vr {
        case .UI:
            var uids: [UID] = []
            for part in bytes.split(separator: 0x5C) {
                guard !part.contains(0x2A), !part.contains(0x3F) else { throw .key(tag, "a UID takes no wildcards") }
                guard !part.trimmingPadding().isEmpty else { continue }
                guard let uid = UID(stored: part) else { throw .key(tag, "it is no UID") }
                uids.append(uid)
            }
            return uids.isEmpty ? .universal : .uids(Set(uids))
        case .PN:
            // An empty one of several values matches nothing; none but empty ones are no condition.
            if options.extensions.contains(.fuzzyNames) {
                let keys = characterSet.decodeValues(bytes, vr: .PN).map { FuzzyNameKey($0) }.filter { !$0.isEmpty }
                return keys.isEmpty ? .universal : .fuzzyNames(keys)
            }
            let keys = characterSet.decodeValues(bytes, vr: .PN).map {
                NameKey($0, ignoresAccents: options.ignoresAccents)
            }.filter { !$0.isEmpty }
            return keys.isEmpty ? .universal : .names(keys)
        case .DA: return ranged(try ranges(tag, bytes) { ValueRange.dates($0) }, Matcher.dates)
        case .TM: return ranged(try ranges(tag, bytes) { ValueRange.times($0) }, Matcher.times)
        case .DT:
            let ranges = try ranges(tag, bytes) { ValueRange.dateTimes($0, assuming: options.utcOffset) }
            return ranged(ranges, Matcher.dateTimes)
        case .IS, .DS:
            var numbers: [NumericString] = []
            for part in bytes.split(separator: 0x5C) where !part.trimmingPadding().isEmpty {
                guard let number = NumericString(stored: part) else {
                    throw .key(tag, "it is no number; \(vr) takes no wildcards")
                }
                numbers.append(number)
            }
            return numbers.isEmpty ? .universal : .numbers(numbers)
        case .AS where bytes.contains(0x2A) || bytes.contains(0x3F): throw .key(tag, "an age takes no wildcards")
        case _ where vr.isText:
            return .text(characterSet.decodeValues(bytes, vr: vr).map { TextPattern($0) })
        default:
            let size = vr.valueBytes ?? bytes.count
            guard bytes.count % size == 0 else { throw .key(tag, "its length is no multiple of \(vr)") }
            return .words(stride(from: 0, to: bytes.count, by: size).map { Array(bytes[$0..<($0 + size)]) })
        }
    }

    /// Blank ones of several values ask nothing, and none but blank ones are no condition.
    private static func ranged(_ ranges: [ValueRange], _ matcher: ([ValueRange]) -> Matcher) -> Matcher {
        ranges.isEmpty ? .universal : matcher(ranges)
    }

    private static func ranges(
        _ tag: Tag, _ bytes: [UInt8], _ parse: (ArraySlice<UInt8>) -> ValueRange?
    ) throws(QueryFault) -> [ValueRange] {
        var ranges: [ValueRange] = []
        for part in bytes.split(separator: 0x5C) {
            let trimmed = part.trimmingPadding()
            guard !trimmed.isEmpty else { continue }
            guard let range = parse(trimmed) else {
                throw .key(tag, "\(printable(trimmed, maximumBytes: 30)) is no date, time or range")
            }
            ranges.append(range)
        }
        return ranges
    }

    /// All values of a key must be there, where its attribute may have several (PS3.4 §C.2.2.2.8).
    private func asking(forAllOf tag: Tag, _ vr: VR) -> Matcher {
        switch vr {
        case .AE, .AS, .AT, .CS, .LO, .PN, .SH, .UC: break
        case .UI: return self
        default: guard let vm = DataDictionary.entry(for: tag)?.vm, vm != "1" else { return self }
        }
        switch self {
        case .text(let patterns) where patterns.count > 1: return .all(patterns.map { .text([$0]) })
        case .names(let keys) where keys.count > 1: return .all(keys.map { .names([$0]) })
        case .fuzzyNames(let keys) where keys.count > 1: return .all(keys.map { .fuzzyNames([$0]) })
        case .numbers(let numbers) where numbers.count > 1: return .all(numbers.map { .numbers([$0]) })
        case .dates(let ranges) where ranges.count > 1: return .all(ranges.map { .dates([$0]) })
        case .times(let ranges) where ranges.count > 1: return .all(ranges.map { .times([$0]) })
        case .dateTimes(let ranges) where ranges.count > 1: return .all(ranges.map { .dateTimes([$0]) })
        case .words(let words) where words.count > 1: return .all(words.map { .words([$0]) })
        default: return self
        }
    }
}
