// How much an area takes: room that is kept free on its disk, and quotas on what the storage daemon has written to it.

import Platform

/// The limits of one area. Beyond them instances are refused: the sender keeps them, and may try again.
package struct AreaLimits: Sendable {
    /// Bytes that are kept free on a file system of so many.
    package var freeBytesMinimum: @Sendable (_ totalBytes: Int) -> Int = { max(1 << 30, $0 / 100) }
    package var freeInodesMinimum: UInt64 = 10_000
    /// Of all that was stored; nil is no limit.
    package var bytesMaximum: Int?
    /// Studies of which something was stored.
    package var studiesMaximum: Int?
    /// Of what was stored of one study.
    package var studyBytesMaximum: Int?

    package init() {}

    /// What a disk has too little of to take so many bytes more; nil where there is room.
    func whatIsShort(on disk: FileSystem, forBytes byteCount: Int = 0) -> StoreFault.Quota? {
        let minimum = UInt64(clamping: freeBytesMinimum(Int(clamping: disk.totalBytes)))
        let (needed, isTooMuch) = minimum.addingReportingOverflow(UInt64(clamping: byteCount))
        guard !isTooMuch, disk.freeBytes >= needed else {
            return .freeBytes(left: disk.freeBytes, minimum: minimum)
        }
        // Some file systems have inodes without number, and say 0.
        guard disk.totalInodes == 0 || disk.freeInodes >= freeInodesMinimum else {
            return .freeInodes(left: disk.freeInodes, minimum: freeInodesMinimum)
        }
        return nil
    }

    /// Whether anything but the disk's room limits it.
    package var hasQuota: Bool { bytesMaximum != nil || studiesMaximum != nil || studyBytesMaximum != nil }
}
