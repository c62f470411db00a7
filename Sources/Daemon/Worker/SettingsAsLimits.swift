// The configuration's settings as the floors below take them.

import ArchiveIndex
import Configuration
import DICOM
import DIMSE
import Platform
import ServiceClasses

extension AssociationLimits {
    /// As the configuration has them.
    ///
    /// - Parameter idleSeconds: the daemon's own, for where the configuration has no `IdleTimeout`.
    init(_ settings: Settings, idleSeconds standard: Int) {
        self.init()
        receivePDUBytes = settings.pduMaximumBytes
        associateSeconds = Double(settings.acseTimeoutSeconds)
        responseSeconds = Double(settings.dimseTimeoutSeconds)
        messageSeconds = min(messageSeconds, Double(settings.dimseTimeoutSeconds))
        // One who is to be quicker between PDUs is judged sooner as well.
        leastRateSeconds = min(leastRateSeconds, 2 * messageSeconds)
        idleSeconds = Double(settings.idleTimeoutSeconds ?? standard)
    }
}

extension MoveRules {
    /// As the configuration has them.
    init(_ settings: Settings) {
        self.init()
        parallelism = settings.moveParallelism
        window = settings.moveWindow
        retries = settings.moveRetries
        retrySeconds = Double(settings.moveRetrySeconds)
    }
}

extension MatchingOptions {
    /// As the configuration has them.
    package init(_ settings: Settings) {
        self.init()
        unknownMatches = settings.unknownMatches
        isStrict = settings.queryMode == .strict
        ignoresAccents = settings.ignoresAccents
    }
}

extension FindLimits {
    /// As the configuration has them.
    init(_ settings: Settings) {
        self.init()
        responsesMaximum = settings.responsesMaximum
        headerFilesMaximum = settings.headerReadsMaximum
    }
}

extension ResponseEncoding {
    init(_ setting: ResponseCharacterSet) {
        let named = setting.characterSet.map { SpecificCharacterSet(stored: Array($0.utf8)) }
        self.init(fallback: named ?? .utf8, isOverriding: setting.isOverriding)
    }
}

extension Settings {
    /// Processes that serve: `Workers`, else as many as there are cores, but at least two, so that the death of one leaves
    /// the service up, and at most eight.
    var workerCount: Int { workers ?? min(max(Program.coreCount, 2), 8) }
}
