// The instances that a retrieval sends (PS3.4 §C.4.2.2): fixed when the request arrives.

import DICOM

extension Snapshot {
    /// The instances that `keys` name, by study, series and instance, each once. Of several contents of an instance, the one
    /// that is served.
    ///
    /// - Parameter watch: whether somebody still waits for them.
    /// - Throws: `.stopped` when the watch says so.
    package func instances(
        for keys: RetrieveKeys, watch: SearchWatch? = nil
    ) throws(IndexFault) -> [InstanceReference] {
        let patients = try keys.patientID.map { id throws(IndexFault) in try self.patients(called: id, watch) }
        let patientKeys = patients.map { Set($0.flatMap(\.memberKeys)) }
        if keys.studies.isEmpty, keys.series.isEmpty, !keys.instances.isEmpty {
            return try instances(NamedUIDs(keys.instances), of: patientKeys, watch)
        }
        let studies = Set(keys.studies)
        let named = (series: NamedUIDs(keys.series), instances: NamedUIDs(keys.instances))
        var found: [InstanceReference] = []
        var names = SharedUIDs()
        var candidates = try candidates(keys, patients, watch)
        while let study = try candidates.next(watch) {
            if !studies.isEmpty, !studies.contains(study.studyInstanceUID) { continue }
            guard try study.isOf(patientKeys, watch) else { continue }
            var allSeries = try SeriesSelection(named.series, of: study)
            while let series = try allSeries.next(watch) {
                var instances = try InstanceSelection(named.instances, of: series)
                while let instance = try instances.next(watch) {
                    if let reference = try InstanceReference(instance, &names) { found.append(reference) }
                }
            }
        }
        return found
    }

    /// Instances of which nothing but their UIDs is named: each is looked up once, wherever it lies, and they are put into the
    /// order that all others come in.
    private func instances(
        _ named: NamedUIDs, of patientKeys: Set<PatientKey>?, _ watch: SearchWatch?
    ) throws(IndexFault) -> [InstanceReference] {
        var found: [InstanceReference] = []
        var names = SharedUIDs()
        var isWanted: [UID: Bool] = [:]
        for uid in named.ascending {
            try watch?.passEntity()
            for instance in try instances(uid) {
                try watch?.passEntity()
                let study = instance.series.study
                let known = isWanted[study.studyInstanceUID]
                let isOfPatient = if let known { known } else { try study.isOf(patientKeys, watch) }
                if known == nil { isWanted[study.studyInstanceUID] = isOfPatient }
                guard isOfPatient, let reference = try InstanceReference(instance, &names) else { continue }
                found.append(reference)
            }
        }
        return found.sorted { left, right in
            if left.studyInstanceUID != right.studyInstanceUID { return left.studyInstanceUID < right.studyInstanceUID }
            if left.seriesInstanceUID == right.seriesInstanceUID { return left.sopInstanceUID < right.sopInstanceUID }
            return left.seriesInstanceUID.packed.lexicographicallyPrecedes(right.seriesInstanceUID.packed)
        }
    }

    /// The patients whose ID is this, whatever character set each was stored in.
    private func patients(called id: String, _ watch: SearchWatch?) throws(IndexFault) -> [PatientEntity] {
        // ISO 646 has the same bytes everywhere, so the index can look it up.
        if id.utf8.allSatisfy({ $0 < 0x80 }) { return try patients(id: Array(id.utf8)) }
        var found: [PatientEntity] = []
        var all = try patients()
        while let patient = try all.next(watch) {
            let values = try patient.attributes(watch).values(.patientID)
            let isCalled = values.contains { value in
                SpecificCharacterSet(stored: value.characterSet).decode(value.bytes, vr: .LO) == id
            }
            if isCalled { found.append(patient) }
        }
        return found
    }

    /// The lowest level that is named finds the studies; instances alone are looked up without.
    private func candidates(
        _ keys: RetrieveKeys, _ patients: [PatientEntity]?, _ watch: SearchWatch?
    ) throws(IndexFault) -> StudyCandidates {
        if !keys.studies.isEmpty { return try StudyCandidates(.studyUIDs(keys.studies), in: self, watch) }
        if !keys.series.isEmpty { return try StudyCandidates(.seriesUIDs(keys.series), in: self, watch) }
        return StudyCandidates(of: patients ?? [], in: self)
    }
}

extension StudyEntity {
    /// Whether it was sent with one of these patients; nil are all.
    fileprivate func isOf(_ patients: Set<PatientKey>?, _ watch: SearchWatch?) throws(IndexFault) -> Bool {
        guard let patients else { return true }
        return try patientKeys(watch).contains(where: patients.contains)
    }
}

extension InstanceReference {
    /// Nil where no content of it is left.
    fileprivate init?(_ instance: InstanceEntity, _ names: inout SharedUIDs) throws(IndexFault) {
        guard let content = try instance.contents().first else { return nil }
        self.init(
            studyInstanceUID: names.shared(instance.series.study.studyInstanceUID),
            seriesInstanceUID: names.shared(instance.series.seriesInstanceUID),
            sopInstanceUID: instance.sopInstanceUID, sopClassUID: names.shared(content.sopClassUID),
            transferSyntaxUID: names.shared(content.transferSyntaxUID), places: content.places)
    }
}

/// UIDs that many instances have each: one copy in memory serves them all.
private struct SharedUIDs {
    private var known: Set<UID> = []

    mutating func shared(_ uid: UID) -> UID { known.insert(uid).memberAfterInsert }
}
