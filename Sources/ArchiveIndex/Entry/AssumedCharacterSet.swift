// Text without a character set on its way into an index: its attribute set gets the one by which the index reads such text, so
// that keys, matching and responses all read it in the same way, whatever is configured later. See FORMAT.md 2.3.

import DICOM

extension AttributeSet {
    /// The set with the fallback as its Specific Character Set; nil where it needs none: it names one, or has only ISO 646.
    func assuming(_ fallback: FallbackCharacterSet) -> AttributeSet? {
        guard SpecificCharacterSet(stored: characterSet).isSilent, hasUndeclaredText else { return nil }
        var named = AttributeSet.empty
        var isNamed = false
        var offset = 0
        while let attribute = attribute(at: offset) {
            offset = attribute.value.upperBound
            if !isNamed, attribute.tag >= .specificCharacterSet {
                named.append(.specificCharacterSet, .CS, fallback.storedValue)
                isNamed = true
            }
            if attribute.tag != .specificCharacterSet {
                named.append(attribute.tag, attribute.vr, bytes[attribute.value])
            }
        }
        return named
    }

    private var hasUndeclaredText: Bool {
        var offset = 0
        while let attribute = attribute(at: offset) {
            offset = attribute.value.upperBound
            if attribute.vr == .SQ {
                let items = (try? DataSet.items(inSequence: Array(bytes[attribute.value]))) ?? []
                let holder = DataSet([DataElement(attribute.tag, .SQ, .items(items))])
                if holder.lacksCharacterSet { return true }
            } else if attribute.vr.usesSpecificCharacterSet, bytes[attribute.value].contains(where: { $0 >= 0x80 }) {
                return true
            }
        }
        return false
    }
}

extension ImportBatch {
    /// The batch as an index holds it that reads text without a character set by `fallback`.
    func assuming(_ fallback: FallbackCharacterSet) -> ImportBatch {
        guard fallback != .standard else { return self }
        // What recurs is looked at once, and is in memory once.
        var known: [AttributeSet: AttributeSet] = [:]
        func assumed(_ set: inout AttributeSet) -> Bool {
            if known[set] == nil { known[set] = set.assuming(fallback) ?? set }
            guard let found = known[set], found != set else { return false }
            set = found
            return true
        }
        var batch = self
        for index in batch.entries.indices {
            var fields = batch.entries[index].fields
            var isChanged = assumed(&fields.patient)
            isChanged = assumed(&fields.study) || isChanged
            isChanged = assumed(&fields.series) || isChanged
            if let image = fields.image.assuming(fallback) {
                fields.image = image
                isChanged = true
            }
            if isChanged { batch.entries[index].fields = fields }
        }
        return batch
    }
}
