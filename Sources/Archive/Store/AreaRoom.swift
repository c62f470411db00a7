// Whether an area has room for an instance: on its disk, and by its quotas, which count only what was stored.

import ArchiveIndex
import DICOM
import Platform

/// The room of one area. Shared by threads.
final class AreaRoom: Sendable {
    private struct KnownStudy {
        /// Stored of it, and when that is to be looked up anew.
        var bytes = 0
        var until = Deadline(afterSeconds: 0)
        /// Bytes and instances of it that are being stored here.
        var reservedBytes = 0
        var reservations = 0
        /// One of these has counted it as a new study.
        var isReserved = false
    }

    /// Room that was found for an instance: it is taken from then on, and has to be given back where it isn't used.
    struct Reservation {
        fileprivate let study: UID
        fileprivate let bytes: Int
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
        if let quota = limits.whatIsShort(on: disk) { throw .overQuota(quota) }
    }

    /// The file system of a folder that may have to be made yet; its area is there.
    private func holding(_ folder: Path) throws(FileFault) -> FileSystem {
        do throws(FileFault) { return try FileSystem.holding(folder, kernel: kernel) } catch {
            guard error.cause == .noEntry else { throw error }
            return try FileSystem.holding(paths.folder, kernel: kernel)
        }
    }

    /// Whether the quotas let this one in; if so, it counts from now on, until it is kept or given back.
    ///
    /// - Returns: nil where there is no quota.
    func reserve(_ arrived: ArrivedInstance, in index: IndexFolder) throws(StoreFault) -> Reservation? {
        guard limits.hasQuota else { return nil }
        let reservation = Reservation(study: arrived.header.studyInstanceUID, bytes: arrived.byteCount)
        if let used = usage?.reserve(bytes: reservation.bytes, maximum: limits.bytesMaximum) {
            throw .overQuota(.areaBytes(used: used, maximum: limits.bytesMaximum ?? 0))
        }
        guard limits.studiesMaximum != nil || limits.studyBytesMaximum != nil else { return reservation }
        do throws(StoreFault) {
            try learn(reservation.study, in: index, isAnew: false)
            // Before one is refused, it is looked once more.
            if take(reservation) != nil {
                try learn(reservation.study, in: index, isAnew: true)
                if let quota = take(reservation) { throw .overQuota(quota) }
            }
        } catch {
            usage?.giveBack(bytes: reservation.bytes, studies: 0)
            throw error
        }
        return reservation
    }

    /// Reserves room in a study that is known.
    ///
    /// - Returns: why there is none.
    private func take(_ reservation: Reservation) -> StoreFault.Quota? {
        studies.withLock { studies in
            var study = studies[reservation.study] ?? KnownStudy()
            let used = study.bytes + study.reservedBytes
            if let maximum = limits.studyBytesMaximum, used > maximum - reservation.bytes {
                return .studyBytes(used: used, maximum: maximum)
            }
            // The first of a new study counts it for all that come meanwhile.
            if study.bytes == 0, study.reservations == 0 {
                if let count = usage?.reserveStudy(maximum: limits.studiesMaximum) {
                    return .studies(count: count, maximum: limits.studiesMaximum ?? 0)
                }
                study.isReserved = true
            }
            study.reservations += 1
            study.reservedBytes += reservation.bytes
            studies[reservation.study] = study
            return nil
        }
    }

    /// Looks up what is stored of a study, unless that was done a moment ago.
    private func learn(_ study: UID, in index: IndexFolder, isAnew: Bool) throws(StoreFault) {
        let known = studies.withLock { $0[study] }
        if let known, !isAnew, !known.until.hasPassed { return }
        let bytes = try indexing { () throws(IndexFault) in try index.snapshot().study(study)?.stored()?.bytes ?? 0 }
        studies.withLock { studies in
            if studies.count >= Self.studiesMaximum { studies = studies.filter { $0.value.reservations > 0 } }
            studies[study, default: KnownStudy()].bytes = bytes
            studies[study]?.until = Deadline(afterSeconds: Self.keptSeconds)
        }
    }

    /// The instance is stored.
    func keep(_ reservation: Reservation) { settle(reservation, isStored: true) }

    /// It isn't.
    func giveBack(_ reservation: Reservation) { settle(reservation, isStored: false) }

    private func settle(_ reservation: Reservation, isStored: Bool) {
        // Of its study: whether it was counted by this one, and whether it still is.
        let (isNew, isGone) = studies.withLock { studies -> (Bool, Bool) in
            guard var study = studies[reservation.study], study.reservations > 0 else { return (false, false) }
            study.reservations -= 1
            study.reservedBytes -= reservation.bytes
            if isStored { study.bytes += reservation.bytes }
            let isSettled = study.isReserved && (isStored || study.reservations == 0)
            if isSettled { study.isReserved = false }
            studies[reservation.study] = study
            return (isSettled && isStored, isSettled && !isStored)
        }
        if isStored {
            usage?.keep(bytes: reservation.bytes, studies: isNew ? 1 : 0)
        } else {
            usage?.giveBack(bytes: reservation.bytes, studies: isGone ? 1 : 0)
        }
    }

    /// A stored file went.
    func uncount(_ place: Place) { usage?.add(bytes: -place.sizeBytes, studies: 0) }
}
