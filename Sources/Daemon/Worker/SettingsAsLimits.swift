// The configuration's settings as the floors below take them.

import ArchiveIndex
import Configuration
import DICOM
import DIMSE

extension AssociationLimits {
    init(_ settings: Settings) {
        self.init()
        receivePDUBytes = settings.pduMaximumBytes
        associateSeconds = Double(settings.acseTimeoutSeconds)
        responseSeconds = Double(settings.dimseTimeoutSeconds)
        messageSeconds = min(messageSeconds, Double(settings.dimseTimeoutSeconds))
        idleSeconds = Double(settings.idleTimeoutSeconds)
    }
}

extension MatchingOptions {
    init(_ settings: Settings) {
        self.init()
        unknownMatches = settings.unknownMatches
    }
}

extension ResponseEncoding {
    init(_ setting: ResponseCharacterSet) {
        let named = setting.characterSet.map { SpecificCharacterSet(stored: Array($0.utf8)) }
        self.init(fallback: named ?? .utf8, isOverriding: setting.isOverriding)
    }
}
