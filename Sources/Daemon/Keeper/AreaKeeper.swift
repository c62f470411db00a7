// Keeping one area in order: leftovers go, quotas are watched, programs are run; and, in a thread of its own because it may take
// minutes, its journal is folded and its runs are merged.

import Archive
import ArchiveIndex
import Configuration
import DICOM
import Platform

/// Keeps one area.
struct AreaKeeper: Sendable {
    /// Workers may die while the daemon lives.
    private static let sweptSeconds = 5.0

    private let area: WrittenAreas.Area
    private let log: Logger
    private let index: KeptIndex

    init(_ area: WrittenAreas.Area, log: Logger) {
        self.area = area
        self.log = log
        index = KeptIndex(area.paths)
    }

    /// Starts its threads.
    func start() throws(Errno) {
        let keeper = self
        _ = try Thread(named: "keeper") { keeper.keepArea() }
        _ = try Thread(named: "index") { keeper.keepIndex() }
    }

    private func keepArea() {
        let quotas = QuotaWatch(area, log: log)
        var programs: [QuietPrograms] = []
        if let setting = area.settings.onSeriesQuiet {
            programs.append(QuietPrograms(setting, .series, of: area, log: log))
        }
        if let setting = area.settings.onStudyQuiet {
            programs.append(QuietPrograms(setting, .study, of: area, log: log))
        }
        var nextSweep = Deadline(afterSeconds: 0)
        KeeperLoop(name: "\(area.entry.aeTitle) can't be kept in order", log: log).run { () throws(StoreFault) in
            if nextSweep.hasPassed {
                try sweep()
                nextSweep = Deadline(afterSeconds: Self.sweptSeconds)
            }
            let index = try index.open()
            try quotas.attend(index)
            guard let index else { return }
            for program in programs { try program.attend(index) }
        }
    }

    private func keepIndex() {
        KeeperLoop(name: "the journal of \(area.entry.aeTitle) can't be folded", log: log).run {
            () throws(StoreFault) in
            guard let index = try index.open() else { return }
            try indexing { () throws(IndexFault) in try index.foldAndMergeWhereDue() }
        }
    }

    private func sweep() throws(StoreFault) {
        let count = try storing { () throws(FileFault) in
            try IncomingFolder(ofInstances: area.paths.instances).sweep()
        }
        guard count > 0 else { return }
        log.info(
            "removed what was never acknowledged", ("area", area.entry.aeTitle.text), ("files", "\(count)"))
    }
}

/// The index of an area, opened once something is there.
private final class KeptIndex: Sendable {
    private let paths: StorageAreaPaths
    private let known = Guarded<IndexFolder?>(nil)

    init(_ paths: StorageAreaPaths) { self.paths = paths }

    /// Nil where nothing was stored or imported yet.
    func open() throws(StoreFault) -> IndexFolder? {
        if let open = known.withLock({ $0 }) { return open }
        let opened = try indexing { () throws(IndexFault) -> IndexFolder? in
            guard try IndexFolder.exists(at: paths.index) else { return nil }
            return try IndexFolder.open(at: paths.index, instancesFolder: paths.instances)
        }
        known.withLock { $0 = opened }
        return opened
    }
}
