// The Identifier of a C-FIND response (PS3.4 §C.4.1.1.3.2): the keys asked for, in a character set that carries them all.

import DICOM

/// Which character set responses are in.
package struct ResponseEncoding: Hashable, Sendable {
    /// Used where the request's can't carry a response; UTF-8 carries everything.
    package var fallback: SpecificCharacterSet
    /// Used always, whatever the request says.
    package var isOverriding: Bool

    package init(fallback: SpecificCharacterSet = .utf8, isOverriding: Bool = false) {
        self.fallback = fallback
        self.isOverriding = isOverriding
    }
}

/// Makes the identifiers of responses.
package enum ResponseIdentifier {
    /// The response for a match: requested and supported keys, zero length where there is no value; the level; where to
    /// retrieve from, and whether it can be, asked for or not; Specific Character Set only where a value needs it.
    package static func make(
        _ match: Candidate, for query: Query, retrieveAETitle: AETitle, encoding: ResponseEncoding = ResponseEncoding()
    ) throws(IndexFault) -> DataSet {
        var values: [(key: Query.ReturnKey, value: ResolvedValue?)] = []
        for key in query.returnKeys where !match.lackingKeys.contains(key.tag) {
            values.append((key, try match.value(key.tag)))
        }
        let preferred = encoding.isOverriding ? encoding.fallback : query.characterSet
        var identifier = DataSet()
        for candidate in [preferred, encoding.fallback, .utf8] {
            if let coded = dataSet(values, in: candidate, query.options) {
                identifier = coded
                break
            }
        }
        // Whose clock it is that times are given by (PS3.4 §C.4.1.1.3.2).
        if let zone = query.zone { identifier.set(.timezoneOffsetFromUTC, .SH, text: zone.target.text) }
        identifier.set(.queryRetrieveLevel, .CS, text: query.level.name)
        identifier.set(.retrieveAETitle, .AE, text: retrieveAETitle.text)
        if let availability = try match.value(.instanceAvailability) {
            identifier.set(.instanceAvailability, .CS, bytes: availability.bytes)
        }
        return identifier
    }

    /// All values in one character set; nil when it can't carry them.
    private static func dataSet(
        _ values: [(key: Query.ReturnKey, value: ResolvedValue?)], in target: SpecificCharacterSet,
        _ options: MatchingOptions
    ) -> DataSet? {
        var elements: [DataElement] = []
        var needsCharacterSet = false
        for (key, value) in values {
            guard let value else {
                elements.append(DataElement(key.tag, key.vr, key.vr == .SQ ? .items([]) : .bytes([])))
                continue
            }
            if value.vr == .SQ {
                let stored = (try? DataSet.items(inSequence: value.bytes)) ?? []
                let wanted = Items(
                    asked: key.itemKeys, outer: value.characterSet, target: target,
                    options: options.withItems(in: value.timezoneOffset))
                guard let items = wanted.returned(of: stored, &needsCharacterSet) else {
                    return nil
                }
                elements.append(DataElement(key.tag, .SQ, .items(items)))
                continue
            }
            guard let bytes = recoded(value.bytes, value.vr, value.characterSet, target, &needsCharacterSet) else {
                return nil
            }
            elements.append(DataElement(key.tag, value.vr, .bytes(padded(bytes, value.vr))))
        }
        var set = DataSet(elements)
        if needsCharacterSet { set.set(.specificCharacterSet, .CS, bytes: target.storedValue) }
        return set
    }

    /// The longest value of an Explicit VR with a length of 16 bits (PS3.5 §7.1.2).
    private static let shortValueMaximumBytes = 65_534

    private static func padded(_ bytes: [UInt8], _ vr: VR) -> [UInt8] {
        bytes.count % 2 == 1 ? bytes + [vr.padding] : bytes
    }

    /// A value in the target's bytes; nil when they can't carry it. ISO 646 isn't the same in all
    /// sets: JIS X 0201 has other characters for two of its codes. A value that is too long in all of them is none: of 64
    /// characters that its VR allows it has thousands.
    private static func recoded(
        _ bytes: [UInt8], _ vr: VR, _ stored: [UInt8]?, _ target: SpecificCharacterSet, _ needsCharacterSet: inout Bool
    ) -> [UInt8]? {
        let isShort = vr != .UC && vr != .UT
        guard vr.usesSpecificCharacterSet else {
            return vr.isText && vr != .UR && bytes.count > shortValueMaximumBytes ? [] : bytes
        }
        let text = SpecificCharacterSet(stored: stored).decode(bytes, vr: vr)
        guard let coded = target.encode(text, vr: vr) else { return nil }
        if isShort, coded.count > shortValueMaximumBytes { return target == .utf8 ? [] : nil }
        if coded.contains(where: { $0 >= 0x80 || $0 == 0x1B }) || !text.utf8.elementsEqual(coded) {
            needsCharacterSet = true
        }
        return coded
    }

    /// Items of a sequence on their way into a response.
    private struct Items {
        let asked: [SequenceKey]
        /// The Specific Character Set that items without one of their own are in.
        let outer: [UInt8]?
        let target: SpecificCharacterSet
        let options: MatchingOptions
        var depth = 0

        /// The items that match, with the attributes asked for, all where none are named (PS3.4 §C.2.2.2.6); nil when
        /// `target` can't carry them.
        func returned(of items: [DataSet], _ needsCharacterSet: inout Bool) -> [DataSet]? {
            guard depth < 64 else { return nil }
            var returned: [DataSet] = []
            for item in items where asked.match(item, in: SpecificCharacterSet(stored: outer), options) {
                guard let coded = self.item(item, &needsCharacterSet) else { return nil }
                returned.append(coded)
            }
            return returned
        }

        private func item(_ item: DataSet, _ needsCharacterSet: inout Bool) -> DataSet? {
            let stored = item.bytes(.specificCharacterSet) ?? outer
            var elements: [DataElement] = []
            for element in item.elements where element.tag != .specificCharacterSet {
                let key = asked.first { $0.tag == element.tag }
                if !asked.isEmpty, key == nil { continue }
                switch element.value {
                case .bytes(let bytes):
                    guard let coded = recoded(bytes, element.vr, stored, target, &needsCharacterSet) else { return nil }
                    elements.append(DataElement(element.tag, element.vr, .bytes(padded(coded, element.vr))))
                case .items(let items):
                    let inner = Items(
                        asked: key?.itemKeys ?? [], outer: stored, target: target, options: options, depth: depth + 1)
                    guard let items = inner.returned(of: items, &needsCharacterSet) else { return nil }
                    elements.append(DataElement(element.tag, element.vr, .items(items)))
                case .fragments: continue
                }
            }
            for key in asked where item[key.tag] == nil {
                let vr = DataDictionary.vr(of: key.tag)
                elements.append(DataElement(key.tag, vr, vr == .SQ ? .items([]) : .bytes([])))
            }
            return DataSet(elements)
        }
    }
}
