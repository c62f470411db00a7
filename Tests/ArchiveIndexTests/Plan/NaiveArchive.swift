// An archive without an index: every query is answered by reading all data sets and applying PS3.4 §C.2.2.2 to their text.
// Written apart from the index on purpose: it shares no code for matching, dates, times, names or the choice of what is shown.

import DICOM

@testable import ArchiveIndex

/// One instance by the text of its attributes.
struct NaiveInstance {
    var terms: String
    var texts: [DICOM.Tag: String]

    func uid(_ tag: DICOM.Tag) -> String { texts[tag] ?? "" }

    /// The value's bytes as they are filed.
    func bytes(_ tag: DICOM.Tag) -> [UInt8]? {
        texts[tag].map { text in
            let set = SpecificCharacterSet(stored: Array(terms.utf8))
            return set.encode(text, vr: DataDictionary.vr(of: tag)) ?? Array(text.utf8)
        }
    }

    var dataSet: DataSet {
        var dataSet = DataSet(values: [.specificCharacterSet: terms])
        for tag in texts.keys { dataSet.set(tag, DataDictionary.vr(of: tag), bytes: bytes(tag) ?? []) }
        return dataSet
    }
}

/// A key by its text.
struct NaiveKey {
    let tag: DICOM.Tag
    let text: String
}

struct NaiveArchive {
    var instances: [NaiveInstance]

    /// Matches as `patient|study|series|instance` of the levels down to the query's, sorted.
    func answers(
        _ keys: [NaiveKey], at level: Level, unknownMatches: Bool, ignoresAccents: Bool = false
    ) -> [String] {
        func holds(_ key: NaiveKey, _ entity: Entity) -> Bool {
            let vr = DataDictionary.vr(of: key.tag)
            return NaiveRule.matches(
                vr, key.text, value(key.tag, of: entity), unknownMatches: unknownMatches,
                ignoresAccents: ignoresAccents)
        }
        return entities(at: level).compactMap { choices in
            choices.first { entity in keys.allSatisfy { holds($0, entity) } }.map { name($0, level) }
        }.sorted()
    }

    // MARK: Entities

    private struct Entity {
        var patient: [NaiveInstance] = []
        var study: [NaiveInstance] = []
        var series: [NaiveInstance] = []
        var image: [NaiveInstance] = []
    }

    /// Each entity with each patient that its study names, the one that it is shown with first.
    private func entities(at level: Level) -> [[Entity]] {
        if level == .patient { return patients.map { [Entity(patient: $0)] } }
        var found: [[Entity]] = []
        for study in groups(of: instances, by: { $0.uid(.studyInstanceUID) }) {
            var below = [Entity(study: study)]
            if level > .study {
                below = groups(of: study) { $0.uid(.seriesInstanceUID) }.map { Entity(study: study, series: $0) }
            }
            if level > .series {
                below = below.flatMap { entity in
                    groups(of: entity.series) { $0.uid(.sopInstanceUID) }
                        .map { Entity(study: study, series: entity.series, image: $0) }
                }
            }
            let patients = patients(of: study)
            for entity in below {
                found.append(
                    patients.map { patient in
                        var whole = entity
                        whole.patient = patient
                        return whole
                    })
            }
        }
        return found
    }

    private func groups(of all: [NaiveInstance], by key: (NaiveInstance) -> String) -> [[NaiveInstance]] {
        Dictionary(grouping: all, by: key).sorted { $0.key < $1.key }.map(\.value)
    }

    /// ID and issuer in hexadecimal with commas, so that the order of keys is that of the bytes; the study's UID where
    /// there is no ID.
    private func patientKey(_ instance: NaiveInstance) -> String {
        func trimmed(_ tag: DICOM.Tag) -> String {
            var bytes = instance.bytes(tag) ?? []
            while bytes.last == 0x20 { bytes.removeLast() }
            while bytes.first == 0x20 { bytes.removeFirst() }
            return bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        }
        let id = trimmed(.patientID)
        return id.isEmpty ? ",," + instance.uid(.studyInstanceUID) : id + "," + trimmed(.issuerOfPatientID) + ","
    }

