// Entries with their signs: what the index is a sum of.

/// An entry and its sign. The index is a sum of these: a removal takes back one entry that was added, whatever run holds
/// it, so that the order of runs, merges and rebuilds can't show in any answer.
struct SignedEntry: Hashable, Sendable {
    var entry: InstanceEntry
    var isRemoval = false
}

/// The same for foreign files.
struct SignedForeignFile: Hashable, Sendable {
    var file: ForeignFile
    var isRemoval = false
}
