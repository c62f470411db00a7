// The UIDs without which no instance can be managed (PS3.4 §C.2.2.1.1).

import DICOM

/// A UID that every instance must have. The number goes into the codes of refusals that an index remembers.
package enum RequiredUID: UInt8, CaseIterable, Sendable {
    case sopClass = 0
    case study = 1
    case series = 2
    case instance = 3

    package var tag: Tag {
        switch self {
        case .sopClass: .sopClassUID
        case .study: .studyInstanceUID
        case .series: .seriesInstanceUID
        case .instance: .sopInstanceUID
        }
    }
}

extension RequiredUID: CustomStringConvertible {
    package var description: String { "\(DataDictionary.entry(for: tag)?.name ?? "") \(tag)" }
}
