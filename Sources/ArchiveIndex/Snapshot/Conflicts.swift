// Where the instances of an entity contradict each other: values, patients and contents, all of which the index keeps.

import DICOM

/// A contradiction within one entity.
package struct Conflict: Sendable {
    /// What contradicts itself.
    package enum Matter: Sendable {
        /// Different non-empty values of an attribute, the one that is shown first.
        case values(Tag, [ResolvedValue])
        /// A study that was sent with several patients, the one that it is shown with first.
        case patients([PatientKey])
        /// One SOP Instance UID with several contents, the one that is served first.
        case contents([InstanceContent])
    }

    package let level: Level
    /// Patient ID above the study level, else the unique key of the level.
    package let entity: String
    package let matter: Matter
}

extension Snapshot {
    /// Calls `body` with each contradiction: patients first, then each study with what is below it; until it says false.
    ///
    /// - Complexity: a walk over all entities, in memory that doesn't grow with them.
    package func forEachConflict(_ body: (Conflict) throws(IndexFault) -> Bool) throws(IndexFault) {
        var patients = try patients()
        while let patient = try patients.next() {
            let name = String(decoding: patient.key.patientID, as: UTF8.self)
            guard try Self.report(patient.attributes(), .patient, name, body) else { return }
        }
        var studies = try studies()
        while let study = try studies.next() {
            let uid = study.studyInstanceUID.text
            let keys = try study.patientKeys()
            if keys.count > 1 {
                guard try body(Conflict(level: .study, entity: uid, matter: .patients(keys))) else { return }
            }
            guard try Self.report(study.attributes(), .study, uid, body) else { return }
            var allSeries = try study.series()
            while let series = try allSeries.next() {
                guard try Self.report(series.attributes(), .series, series.seriesInstanceUID.text, body),
                    try Self.reportContents(of: series, body)
                else { return }
            }
        }
    }

    private static func reportContents(
        of series: SeriesEntity, _ body: (Conflict) throws(IndexFault) -> Bool
    ) throws(IndexFault) -> Bool {
        var instances = try series.instances()
        while let instance = try instances.next() {
            guard instance.parts.count > 1 else { continue }
            let contents = try instance.contents()
            guard contents.count > 1 else { continue }
            let conflict = Conflict(level: .image, entity: instance.sopInstanceUID.text, matter: .contents(contents))
            guard try body(conflict) else { return false }
        }
        return true
    }

    private static func report(
        _ attributes: ResolvedAttributes, _ level: Level, _ entity: String,
        _ body: (Conflict) throws(IndexFault) -> Bool
    ) throws(IndexFault) -> Bool {
        if attributes.isUniform { return true }
        for tag in HeldAttributes.tags(at: level) {
            // One text in two character sets is no contradiction.
            var texts: Set<String> = []
            let values = attributes.values(tag).filter { value in
                guard !value.bytes.isEmpty else { return false }
                return value.vr == .SQ || texts.insert(value.text).inserted
            }
            guard values.count > 1 else { continue }
            guard try body(Conflict(level: level, entity: entity, matter: .values(tag, values))) else { return false }
        }
        return true
    }
}
