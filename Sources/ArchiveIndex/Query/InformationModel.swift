// The information models of Query/Retrieve (PS3.4 §C.6): which levels they have.

import DICOM

/// An information model.
package enum InformationModel: Sendable, Equatable {
    case patientRoot, studyRoot
    /// Retired in PS3.4-2004, still asked for by old peers.
    case patientStudyOnly
    /// For retrievals alone, by SOP Instance UID and nothing above it (PS3.4 §Y.6.1). Of its two levels there is IMAGE here; no
    /// frames are made instances of: see `FrameRequest`.
    case compositeInstanceRoot
    /// The same without frames: for retrievals without bulk data (PS3.4 §Z.1.2).
    case compositeInstance

    /// From the root down.
    package var levels: [Level] {
        switch self {
        case .patientRoot: [.patient, .study, .series, .image]
        case .studyRoot: [.study, .series, .image]
        case .patientStudyOnly: [.patient, .study]
        case .compositeInstanceRoot, .compositeInstance: [.image]
        }
    }

    /// The level that an identifier names in Query/Retrieve Level (0008,0052). Where it names none, and that is forgiven: the
    /// lowest whose unique key is in it, else the model's first, as people mean who leave it out.
    ///
    /// - Parameter needsValue: of a retrieval, a unique key without value names nothing.
    func level(of identifier: DataSet, isStrict: Bool, needsValue: Bool = false) throws(QueryFault) -> Level {
        let name = identifier.text(.queryRetrieveLevel) ?? ""
        if name.isEmpty, !isStrict {
            return levels.last { level in
                guard let element = identifier[level.uniqueKey] else { return false }
                guard needsValue, case .bytes(let bytes) = element.value else { return !needsValue }
                return !bytes.trimmingPadding().isEmpty
            } ?? levels[0]
        }
        guard let level = Level(name: name), levels.contains(level) else {
            let known = levels.map(\.name).joined(separator: ", ")
            let found = name.isEmpty ? "absent" : printable(name, maximumBytes: 16)
            throw QueryFault(.identifierDoesNotMatch, [.queryRetrieveLevel], "level is \(found), not \(known)")
        }
        return level
    }
}

extension Level {
    /// The unique key of the level (PS3.4 §C.2.2.1.1).
    package var uniqueKey: Tag {
        switch self {
        case .patient: .patientID
        case .study: .studyInstanceUID
        case .series: .seriesInstanceUID
        case .image: .sopInstanceUID
        }
    }
}
