// What was read of one file's header, as the index would hold it.

import DICOM

/// What a file's header has of the attributes that were asked for.
package struct ReadHeader: Sendable {
    /// The attributes, with Specific Character Set and Timezone Offset From UTC where the data set has them.
    package let attributes: DataSet
    /// Those that are or may be there, and can't be given: too long, or behind what is damaged.
    package let unread: Set<Tag>

    package init(attributes: DataSet, unread: Set<Tag> = []) {
        self.attributes = attributes
        self.unread = unread
    }
}

extension ReadHeader {
    /// The value of an attribute, as the index would hold it, in a zone where one is named; nil where the header doesn't
    /// have it.
    func value(_ tag: Tag, in zone: ZoneAdjustment?) -> ResolvedValue? {
        let stored = value(tag)
        guard let zone, let stored else { return stored }
        return zone.adjusted(tag, stored, partner: DateTimePairs.partner(of: tag).flatMap { value($0) })
    }

    private func value(_ tag: Tag) -> ResolvedValue? {
        guard let element = attributes[tag], let (vr, bytes) = HeldSets.canonical(element) else { return nil }
        return ResolvedValue(
            vr: vr, bytes: bytes,
            characterSet: ResolvedValue.isGovernedByCharacterSet(vr) ? attributes.bytes(.specificCharacterSet) : nil,
            timezoneOffset: ResolvedValue.isGovernedByTimezone(vr) ? attributes.bytes(.timezoneOffsetFromUTC) : nil)
    }
}
