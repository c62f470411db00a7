// How a C-MOVE treats its destination: what the configuration decides about it.

/// How many associations to one destination a C-MOVE has, how much is under way on each, and how often it tries again.
package struct MoveRules: Sendable {
    /// Associations at a time, at least one.
    package var parallelism = 1
    /// C-STOREs that may be outstanding at once, where the destination agrees; with 1 it isn't asked (PS3.7 §D.3.3.3).
    package var window = 8
    /// How often a destination that can't be reached is tried again, and an instance sent again that it didn't answer.
    package var retries = 1
    /// Before another attempt.
    package var retrySeconds = 1.0

    package init() {}
}
