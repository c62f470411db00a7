// What the configuration says of storing, as the floors below take it.

import Archive
import Configuration
import DICOM
import Platform
import ServiceClasses

extension StorageNegotiation {
    init(_ settings: StorageSettings) {
        self.init()
        sopClasses = settings.sopClasses
        transferSyntaxes = settings.transferSyntaxes
        switch settings.unknownStorage {
        case .private: unknown = .ofPrivateUIDs
        case .yes: unknown = .accepted
        case .no: unknown = .refused
        }
    }
}

extension StorePolicy {
    /// - Parameter quotas: of all rows of the AETable that write to the area: the strictest counts.
    init(_ settings: StorageSettings, quotas: [Quota]) {
        self.init()
        switch settings.durability {
        case .instance: durability = .instance
        case .association: durability = .association
        case .none: durability = .none
        }
        switch settings.duplicates {
        case .keepBoth: duplicates = .keepBoth
        case .keepFirst: duplicates = .keepFirst
        case .replace: duplicates = .replace
        }
        layout = settings.fileLayout
        marksSeries = settings.onSeriesQuiet != nil
        marksStudies = settings.onStudyQuiet != nil
        fallbackCharacterSet = settings.fallbackCharacterSet
        rejectedFolder = settings.rejectedFolder.map { Path($0) }
        limits.freeBytesMinimum = { settings.minimumFreeSpace.bytes(ofTotal: $0) }
        // Who wants the last byte used wants the last inode used.
        if settings.minimumFreeSpace.bytes(ofTotal: 1 << 60) == 0 { limits.freeInodesMinimum = 0 }
        limits.bytesMaximum = settings.maximumBytes
        limits.studiesMaximum = quotas.map(\.studiesMaximum).filter { $0 > 0 }.min()
        limits.studyBytesMaximum = quotas.compactMap(\.studyMaximumBytes).filter { $0 > 0 }.min()
    }
}
