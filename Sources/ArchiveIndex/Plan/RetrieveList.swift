// The instances that a retrieval sends (PS3.4 §C.4.2.2): fixed when the request arrives.

import DICOM

extension Snapshot {
    /// The instances that `keys` name, by study, series and instance, each once. Of several contents of an instance, the one
    /// that is served.
    ///
    /// - Parameter shallStop: asked every few entities that are looked at.
    /// - Returns: nil where it said so.
    package func instances(
        for keys: RetrieveKeys, until shallStop: () -> Bool
    ) throws(IndexFault) -> [InstanceReference]? {
        var patients: [PatientEntity]?
        if let id = keys.patientID {
            patients = try self.patients(called: id, until: shallStop)
            if patients == nil { return nil }
        }
        let patientKeys = patients.map { Set($0.flatMap(\.memberKeys)) }
        let named = (studies: Set(keys.studies), series: Set(keys.series), instances: Set(keys.instances))
        var found: [InstanceReference] = []
        var names = SharedUIDs()
        var looked = 0
        var candidates = try candidates(keys, patients)
        while let study = try candidates.next() {
            looked += 1
            if looked.isMultiple(of: Self.entitiesBetweenLooks), shallStop() { return nil }
            if !named.studies.isEmpty, !named.studies.contains(study.studyInstanceUID) { continue }
            if let patientKeys, try !study.patientKeys().contains(where: patientKeys.contains) { continue }
            var allSeries = try SeriesSelection(named.series, of: study)
            while let series = try allSeries.next() {
                var instances = try InstanceSelection(named.instances, of: series)
                while let instance = try instances.next() {
                    looked += 1
                    if looked.isMultiple(of: Self.entitiesBetweenLooks), shallStop() { return nil }
                    guard let content = try instance.contents().first else { continue }
                    found.append(
                        InstanceReference(
                            studyInstanceUID: study.studyInstanceUID, seriesInstanceUID: series.seriesInstanceUID,
                            sopInstanceUID: instance.sopInstanceUID, sopClassUID: names.shared(content.sopClassUID),
                            transferSyntaxUID: names.shared(content.transferSyntaxUID), places: content.places))
                }
            }
        }
        return found
    }

    /// So many are looked at in some milliseconds.
    private static let entitiesBetweenLooks = 128

    /// The patients whose ID is this, whatever character set each was stored in; nil where `shallStop` said so.
    private func patients(
        called id: String, until shallStop: () -> Bool
    ) throws(IndexFault) -> [PatientEntity]? {
        // ISO 646 has the same bytes everywhere, so the index can look it up.
        if id.utf8.allSatisfy({ $0 < 0x80 }) { return try patients(id: Array(id.utf8)) }
        var found: [PatientEntity] = []
        var all = try patients()
        var looked = 0
        while let patient = try all.next() {
            looked += 1
            if looked.isMultiple(of: Self.entitiesBetweenLooks), shallStop() { return nil }
            let values = try patient.attributes().values(.patientID)
            let isCalled = values.contains { value in
                SpecificCharacterSet(stored: value.characterSet).decode(value.bytes, vr: .LO) == id
            }
            if isCalled { found.append(patient) }
        }
        return found
    }

    /// The lowest level that is named finds the studies.
    private func candidates(
        _ keys: RetrieveKeys, _ patients: [PatientEntity]?
    ) throws(IndexFault) -> StudyCandidates {
        if !keys.studies.isEmpty { return try StudyCandidates(.studyUIDs(keys.studies), in: self) }
        if !keys.series.isEmpty { return try StudyCandidates(.seriesUIDs(keys.series), in: self) }
        if !keys.instances.isEmpty { return try StudyCandidates(.instanceUIDs(keys.instances), in: self) }
        return StudyCandidates(of: patients ?? [], in: self)
    }
}

/// UIDs of which there are few and many instances have each: one copy in memory serves them all.
private struct SharedUIDs {
    private var known: Set<UID> = []

    mutating func shared(_ uid: UID) -> UID { known.insert(uid).memberAfterInsert }
}
