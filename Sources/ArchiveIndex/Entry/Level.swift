// The levels of the Query/Retrieve information models (PS3.4 §C.6).

/// A level, topmost first.
package enum Level: Int, CaseIterable, Comparable, Sendable {
    case patient, study, series, image

    /// The value of Query/Retrieve Level (0008,0052).
    package var name: String {
        switch self {
        case .patient: "PATIENT"
        case .study: "STUDY"
        case .series: "SERIES"
        case .image: "IMAGE"
        }
    }

    /// From a value of (0008,0052), outer spaces removed.
    package init?(name: String) {
        guard let level = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = level
    }

    package static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }
}
