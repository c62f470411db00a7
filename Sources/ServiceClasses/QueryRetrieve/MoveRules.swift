// How a C-MOVE treats its destination: what the configuration decides about it.

/// How many associations to one destination a C-MOVE has, and how often it tries again.
package struct MoveRules: Sendable {
    /// Associations at a time, at least one.
    package var parallelism = 1
    /// How often a destination that can't be reached is tried again, and an instance sent again that it didn't answer.
    package var retries = 1
    /// Before another attempt.
    package var retrySeconds = 1.0

    package init() {}
}
