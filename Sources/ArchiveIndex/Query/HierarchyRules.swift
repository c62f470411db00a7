// The rules of the hierarchical search (PS3.4 §C.4.1.2.1, §C.4.2.2.1), for those who want them kept: `QueryMode = strict`.

import DICOM

/// Checks identifiers as the baseline behaviour has them.
struct HierarchyRules {
    let model: InformationModel
    let level: Level

    /// Each level above has a single value in its unique key and no other key; the level's own unique key is there.
    ///
    /// - Throws: what makes the status A900H, with the key that offends.
    func check(query identifier: DataSet) throws(QueryFault) {
        for element in identifier.elements where SupportedKeys.isKey(element.tag) {
            guard let own = SupportedKeys.level(of: element.tag).map(modelLevel), own != level else { continue }
            guard own < level else { throw .key(element.tag, "a key below the level \(level.name)") }
            guard element.tag == own.uniqueKey else { throw .key(element.tag, "a key above the level \(level.name)") }
        }
        try checkUpper(identifier)
        guard identifier[level.uniqueKey] != nil else { throw .key(level.uniqueKey, "missing at \(level.name)") }
    }

    /// There are only unique keys, a single value in each above the level, and of Patient ID.
    func check(retrieval identifier: DataSet) throws(QueryFault) {
        for element in identifier.elements where SupportedKeys.isKey(element.tag) {
            let own = model.levels.first { $0.uniqueKey == element.tag }
            guard let own, own <= level else { throw .key(element.tag, "no unique key at or above \(level.name)") }
        }
        try checkUpper(identifier)
        if level == .patient { try checkSingle(.patient, identifier) }
    }

    private func checkUpper(_ identifier: DataSet) throws(QueryFault) {
        for above in model.levels where above < level { try checkSingle(above, identifier) }
    }

    private func checkSingle(_ own: Level, _ identifier: DataSet) throws(QueryFault) {
        let bytes = identifier.bytes(own.uniqueKey)?.trimmingPadding() ?? []
        guard !bytes.isEmpty else { throw .key(own.uniqueKey, "missing at \(level.name)") }
        // Characters of two bytes may have those of a backslash or of wildcards in them (PS3.5 §6.1.2).
        let characterSet = SpecificCharacterSet(stored: identifier.bytes(.specificCharacterSet))
        let values = characterSet.decodeValues(Array(bytes), vr: own == .patient ? .LO : .UI)
        guard values.count == 1, !TextPattern(values[0]).hasWildcards else {
            throw .key(own.uniqueKey, "it has a single value")
        }
    }

    /// A patient's attributes are the study's where the model has no PATIENT level (PS3.4 §C.6.2.1.2).
    private func modelLevel(_ level: Level) -> Level {
        model.levels.contains(level) ? level : max(level, model.levels[0])
    }
}
