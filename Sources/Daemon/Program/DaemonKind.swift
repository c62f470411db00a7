// The daemons of Fileroom, and what each of them serves.

import Configuration

/// Services that a daemon provides besides Verification.
package struct Services: OptionSet, Sendable {
    package let rawValue: Int
    package init(rawValue: Int) { self.rawValue = rawValue }

    /// C-FIND, C-GET and C-MOVE.
    package static let queryRetrieve = Services(rawValue: 1)
    /// C-STORE.
    package static let storage = Services(rawValue: 2)
}

/// A daemon, by the name of its program.
package enum DaemonKind: String, CaseIterable, Sendable {
    case queryRetrieve = "fileroom-qrd"
    case storage = "fileroom-stored"

    package var name: String { rawValue }

    /// What it serves under a configuration: one that names no port for storage has one port for all.
    package func services(_ settings: Settings) -> Services {
        switch self {
        case .queryRetrieve: settings.storageTCPPort == nil ? [.queryRetrieve, .storage] : .queryRetrieve
        case .storage: .storage
        }
    }

    /// The port that the configuration gives it; nil where it gives it none.
    package func port(_ settings: Settings) -> Int? {
        switch self {
        case .queryRetrieve: settings.networkTCPPort
        case .storage: settings.storageTCPPort
        }
    }

    /// The parameter that `port` is from.
    var portParameter: String {
        switch self {
        case .queryRetrieve: "NetworkTCPPort"
        case .storage: "StorageTCPPort"
        }
    }

    /// Whether one worker takes all associations while it can, and the others stand by: those who store in one process share one
    /// sync of the journal, and needn't wait for its lock. Queries go to all workers alike.
    var hasStandbys: Bool { self == .storage }

    /// For an association on which no message comes, unless the configuration says otherwise: scanners hold one for a whole
    /// examination.
    var idleSeconds: Int {
        switch self {
        case .queryRetrieve: 600
        case .storage: 3_600
        }
    }
}