    /// An ID without issuer joins the one issuer of that ID.
    private func joinedKey(_ key: String) -> String {
        let id = key.prefix { $0 != "," }
        guard !id.isEmpty, key == id + ",," else { return key }
        let others = Set(instances.map(patientKey).filter { $0.hasPrefix(id + ",") && $0 != key })
        return others.count == 1 ? others.first ?? key : key
    }

    private var patients: [[NaiveInstance]] { groups(of: instances) { joinedKey(patientKey($0)) } }

    /// The patients that the study's files name, that of most files first, of several the one of the smallest key.
    private func patients(of study: [NaiveInstance]) -> [[NaiveInstance]] {
        let keys = Dictionary(grouping: study, by: patientKey).mapValues(\.count)
        return keys.sorted { $0.value == $1.value ? $0.key < $1.key : $0.value > $1.value }.map { key, _ in
            instances.filter { joinedKey(patientKey($0)) == joinedKey(key) }
        }
    }

    private func name(_ entity: Entity, _ level: Level) -> String {
        var parts = [value(.patientID, of: entity)?.trimmedSpaces ?? ""]
        if level >= .study { parts.append(entity.study[0].uid(.studyInstanceUID)) }
        if level >= .series { parts.append(entity.series[0].uid(.seriesInstanceUID)) }
        if level >= .image { parts.append(entity.image[0].uid(.sopInstanceUID)) }
        return parts.joined(separator: "|")
    }

    // MARK: Values

    private func value(_ tag: DICOM.Tag, of entity: Entity) -> String? {
        switch tag {
        case .modalitiesInStudy:
            let series = groups(of: entity.study) { $0.uid(.seriesInstanceUID) }
            return Set(series.compactMap { shown(.modality, $0)?.trimmedSpaces }.filter { !$0.isEmpty }).sorted()
                .joined(separator: "\\")
        case .numberOfStudyRelatedInstances:
            return String(Set(entity.study.map { $0.uid(.seriesInstanceUID) + "|" + $0.uid(.sopInstanceUID) }).count)
        default: break
        }
        return switch HeldAttributes.level(of: tag) {
        case .patient: shown(tag, entity.patient)
        case .study: shown(tag, entity.study)
        case .series: shown(tag, entity.series)
        case .image: shown(tag, entity.image)
        case nil: nil
        }
    }

    /// The most frequent value that isn't empty, of several the smallest by bytes.
    private func shown(_ tag: DICOM.Tag, _ instances: [NaiveInstance]) -> String? {
        struct Vote: Hashable {
            let bytes: [UInt8]
            let terms: String
        }
        var votes: [Vote: (count: Int, text: String)] = [:]
        for instance in instances {
            guard let text = instance.texts[tag], var bytes = instance.bytes(tag) else { continue }
            while bytes.last == 0x20 { bytes.removeLast() }
            let isGoverned = DataDictionary.vr(of: tag).usesSpecificCharacterSet
            let vote = Vote(bytes: bytes, terms: isGoverned ? instance.terms : "")
            votes[vote] = ((votes[vote]?.count ?? 0) + 1, text)
        }
        let best = votes.min { left, right in
            if left.key.bytes.isEmpty != right.key.bytes.isEmpty { return right.key.bytes.isEmpty }
            if left.value.count != right.value.count { return left.value.count > right.value.count }
            if left.key.bytes != right.key.bytes { return left.key.bytes.lexicographicallyPrecedes(right.key.bytes) }
            return left.key.terms < right.key.terms
        }
        return best?.value.text
    }
}

extension String {
    /// Without spaces around it.
    var trimmedSpaces: String {
        var text = self[...]
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
