// The parameter `LogLevel`.

/// How much a daemon writes to its log.
package enum LogLevel: String, CaseIterable, Comparable, Sendable {
    case error, warn, info, debug

    package static func < (left: LogLevel, right: LogLevel) -> Bool { left.rank < right.rank }

    private var rank: Int {
        switch self {
        case .error: 0
        case .warn: 1
        case .info: 2
        case .debug: 3
        }
    }
}
