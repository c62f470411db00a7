// A C-GET or C-MOVE identifier as a typed value (PS3.4 §C.4.2.2.1): which entities to send.

import DICOM

/// What to retrieve. Only unique keys of the model's levels, down to the one that is asked for, count; others, which may not
/// be there, are passed over.
package struct RetrieveKeys: Sendable, Equatable {
    /// Whose unique key names what is sent.
    package let level: Level
    /// Decoded, without outer spaces; nil where the model has no PATIENT level or nothing was asked.
    package var patientID: String?
    package var studies: [UID] = []
    package var series: [UID] = []
    package var instances: [UID] = []

    /// Parses an identifier.
    ///
    /// Levels above may be missing, as in relational retrieval: real clients send just the UID they know.
    ///
    /// - Parameters:
    ///   - isStrict: identifiers keep to the standard's rules.
    ///   - isRelational: levels above may be left out, as was agreed on (PS3.4 §C.5.2.1).
    /// - Throws: what makes the status A900H: no level, no value or a wildcard in a unique key; or, of frames, AA02H or AA04H.
    package init(
        identifier: DataSet, model: InformationModel, isStrict: Bool = false, isRelational: Bool = false
    ) throws(QueryFault) {
        try Query.checkCount(of: identifier)
        if model == .compositeInstanceRoot { try FrameRequest.refuse(identifier) }
        // Orthanc (1.10.1) moves patients in Study Root, which has no such level.
        let isOfPatients =
            !isStrict && model == .studyRoot && identifier.text(.queryRetrieveLevel) == Level.patient.name
        let model = isOfPatients ? .patientRoot : model
        level = try model.level(of: identifier, isStrict: isStrict, needsValue: true)
        if isStrict, !isRelational { try HierarchyRules(model: model, level: level).check(retrieval: identifier) }
        if model.levels.contains(.patient) { patientID = try Self.patientID(identifier, level) }
        if model.levels.contains(.study) { studies = try uids(.study, identifier) }
        if model.levels.contains(.series) { series = try uids(.series, identifier) }
        instances = try uids(.image, identifier)
        let isNamed =
            switch level {
            case .patient: patientID != nil
            case .study: !studies.isEmpty
            case .series: !series.isEmpty
            case .image: !instances.isEmpty
            }
        guard isNamed else { throw .key(level.uniqueKey, "a retrieval at \(level.name) names it") }
    }

    private static func patientID(_ identifier: DataSet, _ level: Level) throws(QueryFault) -> String? {
        guard let bytes = identifier.bytes(.patientID).map({ Array($0.trimmingPadding()) }), !bytes.isEmpty else {
            return nil
        }
        // Above the level, `*` asks for nothing, and clients send it.
        if level > .patient, bytes.allSatisfy({ $0 == 0x2A }) { return nil }
        // Characters of two bytes may have these bytes in them (PS3.5 §6.1.2).
        let text = SpecificCharacterSet(stored: identifier.bytes(.specificCharacterSet)).decode(bytes, vr: .LO)
        guard !TextPattern(text).hasWildcards else { throw .key(.patientID, "no wildcards in a retrieval") }
        return text
    }

    /// The UIDs of a level; none for a level below the one that is asked for.
    private func uids(_ own: Level, _ identifier: DataSet) throws(QueryFault) -> [UID] {
        let tag = own.uniqueKey
        guard own <= level, let bytes = identifier.bytes(tag) else { return [] }
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
