// A C-GET or C-MOVE identifier as a typed value (PS3.4 §C.4.2.2.1): which entities to send.

import DICOM

/// What to retrieve. Only unique keys count; others, which may not be there, are passed over.
package struct RetrieveKeys: Sendable, Equatable {
    package let level: Level
    package var patientID: [UInt8]?
    package var studies: [UID] = []
    package var series: [UID] = []
    package var instances: [UID] = []

    /// Parses an identifier.
    ///
    /// Levels above may be missing, as in relational retrieval: real clients send just the UID they know.
    ///
    /// - Throws: what makes the status A900H: no level, no value or a wildcard in the level's unique key.
    package init(identifier: DataSet, model: InformationModel) throws(QueryFault) {
        level = try model.level(of: identifier)
        if let bytes = identifier.bytes(.patientID) {
            let id = Array(bytes.trimmingPadding())
            if level == .patient, id.contains(0x2A) || id.contains(0x3F) {
                throw .key(.patientID, "no wildcards in a retrieval")
            }
            if !id.isEmpty { patientID = id }
        }
        studies = try Self.uids(.studyInstanceUID, identifier)
        series = try Self.uids(.seriesInstanceUID, identifier)
        instances = try Self.uids(.sopInstanceUID, identifier)
        let isNamed =
            switch level {
            case .patient: patientID != nil
            case .study: !studies.isEmpty
            case .series: !series.isEmpty
            case .image: !instances.isEmpty
            }
        guard isNamed else { throw .key(level.uniqueKey, "a retrieval at \(level.name) names it") }
    }

    private static func uids(_ tag: Tag, _ identifier: DataSet) throws(QueryFault) -> [UID] {
        guard let bytes = identifier.bytes(tag) else { return [] }
        var uids: [UID] = []
        for part in bytes.split(separator: 0x5C) where !part.trimmingPadding().isEmpty {
            guard let uid = UID(stored: part), !part.contains(0x2A), !part.contains(0x3F) else {
                throw .key(tag, "it is no list of UIDs")
            }
            uids.append(uid)
        }
        return uids
    }
}
