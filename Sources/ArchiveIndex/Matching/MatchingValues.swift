// A matcher applied to stored values: any value of a multi-valued attribute may match (PS3.4 §C.2.2.3).

import DICOM

extension Matcher {
    /// Whether a stored value matches; nil is an attribute that isn't there, which counts as empty.
    package func matches(_ value: ResolvedValue?, options: MatchingOptions) -> Bool {
        if isUniversal { return true }
        guard let value else { return self == .empty || options.unknownMatches }
        return matches(
            value.vr, value.bytes, SpecificCharacterSet(stored: value.characterSet), offset: value.timezoneOffset,
            options: options, depth: 0)
    }

    private func matches(
        _ vr: VR, _ bytes: [UInt8], _ characterSet: @autoclosure () -> SpecificCharacterSet, offset: [UInt8]?,
        options: MatchingOptions, depth: Int
    ) -> Bool {
        if bytes.trimmingPadding().isEmpty, vr.isText || bytes.isEmpty {
            return self == .empty || options.unknownMatches
        }
        switch self {
        case .empty: return false
        case .all(let matchers):
            return matchers.allSatisfy {
                $0.matches(vr, bytes, characterSet(), offset: offset, options: options, depth: depth)
            }
        case .fuzzyNames(let keys):
            let names = characterSet().decodeValues(bytes, vr: .PN).map { PersonName($0) }.filter { !$0.isEmpty }
            if names.isEmpty { return options.unknownMatches }
            return names.contains { name in keys.contains { $0.matches(name) } }
        case .universal: return true
        case .uids(let uids):
            return bytes.split(separator: 0x5C).contains { part in UID(stored: part).map { uids.contains($0) } ?? false
            }
        case .text(let patterns):
            let values = characterSet().decodeValues(bytes, vr: vr)
            return values.contains { value in patterns.contains { $0.matches(value) } }
        case .names(let keys):
            let names = characterSet().decodeValues(bytes, vr: .PN).map { PersonName($0) }.filter { !$0.isEmpty }
            // Delimiters alone are no name.
            if names.isEmpty { return options.unknownMatches }
            return names.contains { name in keys.contains { $0.matches(name) } }
        case .numbers(let numbers):
            return bytes.split(separator: 0x5C).contains { part in
                NumericString(stored: part).map { numbers.contains($0) } ?? false
            }
        case .dates(let ranges):
            return bytes.split(separator: 0x5C).contains { part in
                DateValue(stored: part).map { date in ranges.contains { $0.matches(date.interval) } } ?? false
            }
        case .times(let ranges):
            return bytes.split(separator: 0x5C).contains { part in
                TimeValue(stored: part).map { time in ranges.contains { $0.matches(time.interval) } } ?? false
            }
        case .dateTimes(let ranges):
            let assumed = offset.flatMap { UTCOffset(stored: $0) } ?? options.utcOffset
            return bytes.split(separator: 0x5C).contains { part in
                DateTimeValue(stored: part)
                    .map { time in ranges.contains { $0.matches(time.interval(assuming: assumed)) } } ?? false
            }
        case .words(let words):
            guard let size = words.first?.count, size > 0 else { return false }
            if vr.valueBytes == nil { return words.contains(bytes) }
            return stride(from: 0, through: bytes.count - size, by: size).contains { start in
                words.contains { $0[...] == bytes[start..<(start + size)] }
            }
        case .sequence(let keys):
            guard depth < 64, let items = try? DataSet.items(inSequence: bytes) else { return false }
            let outer = characterSet()
            let inner = options.withItems(in: offset)
            return items.contains { item in
                let own = item.bytes(.specificCharacterSet).map { SpecificCharacterSet(stored: $0) } ?? outer
                return keys.allSatisfy { $0.matches(item, own, inner, depth + 1) }
            }
        }
    }
}

extension Array<SequenceKey> {
    /// Whether all keys match within one item of a sequence whose data set is in `outer`.
    func match(_ item: DataSet, in outer: SpecificCharacterSet, _ options: MatchingOptions) -> Bool {
        let own = item.bytes(.specificCharacterSet).map { SpecificCharacterSet(stored: $0) } ?? outer
        return allSatisfy { $0.matches(item, own, options, 1) }
    }
}

extension SequenceKey {
    fileprivate func matches(
        _ item: DataSet, _ characterSet: SpecificCharacterSet, _ options: MatchingOptions, _ depth: Int
    ) -> Bool {
        if matcher.isUniversal { return true }
        switch item[tag]?.value {
        case .bytes(let bytes):
            return matcher.matchesItem(item[tag]?.vr ?? vr, bytes, characterSet, options, depth)
        case .items(let items):
            guard case .sequence(let keys) = matcher else { return false }
            return depth < 64
                && items.contains { inner in keys.allSatisfy { $0.matches(inner, characterSet, options, depth + 1) } }
        default: return matcher == .empty || options.unknownMatches
        }
    }
}

extension Matcher {
    fileprivate func matchesItem(
        _ vr: VR, _ bytes: [UInt8], _ characterSet: SpecificCharacterSet, _ options: MatchingOptions, _ depth: Int
    ) -> Bool {
        matches(vr, bytes, characterSet, offset: nil, options: options, depth: depth)
    }
}

extension VR {
    /// Bytes of one value of a VR of numbers in binary; nil where all bytes are one value (PS3.5 §6.4).
    var valueBytes: Int? {
        switch self {
        case .AT: 4
        case .OB, .OD, .OF, .OL, .OV, .OW, .UN: nil
        default: wordBytes
        }
    }
}
