// The storage areas of a configuration: rows of the AETable with one folder are one area.

import Archive
import ArchiveIndex
import Configuration
import DICOM
import Platform
import ServiceClasses

/// Makes the areas of a configuration, and says what is odd about them.
package enum ServedAreas {
    /// Each AE title's area; titles of one folder share its index.
    static func all(_ settings: Settings) -> [AETitle: ServedArea] {
        var areas: [AETitle: ServedArea] = [:]
        for entry in settings.areas {
            let paths = paths(entry, settings)
            areas[entry.aeTitle] = ServedArea(
                title: entry.aeTitle, indexPath: paths.index, instancesFolder: paths.instances)
        }
        return areas
    }

    /// Where an area's parts lie.
    package static func paths(_ entry: StorageAreaEntry, _ settings: Settings) -> StorageAreaPaths {
        StorageAreaPaths(folder: Path(entry.folder), index: Path(settings.indexFolder(of: entry)))
    }

    /// Says what is served, a line an area, and which files no index knows.
    package static func announce(_ settings: Settings, as kind: DaemonKind, _ log: Logger) {
        if settings.areas.isEmpty { log.warn("the AETable has no rows: nothing is served") }
        for entry in settings.areas {
            let peers = entry.peers == .any ? "anyone" : "\(entry.peers.peers.count) peers"
            log.info(
                "serving \(entry.aeTitle)", ("folder", entry.folder), ("access", entry.access.rawValue),
                ("peers", peers))
        }
        for entry in settings.distinctAreas {
            do throws(IndexFault) {
                if let words = try wordsOfFallback(entry, settings) { log.warn(words) }
                let count = try paths(entry, settings).unindexedFiles(limit: 1_000)
                guard count > 0 else { continue }
                let words = count >= 1_000 ? "1000 files or more" : count == 1 ? "1 file" : "\(count) files"
                log.warn("\(entry.aeTitle): \(words) not indexed; run fileroom-index import --ae \(entry.aeTitle)")
            } catch {
                log.warn("\(entry.aeTitle) can't be served as it is: \(error)")
            }
        }
        if let words = wordsOfQuotas(settings) { log.info(words) }
    }

    /// What quotas do here, since with dcmqrscp they delete; nil where nothing is stored under one.
    static func wordsOfQuotas(_ settings: Settings) -> String? {
        let deleting = settings.distinctAreas.filter { settings.storage(of: $0).quotaAction == .deleteOldest }
        guard deleting.isEmpty else {
            let titles = deleting.map(\.aeTitle.text).joined(separator: ", ")
            return "quotas refuse what is beyond them, but in \(titles) the studies stored first are deleted"
                + " (QuotaAction = delete-oldest)"
        }
        let hasQuota = settings.areas.contains { $0.access.allowsWriting && $0.quota.studiesMaximum > 0 }
        return hasQuota ? "quotas refuse what is beyond them; Fileroom deletes nothing" : nil
    }

    /// What to do where an area's index was made with another fallback character set than the configuration has; nil where there
    /// is nothing to do, or no index.
    private static func wordsOfFallback(_ entry: StorageAreaEntry, _ settings: Settings) throws(IndexFault) -> String? {
        let paths = paths(entry, settings)
        guard try IndexFolder.exists(at: paths.index) else { return nil }
        let index = try IndexFolder.open(at: paths.index, instancesFolder: paths.instances)
        return words(ofFallback: try index.fallbackCharacterSet(), of: entry, settings)
    }

    /// The same of an index that was made with `made`.
    package static func words(
        ofFallback made: FallbackCharacterSet, of entry: StorageAreaEntry, _ settings: Settings
    ) -> String? {
        let wanted = settings.storage(of: entry).fallbackCharacterSet
        guard made != wanted else { return nil }
        return
            "\(entry.aeTitle) was indexed with FallbackCharacterSet = \"\(made)\", and the configuration says \"\(wanted)\": "
            + "run fileroom-index rebuild --ae \(entry.aeTitle); until then it stays with \"\(made)\""
    }
}
