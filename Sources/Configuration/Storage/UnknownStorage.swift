// The parameter `AcceptUnknownStorage`.

/// Which SOP classes are taken that the standard doesn't list as storage. Those that it gives to another service never are.
package enum UnknownStorage: String, CaseIterable, Sendable {
    /// UIDs outside 1.2.840.10008, the standard's root.
    case `private`
    case yes, no
}
