// Where the headers of instances come from: the index knows where files lie, and somebody else reads them.

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

/// Reads headers for one query.
package struct HeaderSource {
    /// Files that one query may open; with 0, the keys that the index doesn't hold are not supported.
    package let filesMaximum: Int
    /// The header of the file at a place; nil where it can't be read, or is another instance's.
    ///
    /// - Parameter tags: what is asked for, ascending.
    package let read: (_ instance: UID, _ place: Place, _ tags: [Tag]) -> ReadHeader?

    /// How text is read whose data set names no character set: as the index reads it.
    package var fallback = FallbackCharacterSet.standard

    package init(filesMaximum: Int, read: @escaping (UID, Place, [Tag]) -> ReadHeader?) {
        self.filesMaximum = filesMaximum
        self.read = read
    }

    /// The same with text that names no character set read as the index reads it.
    func assuming(_ fallback: FallbackCharacterSet) -> HeaderSource {
        guard fallback != .standard else { return self }
        return HeaderSource(filesMaximum: filesMaximum) { [read] instance, place, tags in
            read(instance, place, tags).map {
                ReadHeader(attributes: $0.attributes.assuming(fallback), unread: $0.unread)
            }
        }
    }

    /// Of nobody who has files.
    package static var none: HeaderSource { HeaderSource(filesMaximum: 0) { _, _, _ in nil } }
}

extension ReadHeader {
    /// The value of an attribute, as the index would hold it, in a zone where one is named; nil where the header doesn't
    /// have it.
    func value(_ tag: Tag, in zone: ZoneAdjustment?, _ fallback: FallbackCharacterSet) -> ResolvedValue? {
        let stored = value(tag, fallback)
        guard let zone, let stored else { return stored }
        let partner = DateTimePairs.partner(of: tag).flatMap { value($0, fallback) }
        return zone.adjusted(tag, stored, partner: partner)
    }

    private func value(_ tag: Tag, _ fallback: FallbackCharacterSet) -> ResolvedValue? {
        guard let element = attributes[tag], let (vr, bytes) = HeldSets.canonical(element) else { return nil }
        return ResolvedValue(
            vr: vr, bytes: bytes,
            characterSet: ResolvedValue.isGovernedByCharacterSet(vr) ? characterSet(fallback) : nil,
            timezoneOffset: ResolvedValue.isGovernedByTimezone(vr) ? attributes.bytes(.timezoneOffsetFromUTC) : nil)
    }

    private func characterSet(_ fallback: FallbackCharacterSet) -> [UInt8]? {
        let stored = attributes.bytes(.specificCharacterSet)
        guard fallback != .standard, stored?.trimmingPadding().isEmpty ?? true else { return stored }
        return fallback.storedValue
    }
}
