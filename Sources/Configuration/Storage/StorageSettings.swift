// What a configuration file says of storing, for one area or for all that it doesn't name.

import DICOM

/// How instances that arrive are stored.
package struct StorageSettings: Equatable, Sendable {
    /// `StorageSOPClasses`: those that are taken; nil is all.
    package internal(set) var sopClasses: Set<UID>?
    /// `TransferSyntaxes`: those that are taken; nil is all.
    package internal(set) var transferSyntaxes: Set<UID>?
    /// `AcceptUnknownStorage`.
    package internal(set) var unknownStorage = UnknownStorage.private
    /// `Durability`.
    package internal(set) var durability = Durability.instance
    /// `FileLayout` and `FileName`.
    package internal(set) var fileLayout = FileLayout.standard
    /// `Duplicates`.
    package internal(set) var duplicates = DuplicatePolicy.keepBoth
    /// `MinimumFreeSpace`.
    package internal(set) var minimumFreeSpace = FreeSpaceReserve.standard
    /// `MaxBytes`: what the storage daemon may keep in the area; nil is no limit.
    package internal(set) var maximumBytes: Int?
    /// `QuotaAction`.
    package internal(set) var quotaAction = QuotaAction.refuse
    /// `RetentionDays`: what was received more recently is never deleted.
    package internal(set) var retentionDays = 7
    /// `KeepRejected`: a folder for data sets that were refused, an absolute path; nil keeps none.
    package internal(set) var rejectedFolder: String?
    /// `OnSeriesQuiet`.
    package internal(set) var onSeriesQuiet: QuietProgram?
    /// `OnStudyQuiet`.
    package internal(set) var onStudyQuiet: QuietProgram?
    /// `FallbackCharacterSet`: of files, and of requests to the area, whose text names no character set.
    package internal(set) var fallbackCharacterSet = FallbackCharacterSet.standard

    package init() {}
}
