// The quotas of one area: counted when the daemon starts, said when they are nearly reached, and kept by deleting what came first
// where the configuration wants that.

import Archive
import ArchiveIndex
import Configuration
import DICOM
import Platform

/// Watches the quotas of one area. Used by one thread.
final class QuotaWatch {
    private static let countedSeconds = 900.0
    /// Said at this part of a quota, and again after it was left by a little.
    private static let nearPart = 0.9
    private static let farPart = 0.85
    /// Between two searches for studies to delete so many times what one takes.
    private static let searchPause = 20.0
    /// After what could not be deleted.
    static let faultPauseSeconds = 300.0
    /// Room is made up to this part of a quota.
    private static let freedPart = 0.95

    private let area: WrittenAreas.Area
    private let limits: AreaLimits
    private let log: Logger
    private let kernel: any Kernel
    private let pauseSeconds: Double
    private var nextCount = Deadline(afterSeconds: 0)
    private var nextSearch = Deadline(afterSeconds: 0)
    private var isAnnounced = false
    private var isNear = false
    /// Of the last count, the first to have come last.
    private var oldest: [StoredStudy] = []

    /// - Parameter pauseSeconds: until what could not be deleted is tried again.
    init(
        _ area: WrittenAreas.Area, log: Logger, kernel: any Kernel = SystemKernel(),
        pauseSeconds: Double = faultPauseSeconds
    ) {
        self.area = area
        self.kernel = kernel
        self.pauseSeconds = pauseSeconds
        limits = area.store.policy.limits
        self.log = log
    }

    /// - Parameter index: nil where nothing was stored yet.
    func attend(_ index: IndexFolder?) throws(StoreFault) {
        guard limits.bytesMaximum != nil || limits.studiesMaximum != nil, let usage = area.usage else { return }
        if nextCount.hasPassed { try count(index, usage) }
        if let index, deletes { try makeRoom(index, usage) }
        sayWhereNear(usage)
    }

    private func count(_ index: IndexFolder?, _ usage: AreaUsage) throws(StoreFault) {
        let started = MonotonicInstant.now()
        let before = usage.stored
        let studies = try indexing { () throws(IndexFault) in try index?.snapshot().storedStudies() ?? [] }
        usage.set(bytes: studies.reduce(0) { $0 + $1.bytes }, studies: studies.count, before: before)
        oldest = deletes ? studies.sorted { $0.lastNs > $1.lastNs } : []
        let seconds = MonotonicInstant.now().seconds(since: started)
        nextCount = Deadline(afterSeconds: Self.countedSeconds)
        nextSearch = Deadline(afterSeconds: seconds * Self.searchPause)
        guard !isAnnounced else { return }
        isAnnounced = true
        usage.setMakesRoom(deletes)
        log.info("\(name): \(words(usage))", ("beyond", action))
    }

    private var deletes: Bool { area.settings.quotaAction == .deleteOldest }

    /// Deletes studies, the first to have come last at first, until the quotas are kept with something to spare. As long as that
    /// goes on, instances are taken beyond the quotas.
    private func makeRoom(_ index: IndexFolder, _ usage: AreaUsage) throws(StoreFault) {
        guard part(usage) >= 1 else { return usage.setMakesRoom(true) }
        guard nextSearch.hasPassed else { return }
        // Others may have removed something: nothing goes for what isn't there any more.
        try count(index, usage)
        let deletion = StudyDeletion(index, area.paths, kernel: kernel)
        while part(usage) > Self.freedPart, mayDeleteNext, let study = oldest.popLast() {
            do throws(StoreFault) {
                // What has arrived for it since is newer than others; and another host may make room as well.
                guard let deleted = try deletion.delete(study.studyInstanceUID, throughNs: study.lastNs) else { break }
                usage.add(bytes: -deleted.bytes, studies: -1)
                say(deleted)
            } catch {
                // What can't be deleted now can't be in a moment; stores are refused until then.
                nextSearch = Deadline(afterSeconds: pauseSeconds)
                usage.setMakesRoom(false)
                throw error
            }
        }
        // A study that is just arriving isn't in the index yet: as soon as it is, the one before it may go.
        let isLastArriving = oldest.count < 2 && usage.studies > oldest.count
        usage.setMakesRoom(part(usage) < 1 || isLastArriving)
    }

    private func say(_ deleted: StoredStudy) {
        log.warn(
            "deleted a study to make room (QuotaAction)", ("area", name),
            ("study", deleted.studyInstanceUID.text), ("files", "\(deleted.files)"), ("bytes", "\(deleted.bytes)"),
            ("received", WallTime(nanosecondsSince1970: deleted.lastNs).localText))
    }

    /// Whether the first study may go: not within the retention, and never the last one that is left, which may be arriving.
    private var mayDeleteNext: Bool {
        guard oldest.count > 1, let study = oldest.last else { return false }
        let retainedNs = Int64(area.settings.retentionDays) * 86_400 * 1_000_000_000
        return study.lastNs <= WallClock.now().nanosecondsSince1970 - retainedNs
    }

    // MARK: Words

    private func sayWhereNear(_ usage: AreaUsage) {
        let part = part(usage)
        if part < Self.farPart { isNear = false }
        guard part >= Self.nearPart, !isNear else { return }
        isNear = true
        log.warn("\(name) is nearly full: \(words(usage))", ("beyond", action))
    }

    /// How much of the quota is used that is used most.
    private func part(_ usage: AreaUsage) -> Double {
        max(
            limits.bytesMaximum.map { Double(usage.bytes) / Double(max(1, $0)) } ?? 0,
            limits.studiesMaximum.map { Double(usage.studies) / Double(max(1, $0)) } ?? 0)
    }

    private var name: String { area.entry.aeTitle.text }

    private func words(_ usage: AreaUsage) -> String {
        var parts: [String] = []
        if let maximum = limits.bytesMaximum { parts.append("\(usage.bytes) of \(maximum) bytes") }
        if let maximum = limits.studiesMaximum { parts.append("\(usage.studies) of \(maximum) studies") }
        return "\(parts.joined(separator: " and ")) are stored"
    }

    private var action: String {
        switch area.settings.quotaAction {
        case .refuse: "refused"
        case .deleteOldest:
            "the oldest studies are deleted, none of the last \(area.settings.retentionDays) days"
        }
    }
}
