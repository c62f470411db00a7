// The parameter `Duplicates`.

/// What happens to an instance whose SOP Instance UID is there already, with another data set.
package enum DuplicatePolicy: String, CaseIterable, Sendable {
    /// It is stored; the first stays the one that is served.
    case keepBoth = "keep-both"
    /// It is refused (0111H).
    case keepFirst = "keep-first"
    /// It takes the place of the first.
    case replace
}
