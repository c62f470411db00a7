// The areas that a daemon stores to, as the configuration wants them.

import Archive
import Configuration
import DICOM
import Platform
import ServiceClasses

/// The areas of a configuration with the access right W: one for each folder.
struct WrittenAreas: Sendable {
    struct Area: Sendable {
        let entry: StorageAreaEntry
        let paths: StorageAreaPaths
        let settings: StorageSettings
        let negotiation: StorageNegotiation
        let store: InstanceStore
        /// What is stored there; nil where nobody counts it.
        let usage: AreaUsage?
    }

    private let byFolder: [String: Area]
    /// In the order of the AETable.
    let all: [Area]

    /// - Parameter usage: what all processes of the daemon count together.
    init(_ settings: Settings, usage: SharedTable?) {
        let entries = Self.entries(settings)
        all = entries.enumerated().map { number, entry in
            let own = settings.storage(of: entry)
            let paths = ServedAreas.paths(entry, settings)
            let counted = usage.map { AreaUsage($0, area: number) }
            let quotas = settings.areas.filter { $0.folder == entry.folder && $0.access.allowsWriting }.map(\.quota)
            return Area(
                entry: entry, paths: paths, settings: own, negotiation: StorageNegotiation(own),
                store: InstanceStore(paths, policy: StorePolicy(own, quotas: quotas), usage: counted), usage: counted)
        }
        byFolder = Dictionary(all.map { ($0.entry.folder, $0) }) { first, _ in first }
    }

    /// The first row of each folder that may be written to.
    private static func entries(_ settings: Settings) -> [StorageAreaEntry] {
        var folders: Set<String> = []
        return settings.areas.filter { $0.access.allowsWriting && folders.insert($0.folder).inserted }
    }

    /// A table for the usage of all of them.
    static func usageTable(_ settings: Settings) throws(Errno) -> SharedTable {
        try SharedTable(count: max(1, entries(settings).count * AreaUsage.slots), named: "fileroom-usage")
    }

    func area(of entry: StorageAreaEntry) -> Area? { byFolder[entry.folder] }
}
