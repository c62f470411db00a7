// The instances that a retrieval sends (PS3.4 §C.4.2.2): fixed when the request arrives.

import DICOM

/// An instance to be sent, and the file it is sent from.
package struct InstanceReference: Sendable, Hashable {
    package let studyInstanceUID: UID
    package let seriesInstanceUID: UID
    package let sopInstanceUID: UID
    package let sopClassUID: UID
    package let transferSyntaxUID: UID
    /// Of several places with one content the smallest by root and path; the others are tried where it can't be read.
    package let places: [Place]
}

extension Snapshot {
    /// The instances that `keys` name, by study, series and instance, each once. Of several contents of an instance, the one
    /// that is served.
    package func instances(for keys: RetrieveKeys) throws(IndexFault) -> [InstanceReference] {
        var found: [InstanceReference] = []
        var candidates = try StudyCandidates(Self.source(keys), in: self)
        while let study = try candidates.next() {
            if !keys.studies.isEmpty, !keys.studies.contains(study.studyInstanceUID) { continue }
            if let id = keys.patientID, try !study.patientKeys().contains(where: { $0.patientID == id }) { continue }
            var allSeries = try study.series()
            while let series = try allSeries.next() {
                if keys.level >= .series, !keys.series.isEmpty, !keys.series.contains(series.seriesInstanceUID) {
                    continue
                }
                var instances = try series.instances()
                while let instance = try instances.next() {
                    if keys.level == .image, !keys.instances.contains(instance.sopInstanceUID) { continue }
                    guard let content = try instance.contents().first else { continue }
                    found.append(
                        InstanceReference(
                            studyInstanceUID: study.studyInstanceUID, seriesInstanceUID: series.seriesInstanceUID,
                            sopInstanceUID: instance.sopInstanceUID, sopClassUID: content.sopClassUID,
                            transferSyntaxUID: content.transferSyntaxUID, places: content.places))
                }
            }
        }
        return found
    }

    /// The lowest level that is named finds the studies.
    private static func source(_ keys: RetrieveKeys) -> StudySource {
        switch keys.level {
        case .patient: .patientIDs(keys.patientID.map { [$0] } ?? [])
        case .study: .studyUIDs(keys.studies)
        case .series: keys.studies.isEmpty ? .seriesUIDs(keys.series) : .studyUIDs(keys.studies)
        case .image: keys.studies.isEmpty ? .instanceUIDs(keys.instances) : .studyUIDs(keys.studies)
        }
    }
}
