// The global parameters by name: what each takes, and which setting it is. Those of storing are in the room Storage.

import DICOM

/// Every parameter of a configuration file that is the same for all areas.
package enum Parameter: String, CaseIterable, Sendable {
    // dcmqrscp.cfg's.
    case networkTCPPort = "NetworkTCPPort"
    case maxPDUSize = "MaxPDUSize"
    case maxAssociations = "MaxAssociations"
    case specificCharacterSet = "SpecificCharacterSet"
    case userName = "UserName"
    case groupName = "GroupName"

    // Fileroom's.
    case storageTCPPort = "StorageTCPPort"
    case listenAddress = "ListenAddress"
    case acseTimeout = "ACSETimeout"
    case dimseTimeout = "DIMSETimeout"
    case idleTimeout = "IdleTimeout"
    case endTimeout = "EndTimeout"
    case logLevel = "LogLevel"
    case logFile = "LogFile"
    case defaultAETitle = "DefaultAETitle"
    case indexDirectory = "IndexDirectory"
    case workers = "Workers"
    case unknownMatches = "UnknownMatches"
    case queryMode = "QueryMode"
    case maxResponses = "MaxResponses"
    case headerReads = "HeaderReads"
    case moveWindow = "MoveWindow"
    case accentInsensitiveNames = "AccentInsensitiveNames"

    // Those that dcmqrscp accepts from older files and ignores.
    case applicationTitle = "ApplicationTitle"
    case applicationContext = "ApplicationContext"
    case implementationClass = "ImplementationClass"
    case implementationVersion = "ImplementationVersion"
    case networkType = "NetworkType"
    case display = "Display"
    case displayPort = "DisplayPort"

    package var isIgnored: Bool {
        switch self {
        case .applicationTitle, .applicationContext, .implementationClass, .implementationVersion, .networkType,
            .display, .displayPort:
            true
        default: false
        }
    }

    /// Whether dcmqrscp knows it: there, what follows the value is passed over, so a file that works may have some.
    var isOfDcmqrscp: Bool {
        switch self {
        case .networkTCPPort, .maxPDUSize, .maxAssociations, .specificCharacterSet, .userName, .groupName: true
        default: isIgnored
        }
    }

    /// Whether it takes all the words of its line.
    var isList: Bool { self == .specificCharacterSet || isIgnored }

    /// Puts `value` into its setting.
    func apply(_ value: ParameterValue, to settings: inout Settings) throws(ValueFault) {
        switch self {
        case .networkTCPPort: settings.networkTCPPort = try value.integer(in: 0...65_535)
        case .storageTCPPort: settings.storageTCPPort = try value.integer(in: 0...65_535)
        case .maxPDUSize: settings.pduMaximumBytes = try value.bytes(in: 4_096...131_072)
        case .maxAssociations: settings.associationsMaximum = try value.integer(in: 1...100_000)
        case .specificCharacterSet: settings.responseCharacterSet = try ResponseCharacterSet(value)
        case .userName: settings.userName = value.account
        case .groupName: settings.groupName = value.account
        case .listenAddress:
            settings.listenAddress = value.words.first?.text == "*" ? nil : try value.hostName()
        case .acseTimeout: settings.acseTimeoutSeconds = try value.integer(in: Self.timeoutSeconds, unit: " (seconds)")
        case .dimseTimeout:
            settings.dimseTimeoutSeconds = try value.integer(in: Self.timeoutSeconds, unit: " (seconds)")
        case .idleTimeout: settings.idleTimeoutSeconds = try value.integer(in: Self.timeoutSeconds, unit: " (seconds)")
        case .endTimeout: settings.endTimeoutSeconds = try value.integer(in: Self.timeoutSeconds, unit: " (seconds)")
        case .logLevel: settings.logLevel = try value.choice(of: LogLevel.self)
        case .logFile: settings.logFile = try value.path()
        case .defaultAETitle: settings.defaultAETitle = try value.aeTitle()
        case .indexDirectory: settings.indexDirectory = try value.path()
        case .workers: settings.workers = try value.integer(in: 1...256)
        case .unknownMatches: settings.unknownMatches = try value.choice(of: YesNo.self) == .yes
        case .accentInsensitiveNames: settings.ignoresAccents = try value.choice(of: YesNo.self) == .yes
        case .queryMode: settings.queryMode = try value.choice(of: QueryMode.self)
        case .maxResponses:
            let number = try value.integer(in: 0...1_000_000_000)
            settings.responsesMaximum = number == 0 ? nil : number
        case .headerReads: settings.headerReadsMaximum = try value.integer(in: 0...1_000_000_000)
        case .moveWindow: settings.moveWindow = try value.integer(in: 1...16)
        case .applicationTitle, .applicationContext, .implementationClass, .implementationVersion, .networkType,
            .display, .displayPort:
            break
        }
    }

    private static let timeoutSeconds = 1...86_400
}

private enum YesNo: String, CaseIterable { case yes, no }

extension ResponseCharacterSet {
    /// A character set, `override` or `fallback`, in any order. dcmqrscp's `transliterate` and `discard` are read over: what a
    /// character set can't carry goes out in UTF-8, and nothing is replaced or lost.
    init(_ value: ParameterValue) throws(ValueFault) {
        let expected = "a character set such as \"ISO_IR 192\", then any of override, fallback, transliterate, discard"
        _ = try value.text(expected: expected)
        var isFallback = false
        for word in value.words {
            switch word.text {
            case "override": isOverriding = true
            case "fallback": isFallback = true
            case "transliterate", "discard": break
            case let term where characterSet == nil && Self.isCharacterSet(term): characterSet = term
            default: throw ValueFault(found: "\(value.parameter) = \(word.text.quoted)", expected: expected)
            }
        }
        if isOverriding, isFallback {
            throw ValueFault(found: "both override and fallback", expected: "one of the two")
        }
    }

    /// Whether `text` is defined terms as the standard writes and combines them (PS3.3 §C.12.1.1.2).
    private static func isCharacterSet(_ text: String) -> Bool {
        let characterSet = SpecificCharacterSet(stored: Array(text.utf8))
        return text == "ISO_IR 6"
            || !text.isEmpty && characterSet.storedValue == Array(text.utf8)
                && characterSet.unknownTerms.isEmpty
    }
}
