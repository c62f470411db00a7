// What clients get to see of an index: the encoded responses of queries at each level.

import DICOM

@testable import ArchiveIndex

/// Response identifiers byte by byte, in the order in which they go out.
struct ResponseBytes: Equatable {
    /// By query.
    private var responses: [String: [[UInt8]]] = [:]

    /// How many in all.
    var count: Int { responses.values.reduce(0) { $0 + $1.count } }

    private static let conditions: [(tag: DICOM.Tag, key: String)] = [
        (.queryRetrieveLevel, ""), (.studyDate, "20240101-20240229"), (.accessionNumber, "A1*"), (.patientName, "SM*"),
        (.patientName, "*o*"), (.patientID, "A"),
    ]
    /// What is asked for, as far as a level has it.
    private static let keys: [DICOM.Tag] = [
        .patientID, .issuerOfPatientID, .patientName, .patientBirthDate, .numberOfPatientRelatedInstances,
        .studyInstanceUID, .studyDate, .studyTime, .accessionNumber, .studyDescription, .referringPhysicianName,
        .modalitiesInStudy, .numberOfStudyRelatedInstances, .seriesInstanceUID, .modality, .seriesNumber,
        .seriesDescription, .numberOfSeriesRelatedInstances, .sopInstanceUID, .sopClassUID, .instanceNumber,
        .contentTime, .imageType,
    ]

    init(_ snapshot: Snapshot) throws {
        for level in Level.allCases {
            for (tag, key) in Self.conditions
            where tag == .queryRetrieveLevel || SupportedKeys.isSupported(tag, at: level) {
                let query = try Query(
                    identifier: Self.identifier(level, tag, key), model: level == .patient ? .patientRoot : .studyRoot,
                    options: MatchingOptions())
                var found: [[UInt8]] = []
                var cursor = try snapshot.find(query)
                while let match = try cursor.next() {
                    let response = try ResponseIdentifier.make(match, for: query, retrieveAETitle: AETitle("FILEROOM")!)
                    found.append(try response.encoded(as: .explicitLittle))
                }
                responses["\(level) \(tag) \(key)"] = found
            }
        }
    }

    /// Asks for much of what the level has, and for one value.
    private static func identifier(_ level: Level, _ tag: DICOM.Tag, _ key: String) -> DataSet {
        var identifier = DataSet.keys(level.name)
        for asked in keys where SupportedKeys.isSupported(asked, at: level) {
            identifier.set(asked, DataDictionary.vr(of: asked), bytes: [])
        }
        guard tag != .queryRetrieveLevel else { return identifier }
        return identifier.with(tag, key)
    }

    /// Where two differ, in words.
    func difference(from other: ResponseBytes) -> String {
        responses.keys.sorted().filter { responses[$0] != other.responses[$0] }.map {
            "\($0): \(responses[$0]?.count ?? 0) responses and \(other.responses[$0]?.count ?? 0)"
        }.joined(separator: "; ")
    }
}
