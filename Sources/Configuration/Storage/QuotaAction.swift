// The parameter `QuotaAction`.

/// What happens beyond `MaxBytes`, or beyond the quota of the AETable.
package enum QuotaAction: String, CaseIterable, Sendable {
    /// What comes is refused (A700H); nothing is deleted.
    case refuse
    /// The studies received first go, but only files that the storage daemon wrote, and none received within
    /// `RetentionDays`.
    case deleteOldest = "delete-oldest"
}
