// How urgent a request says it is.

/// The Priority (0000,0700) of an operation (PS3.7 §E.1-1).
package enum Priority: UInt16, Sendable { case medium = 0, high = 1, low = 2 }

extension Priority {
    /// The first is performed first.
    package var rank: Int {
        switch self {
        case .high: 0
        case .medium: 1
        case .low: 2
        }
    }
}

extension CommandSet {
    /// The request's Priority; medium where it has none, as a C-ECHO-RQ, or none that the standard knows.
    package var urgency: Priority { priority.flatMap(Priority.init) ?? .medium }
}
