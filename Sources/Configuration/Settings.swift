// What a configuration file says, as values: the global parameters with their defaults, and the tables.

import DICOM

/// The settings of one Fileroom: read once from a configuration file, then unchangeable.
package struct Settings: Equatable, Sendable {
    // Parameters that dcmqrscp.cfg has too.

    /// `NetworkTCPPort`; 0 lets the kernel pick one.
    package internal(set) var networkTCPPort = 104
    /// `MaxPDUSize`: the length of a P-DATA-TF PDU that we announce.
    package internal(set) var pduMaximumBytes = 131_072
    /// `MaxAssociations`: at one time, over all peers.
    package internal(set) var associationsMaximum = 2_000
    /// `SpecificCharacterSet`: of responses.
    package internal(set) var responseCharacterSet = ResponseCharacterSet()
    /// `UserName`: whom a daemon started by root becomes; nil stays.
    package internal(set) var userName: String?
    /// `GroupName`: as `userName`.
    package internal(set) var groupName: String?

    // Fileroom's own.

    /// `StorageTCPPort`: fileroom-stored's, 0 lets the kernel pick one; nil where fileroom-qrd serves storage on
    /// `networkTCPPort` too.
    package internal(set) var storageTCPPort: Int?
    /// `ListenAddress`: a name or a literal; nil is all addresses, IPv4 and IPv6.
    package internal(set) var listenAddress: String?
    /// `ACSETimeout`: for the association request or its answer to be whole.
    package internal(set) var acseTimeoutSeconds = 30
    /// `DIMSETimeout`: for the answer to a request of ours (a move destination's C-STORE response).
    package internal(set) var dimseTimeoutSeconds = 120
    /// `IdleTimeout`: for an association on which no message comes; nil leaves it to the daemon.
    package internal(set) var idleTimeoutSeconds: Int?
    /// `EndTimeout`: for operations that are running at SIGTERM.
    package internal(set) var endTimeoutSeconds = 30
    /// `LogLevel`: what is less important isn't written.
    package internal(set) var logLevel = LogLevel.info
    /// `LogFile`: an absolute path; nil is standard error.
    package internal(set) var logFile: String?
    /// `DefaultAETitle`: the area that unknown called AE titles get; a row of the AETable.
    package internal(set) var defaultAETitle: AETitle?
    /// `IndexDirectory`: an absolute path; nil is `index` in each area's folder.
    package internal(set) var indexDirectory: String?
    /// `Workers`: processes that serve associations; nil leaves the number to the daemon.
    package internal(set) var workers: Int?
    /// `UnknownMatches`: whether a stored value of zero length matches every key value (PS3.4 §C.2.2.1.2).
    package internal(set) var unknownMatches = false
    /// `AccentInsensitiveNames`: whether names match whatever their accents (PS3.4 §C.2.2.2.1.1).
    package internal(set) var ignoresAccents = true
    /// `QueryMode`: whether identifiers have to keep to the hierarchical search (PS3.4 §C.4.1.2.1).
    package internal(set) var queryMode = QueryMode.lenient
    /// `MaxResponses`: matches that one C-FIND gives; nil is all of them.
    package internal(set) var responsesMaximum: Int?
    /// `HeaderReads`: files that one C-FIND may open for keys that the index doesn't hold.
    package internal(set) var headerReadsMaximum = 10_000
    /// `MoveWindow`: C-STOREs that a C-MOVE keeps outstanding on an association, where its destination agrees; with 1 the
    /// destination isn't asked (PS3.7 §D.3.3.3).
    package internal(set) var moveWindow = 8

    // Storing.

    /// For all areas that the AreaTable says nothing of.
    package internal(set) var storage = StorageSettings()
    /// By folder, for those of which it does.
    var storageOfFolder: [String: StorageSettings] = [:]

    // The tables.

    /// The HostTable, in the file's order, groups resolved.
    package internal(set) var hosts: [HostEntry] = []
    /// The VendorTable, likewise.
    package internal(set) var vendors: [HostEntry] = []
    /// The AETable: one entry for each AE title, in the file's order.
    package internal(set) var areas: [StorageAreaEntry] = []

    /// The PeerTable, in the file's order.
    package internal(set) var peerFallbacks: [PeerFallback] = []

    /// What works, but perhaps not as meant; said once at start-up.
    package internal(set) var warnings: [ConfigurationWarning] = []

    package init() {}
}
