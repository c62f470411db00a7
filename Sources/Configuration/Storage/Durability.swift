// The parameter `Durability`.

/// What is on stable storage when a C-STORE is answered with success.
package enum Durability: String, CaseIterable, Sendable {
    /// The instance and its entry in the index.
    case instance
    /// What arrived before on the association; all of it is by the end of the association.
    case association
    /// Nothing in particular: as the kernel writes it.
    case none
}
