// What tests of matching are written with: a key against one stored value, and archives of whole data sets.

import DICOM

@testable import ArchiveIndex

/// A key tried on a stored value. Bytes are UTF-8 unless a character set is named.
enum Trial {
    static let utf8 = Array("ISO_IR 192".utf8)

    static func matcher(_ vr: VR, _ key: String, options: MatchingOptions = MatchingOptions()) throws -> Matcher {
        try matcher(vr, Array(key.utf8), in: "ISO_IR 192", options: options)
    }

    static func matcher(
        _ vr: VR, _ key: [UInt8], in terms: String, options: MatchingOptions = MatchingOptions()
    ) throws -> Matcher {
        // A private tag: the VR is that of the key.
        try Matcher(
            DataElement(Tag(0x0009, 0x1001), vr, .bytes(key)),
            characterSet: SpecificCharacterSet(stored: Array(terms.utf8)), options: options)
    }

    static func value(
        _ vr: VR, _ bytes: [UInt8], in terms: String? = nil, timezone: String? = nil
    ) -> ResolvedValue {
        ResolvedValue(
            vr: vr, bytes: bytes, characterSet: terms.map { Array($0.utf8) },
            timezoneOffset: timezone.map { Array($0.utf8) })
    }

    /// Whether `key` matches `stored`; nil is an attribute that isn't there.
    static func matches(
        _ vr: VR, _ key: String, _ stored: String?, options: MatchingOptions = MatchingOptions()
    ) throws -> Bool {
        let held = stored.map { text in value(vr, Array(text.utf8), in: "ISO_IR 192") }
        return try matcher(vr, key, options: options).matches(held, options: options)
    }

    /// The same for bytes, each side in a character set of its own.
    static func matches(
        _ vr: VR, _ key: [UInt8], in keyTerms: String, _ stored: [UInt8], in storedTerms: String
    ) throws -> Bool {
        let options = MatchingOptions()
        return try matcher(vr, key, in: keyTerms).matches(value(vr, stored, in: storedTerms), options: options)
    }

    /// Whether a sequence key with one item matches a stored sequence.
    static func matches(
        item key: DataSet, _ stored: [DataSet], options: MatchingOptions = MatchingOptions()
    ) throws -> Bool {
        var holder = DataSet()
        holder[.requestAttributesSequence] = DataElement(.requestAttributesSequence, .SQ, .items(stored))
        let held = HeldSets(of: holder).series
        let bytes = held.value(.requestAttributesSequence).map { Array($0.bytes) } ?? []
        let matcher = try Matcher(
            DataElement(.requestAttributesSequence, .SQ, .items([key])), characterSet: .utf8, options: options)
        return matcher.matches(value(.SQ, bytes, in: "ISO_IR 192"), options: options)
    }
}

extension DataSet {
    /// Values by tag, each of the dictionary's VR, in UTF-8.
    init(values: KeyValuePairs<DICOM.Tag, String>) {
        self.init()
        for (tag, text) in values { set(tag, DataDictionary.vr(of: tag), text: text) }
    }

    /// This set with a value in its place.
    func with(_ tag: DICOM.Tag, _ text: String) -> DataSet { with(tag, bytes: Array(text.utf8)) }

    func with(_ tag: DICOM.Tag, bytes: [UInt8]) -> DataSet {
        var changed = self
        changed.set(tag, DataDictionary.vr(of: tag), bytes: bytes)
        return changed
    }

    func with(_ tag: DICOM.Tag, items: [DataSet]) -> DataSet {
        var changed = self
        changed[tag] = DataElement(tag, .SQ, .items(items))
        return changed
    }

    func without(_ tag: DICOM.Tag) -> DataSet {
        var changed = self
        changed[tag] = nil
        return changed
    }
}
