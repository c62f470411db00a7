// A C-FIND identifier as a typed value (PS3.4 §C.4.1.1): parsed once, then planned and streamed.

import DICOM

/// A query.
package struct Query: Sendable {
    package let model: InformationModel
    package let level: Level
    /// What must match; universal keys aren't here.
    package let conditions: [Condition]
    /// What is returned: requested and supported keys, ascending.
    package let returnKeys: [ReturnKey]
    /// Requested keys that aren't supported; they make the status FF01H (PS3.4 §C.4.1.1.4).
    package let unsupportedKeys: [Tag]
    /// The request's Specific Character Set: responses use it where it can carry them.
    package let characterSet: SpecificCharacterSet
    package let options: MatchingOptions

    /// A key that must match.
    package struct Condition: Sendable {
        package let tag: Tag
        package let level: Level
        package let matcher: Matcher
    }

    /// A key to be returned, with what a sequence's item asks for.
    package struct ReturnKey: Sendable {
        package let tag: Tag
        package let vr: VR
        package let level: Level
        /// Of a sequence: the attributes of its item that are asked for; none asks for all.
        package let itemTags: [Tag]
    }

    package static let keysMaximum = 2_048

    package var isFullySupported: Bool { unsupportedKeys.isEmpty }

    /// Parses an identifier. Keys of levels above are matched whether or not relational queries were negotiated, because
    /// real clients send them unasked (PS3.4 §C.4.1.2.2.1).
    ///
    /// - Throws: what makes the status A900H or A700H.
    package init(identifier: DataSet, model: InformationModel, options: MatchingOptions) throws(QueryFault) {
        guard identifier.elements.count <= Self.keysMaximum else {
            throw QueryFault(.overLimit, [], "more than \(Self.keysMaximum) keys")
        }
        self.model = model
        self.options = options
        level = try model.level(of: identifier)
        characterSet = SpecificCharacterSet(stored: identifier.bytes(.specificCharacterSet))
        var conditions: [Condition] = []
        var returned: [ReturnKey] = []
        var unsupported: [Tag] = []
        var adjusted = options
        if let offset = identifier.bytes(.timezoneOffsetFromUTC).flatMap({ UTCOffset(stored: $0) }) {
            adjusted.utcOffset = offset
        }
        for element in identifier.elements where SupportedKeys.isKey(element.tag) {
            guard let own = SupportedKeys.level(of: element.tag), own <= level else {
                // Unknown private keys may be ignored (PS3.4 §C.4.1.1.3.2).
                if !element.tag.isPrivate { unsupported.append(element.tag) }
                continue
            }
            let matcher = try Matcher(element, characterSet: characterSet, options: adjusted)
            if own < level, element.tag == own.uniqueKey { try Self.checkUpper(element, matcher, own) }
            if !matcher.isUniversal { conditions.append(Condition(tag: element.tag, level: own, matcher: matcher)) }
            let known = DataDictionary.vr(of: element.tag)
            returned.append(
                ReturnKey(
                    tag: element.tag, vr: known == .UN ? element.vr : known, level: own,
                    itemTags: Self.itemTags(element)))
        }
        self.conditions = conditions
        returnKeys = returned
        unsupportedKeys = unsupported
    }

    private static func itemTags(_ element: DataElement) -> [Tag] {
        guard case .items(let items) = element.value, let item = items.first else { return [] }
        return item.elements.map(\.tag).filter { $0 != .specificCharacterSet }
    }

    /// A unique key of a level above has a single value (PS3.4 §C.4.1.2.1): wildcards in it have no meaning.
    private static func checkUpper(_ element: DataElement, _ matcher: Matcher, _ level: Level) throws(QueryFault) {
        guard case .text(let patterns) = matcher, patterns.contains(where: \.hasWildcards), level == .patient else {
            return
        }
        throw .key(element.tag, "no wildcards in a unique key above the level")
    }

    /// The condition on a tag, if there is one.
    func condition(_ tag: Tag) -> Matcher? { conditions.first { $0.tag == tag }?.matcher }

    /// The conditions of one level.
    func conditions(at level: Level) -> [Condition] { conditions.filter { $0.level == level } }
}
