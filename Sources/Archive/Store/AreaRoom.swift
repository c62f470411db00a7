// Whether an area has room for an instance: on its disk, and by its quotas, which count only what was stored.

import ArchiveIndex
import DICOM
import Platform

/// The room of one area. Shared by threads.
final class AreaRoom: Sendable {
    private struct KnownStudy {
        var bytes: Int
        let until: Deadline
    }

    private let limits: AreaLimits
    private let paths: StorageAreaPaths
    private let usage: AreaUsage?
    private let kernel: any Kernel
    /// What is stored of studies, kept for a moment: others store to them as well.
    private let studies = Guarded<[UID: KnownStudy]>([:])
    private static let keptSeconds = 1.0
    private static let studiesMaximum = 1_024

    init(_ limits: AreaLimits, _ paths: StorageAreaPaths, usage: AreaUsage?, kernel: any Kernel) {
        self.limits = limits
        self.paths = paths
        self.usage = usage
        self.kernel = kernel
    }

    /// Whether there is room at all, before an instance arrives.
    func check() throws(StoreFault) {
        if let maximum = limits.bytesMaximum, let usage, usage.isBinding, usage.bytes >= maximum {
            throw .overQuota(.areaBytes(used: usage.bytes, maximum: maximum))
        }
        let disk: FileSystem
        do throws(FileFault) { disk = try holding(paths.instances) } catch { throw .file(error) }
        let minimum = UInt64(clamping: limits.freeBytesMinimum(Int(clamping: disk.totalBytes)))
        guard disk.freeBytes >= minimum else {
            throw .overQuota(.freeBytes(left: disk.freeBytes, minimum: minimum))
        }
        // Some file systems have inodes without number, and say 0.
        guard disk.totalInodes == 0 || disk.freeInodes >= limits.freeInodesMinimum else {
            throw .overQuota(.freeInodes(left: disk.freeInodes, minimum: limits.freeInodesMinimum))
        }
    }

    /// The file system of a folder that may have to be made yet; its area is there.
    private func holding(_ folder: Path) throws(FileFault) -> FileSystem {
        do throws(FileFault) { return try FileSystem.holding(folder, kernel: kernel) } catch {
            guard error.cause == .noEntry else { throw error }
            return try FileSystem.holding(paths.folder, kernel: kernel)
        }
    }

    /// Whether the quotas let this one in.
    func check(_ arrived: ArrivedInstance, in index: IndexFolder) throws(StoreFault) {
        guard limits.hasQuota else { return }
        if let maximum = limits.bytesMaximum, let usage, usage.isBinding, usage.bytes > maximum - arrived.byteCount {
            throw .overQuota(.areaBytes(used: usage.bytes, maximum: maximum))
        }
        guard limits.studiesMaximum != nil || limits.studyBytesMaximum != nil else { return }
        let study = arrived.header.studyInstanceUID
        if let maximum = limits.studyBytesMaximum {
            var used = try storedBytes(of: study, in: index, isCountedAnew: false)
            // Before one is refused, it is looked once more.
            if used > maximum - arrived.byteCount {
                used = try storedBytes(of: study, in: index, isCountedAnew: true)
            }
            if used > maximum - arrived.byteCount {
                throw .overQuota(.studyBytes(used: used, maximum: maximum))
            }
        }
        if let maximum = limits.studiesMaximum, let usage {
            // Known in any case: `count` tells by it whether the study is a new one.
            let isNew = try storedBytes(of: study, in: index, isCountedAnew: false) == 0
            if isNew, usage.isBinding, usage.studies >= maximum {
                throw .overQuota(.studies(count: usage.studies, maximum: maximum))
            }
        }
    }

    private func storedBytes(of study: UID, in index: IndexFolder, isCountedAnew: Bool) throws(StoreFault) -> Int {
        let known = studies.withLock { $0[study] }
        if let known, !isCountedAnew, !known.until.hasPassed { return known.bytes }
        let bytes = try indexing { () throws(IndexFault) in try index.snapshot().study(study)?.stored()?.bytes ?? 0 }
        studies.withLock { studies in
            if studies.count >= Self.studiesMaximum { studies = [:] }
            studies[study] = KnownStudy(bytes: bytes, until: Deadline(afterSeconds: Self.keptSeconds))
        }
        return bytes
    }

    /// An instance was stored.
    func count(_ arrived: ArrivedInstance) {
        let study = arrived.header.studyInstanceUID
        let isNewStudy = studies.withLock { studies in
            let bytes = studies[study]?.bytes
            studies[study]?.bytes += arrived.byteCount
            return bytes == 0
        }
        usage?.add(bytes: arrived.byteCount, studies: isNewStudy ? 1 : 0)
    }

    /// A stored file went.
    func uncount(_ place: Place) { usage?.add(bytes: -place.sizeBytes, studies: 0) }
}
