// One definition of matching (PS3.4 §C.2.2.2), for index rows and whole data sets alike.

import DICOM

/// A key, ready to be compared with stored values. Several values of a key mean any of them: multiple value matching isn't
/// negotiated, and clients that send `CT\MR` mean "or".
package enum Matcher: Hashable, Sendable {
    /// Zero length, or only `*` (PS3.4 §C.2.2.2.3): clients send `*` for dates and UIDs too.
    case universal
    /// UIDs, single or a list (PS3.4 §C.2.2.2.2).
    case uids([UID])
    /// Text, single value and wildcard: case-sensitive (PS3.4 §C.2.2.2.1, §C.2.2.2.4).
    case text([TextPattern])
    /// Names: folded component groups (PS3.4 §C.2.2.2.1.1).
    case names([NameKey])
    /// IS and DS, by number.
    case numbers([NumericString])
    case dates([ValueRange])
    case times([ValueRange])
    case dateTimes([ValueRange])
    /// Numbers in binary, as their little-endian bytes.
    case words([[UInt8]])
    /// One item whose keys all match within one stored item (PS3.4 §C.2.2.2.6).
    case sequence([SequenceKey])

    package var isUniversal: Bool { self == .universal }
}

/// A key within a sequence's item.
package struct SequenceKey: Hashable, Sendable {
    let tag: Tag
    let vr: VR
    let matcher: Matcher
}

/// A name key: a pattern for each component group that it has; without `=` for any group.
package struct NameKey: Hashable, Sendable {
    /// By position, nil where the key's group is empty. One alone stands for all groups.
    let groups: [TextPattern?]
    let isOfAnyGroup: Bool

    init(_ text: String) {
        let parts = text.split(separator: "=", omittingEmptySubsequences: false).prefix(3)
        groups = parts.map { part in
            let folded = PersonName(String(part)).alphabetic.folded
            return folded.isEmpty ? nil : TextPattern(folded)
        }
        isOfAnyGroup = parts.count == 1
    }

    func matches(_ name: PersonName) -> Bool {
        let stored = name.groups.map(\.folded)
        if isOfAnyGroup, let pattern = groups[0] { return stored.contains { !$0.isEmpty && pattern.matches($0) } }
        for (index, pattern) in groups.enumerated() {
            guard let pattern else { continue }
            guard index < stored.count, pattern.matches(stored[index]) else { return false }
        }
        return true
    }

    /// The folded pattern by which the index can look for candidates: any group's must match it.
    package var candidate: TextPattern? { groups.compactMap { $0 }.first }
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
            if vr == .SQ || vr.isText && trimmed.allSatisfy({ $0 == 0x2A }) || bytes.isEmpty {
                self = .universal
            } else {
                self = try Self.value(key.tag, vr, bytes, characterSet, options)
            }
        }
    }

    private static func sequence(
        _ tag: Tag, _ items: [DataSet], _ outer: SpecificCharacterSet, _ options: MatchingOptions, _ depth: Int
    ) throws(QueryFault) -> Matcher {
        guard items.count <= 1 else { throw .key(tag, "a sequence key has one item") }
        guard depth < 64 else { throw QueryFault(.overLimit, [tag], "sequences nest too deep") }
        guard let item = items.first else { return .universal }
        let own = item.bytes(.specificCharacterSet).map { SpecificCharacterSet(stored: $0) } ?? outer
        var keys: [SequenceKey] = []
        for element in item.elements where element.tag != .specificCharacterSet {
            let matcher = try Matcher(element, characterSet: own, options: options, depth: depth + 1)
            if !matcher.isUniversal { keys.append(SequenceKey(tag: element.tag, vr: element.vr, matcher: matcher)) }
        }
        return keys.isEmpty ? .universal : .sequence(keys)
    }

    private static func value(
        _ tag: Tag, _ vr: VR, _ bytes: [UInt8], _ characterSet: SpecificCharacterSet, _ options: MatchingOptions
    ) throws(QueryFault) -> Matcher {
        switch vr {
        case .UI:
            var uids: [UID] = []
            for part in bytes.split(separator: 0x5C) {
                guard !part.contains(0x2A), !part.contains(0x3F) else { throw .key(tag, "a UID takes no wildcards") }
                guard !part.trimmingPadding().isEmpty else { continue }
                guard let uid = UID(stored: part) else { throw .key(tag, "it is no UID") }
                uids.append(uid)
            }
            return uids.isEmpty ? .universal : .uids(uids)
        case .PN:
            return .names(characterSet.decodeValues(bytes, vr: .PN).map { NameKey($0) })
        case .DA: return .dates(try ranges(tag, bytes) { ValueRange.dates($0) })
        case .TM: return .times(try ranges(tag, bytes) { ValueRange.times($0) })
        case .DT: return .dateTimes(try ranges(tag, bytes) { ValueRange.dateTimes($0, assuming: options.utcOffset) })
        case .IS, .DS:
            var numbers: [NumericString] = []
            for part in bytes.split(separator: 0x5C) {
                guard let number = NumericString(stored: part) else {
                    throw .key(tag, "it is no number; \(vr) takes no wildcards")
                }
                numbers.append(number)
            }
            return .numbers(numbers)
        case _ where vr.isText:
            return .text(characterSet.decodeValues(bytes, vr: vr).map { TextPattern($0) })
        default:
            guard bytes.count % vr.wordBytes == 0 else { throw .key(tag, "its length is no multiple of \(vr)") }
            return .words(
                stride(from: 0, to: bytes.count, by: vr.wordBytes).map { Array(bytes[$0..<($0 + vr.wordBytes)]) })
        }
    }

    private static func ranges(
        _ tag: Tag, _ bytes: [UInt8], _ parse: (ArraySlice<UInt8>) -> ValueRange?
    ) throws(QueryFault) -> [ValueRange] {
        var ranges: [ValueRange] = []
        for part in bytes.split(separator: 0x5C) {
            let trimmed = part.trimmingPadding()
            guard let range = parse(trimmed) else {
                throw .key(tag, "\(printable(trimmed, maximumBytes: 30)) is no date, time or range")
            }
            ranges.append(range)
        }
        return ranges
    }
}
