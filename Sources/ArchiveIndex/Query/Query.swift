// A C-FIND identifier as a typed value (PS3.4 §C.4.1.1): parsed once, then planned and streamed.

import DICOM

/// A query.
package struct Query: Sendable {
    /// Whose entities are asked for.
    package let level: Level
    /// What must match; universal keys aren't here.
    package let conditions: [Condition]
    /// The same of keys that the index doesn't hold: see `HeaderKeys`. They are tested last.
    package let headerConditions: [Condition]
    /// What headers are read for, to be matched or only to be returned, ascending.
    package let headerKeys: [Tag]
    /// What is returned: requested and supported keys, ascending.
    package let returnKeys: [ReturnKey]
    /// Requested keys that aren't supported; they make the status FF01H (PS3.4 §C.4.1.1.4).
    package let unsupportedKeys: [Tag]
    /// The request's Specific Character Set: responses use it where it can carry them.
    package let characterSet: SpecificCharacterSet
    /// Retrieve AE Title (0008,0054) asks for another's: then nothing matches.
    package let asksElsewhere: Bool
    /// With the request's Timezone Offset From UTC, where it has one.
    package let options: MatchingOptions
    /// What dates and times are put into, before they are matched and in responses; nil where that wasn't agreed on, or the
    /// request names no zone.
    let zone: ZoneAdjustment?

    /// A key that must match.
    package struct Condition: Sendable {
        package let tag: Tag
        /// At or above the query's.
        package let level: Level
        package let matcher: Matcher
        /// Of a time that belongs to a date: both ends of the range count together with the date's.
        package fileprivate(set) var combined: CombinedRange?
    }

    /// A key to be returned, with what a sequence's item asks for.
    package struct ReturnKey: Sendable {
        package let tag: Tag
        package let vr: VR
        package let level: Level
        /// Of a sequence: what is asked of its items. Without any, all items are returned, whole.
        package let itemKeys: [SequenceKey]
    }

    /// Keys in an identifier; more are refused.
    package static let keysMaximum = 2_048

    static func checkCount(of identifier: DataSet) throws(QueryFault) {
        guard identifier.elements.count <= keysMaximum else {
            throw QueryFault(.overLimit, [], "more than \(keysMaximum) keys")
        }
    }

    /// Whether responses are FF00H rather than FF01H.
    package var isFullySupported: Bool { unsupportedKeys.isEmpty }

    /// Parses an identifier. Keys of levels above are matched whether or not relational queries were negotiated, because
    /// real clients send them unasked (PS3.4 §C.4.1.2.2.1).
    ///
    /// - Throws: what makes the status A900H or A700H.
    package init(identifier: DataSet, model: InformationModel, options: MatchingOptions) throws(QueryFault) {
        try Self.checkCount(of: identifier)
        level = try model.level(of: identifier, isStrict: options.isStrict)
        if options.isStrict, !options.extensions.contains(.relationalQueries) {
            try HierarchyRules(model: model, level: level).check(query: identifier)
        }
        characterSet = SpecificCharacterSet(stored: identifier.bytes(.specificCharacterSet))
        var conditions: [Condition] = []
        var headerConditions: [Condition] = []
        var headerKeys: [Tag] = []
        var returned: [ReturnKey] = []
        var unsupported: [Tag] = []
        var adjusted = options
        if let offset = identifier.bytes(.timezoneOffsetFromUTC).flatMap({ UTCOffset(stored: $0) }) {
            adjusted.utcOffset = offset
            zone = options.extensions.contains(.timezoneAdjustment) ? ZoneAdjustment(target: offset) : nil
        } else {
            zone = nil
        }
        for element in identifier.elements where SupportedKeys.isKey(element.tag) {
            let isInHeaders = HeaderKeys.contains(element.tag)
            guard let own = isInHeaders ? level : SupportedKeys.level(of: element.tag), own <= level else {
                // Unknown private keys may be ignored (PS3.4 §C.4.1.1.3.2).
                if !element.tag.isPrivate { unsupported.append(element.tag) }
                continue
            }
            if isInHeaders { headerKeys.append(element.tag) }
            let matcher = try Matcher(element, characterSet: characterSet, options: adjusted)
            if own < level, element.tag == own.uniqueKey, model.levels.contains(own) {
                try Self.checkUpper(element, matcher)
            }
            if !matcher.isUniversal {
                let condition = Condition(tag: element.tag, level: own, matcher: matcher)
                if isInHeaders { headerConditions.append(condition) } else { conditions.append(condition) }
            }
            let known = DataDictionary.vr(of: element.tag)
            returned.append(
                ReturnKey(
                    tag: element.tag, vr: known == .UN ? element.vr : known, level: own,
                    itemKeys: try Matcher.itemKeys(of: element, characterSet: characterSet, options: adjusted)))
        }
        // It belongs to whatever level is asked, and each response has it (PS3.4 §C.4.1.1.3.2).
        if let key = identifier[.instanceAvailability] {
            let matcher = try Matcher(key, characterSet: characterSet, options: adjusted)
            if !matcher.isUniversal { conditions.append(Condition(tag: key.tag, level: level, matcher: matcher)) }
        }
        asksElsewhere = try Self.asksElsewhere(identifier, characterSet, adjusted)
        if adjusted.extensions.contains(.combinedDateTime) {
            Self.combine(&conditions)
            Self.combine(&headerConditions)
        }
        self.options = adjusted
        self.conditions = conditions
        self.headerConditions = headerConditions
        self.headerKeys = headerKeys
        returnKeys = returned
        unsupportedKeys = unsupported
    }

    /// A unique key of a level above has a single value (PS3.4 §C.4.1.2.1): wildcards in it have no meaning. Patient ID is
    /// such a key only where the model has a PATIENT level; in Study Root it is one of the study's (PS3.4 §C.6.2.1.2).
    private static func checkUpper(_ element: DataElement, _ matcher: Matcher) throws(QueryFault) {
        switch matcher {
        case .text(let patterns) where patterns.contains(where: \.hasWildcards):
            throw .key(element.tag, "no wildcards in a unique key above the level")
        case .all(let matchers):
            for matcher in matchers { try checkUpper(element, matcher) }
        default: break
        }
    }

    /// Retrieve AE Title is one and the same in all responses: it is matched once.
    private static func asksElsewhere(
        _ identifier: DataSet, _ characterSet: SpecificCharacterSet, _ options: MatchingOptions
    ) throws(QueryFault) -> Bool {
        guard let title = options.retrieveAETitle, let key = identifier[.retrieveAETitle] else { return false }
        let own = ResolvedValue(vr: .AE, bytes: Array(title.text.utf8), characterSet: nil, timezoneOffset: nil)
        return try !Matcher(key, characterSet: characterSet, options: options).matches(own, options: options)
    }

    /// Ranges of a date and of its time that are of one form are one range (PS3.4 §C.2.2.2.5.3).
    private static func combine(_ conditions: inout [Condition]) {
        for index in conditions.indices {
            guard let date = DateTimePairs.date(of: conditions[index].tag),
                case .times(let times) = conditions[index].matcher,
                case .dates(let dates)? = conditions.first(where: { $0.tag == date })?.matcher
            else { continue }
            conditions[index].combined = CombinedRange(date, dates, times)
        }
    }

    /// The condition on a tag, if there is one.
    func condition(_ tag: Tag) -> Matcher? { conditions.first { $0.tag == tag }?.matcher }

    /// The UIDs that a key names; none where it names none.
    func uids(_ tag: Tag) -> Set<UID> {
        guard case .uids(let uids)? = condition(tag) else { return [] }
        return uids
    }

    /// The conditions of one level.
    func conditions(at level: Level) -> [Condition] { conditions.filter { $0.level == level } }
}
