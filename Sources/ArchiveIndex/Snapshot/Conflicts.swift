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
    /// Calls `body` with each contradiction: patients first, then each study with what is below it.
    ///
    /// - Complexity: a walk over all entities.
    package func forEachConflict(_ body: (Conflict) throws(IndexFault) -> Void) throws(IndexFault) {
        var patients = try patients()
        while let patient = try patients.next() {
            let name = String(decoding: patient.key.patientID, as: UTF8.self)
            try Self.report(patient.attributes(), .patient, name, body)
        }
        var studies = try studies()
        while let study = try studies.next() {
            let uid = study.studyInstanceUID.text
            let keys = try study.patientKeys()
            if keys.count > 1 { try body(Conflict(level: .study, entity: uid, matter: .patients(keys))) }
            try Self.report(study.attributes(), .study, uid, body)
            var allSeries = try study.series()
            while let series = try allSeries.next() {
                try Self.report(series.attributes(), .series, series.seriesInstanceUID.text, body)
                var instances = try series.instances()
                while let instance = try instances.next() {
                    guard instance.parts.count > 1 else { continue }
                    let contents = try instance.contents()
                    guard contents.count > 1 else { continue }
                    try body(Conflict(level: .image, entity: instance.sopInstanceUID.text, matter: .contents(contents)))
                }
            }
        }
    }

    private static func report(
        _ attributes: ResolvedAttributes, _ level: Level, _ entity: String,
        _ body: (Conflict) throws(IndexFault) -> Void
    ) throws(IndexFault) {
        if attributes.isUniform { return }
        for tag in HeldAttributes.tags(at: level) {
            let values = attributes.values(tag).filter { !$0.bytes.isEmpty }
            if values.count > 1 { try body(Conflict(level: level, entity: entity, matter: .values(tag, values))) }
        }
    }
}
