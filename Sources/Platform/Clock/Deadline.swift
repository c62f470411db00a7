// A limit in time.

/// A moment by which something must have happened.
package struct Deadline: Hashable, Comparable, Sendable {
    package let instant: MonotonicInstant

    package init(_ instant: MonotonicInstant) { self.instant = instant }

    package init(afterSeconds seconds: Double, from start: MonotonicInstant = .now()) {
        instant = start.advanced(bySeconds: seconds)
    }

    /// Whether it has come by the system's clock.
    package var hasPassed: Bool { hasPassed(at: .now()) }
    package func hasPassed(at now: MonotonicInstant) -> Bool { now >= instant }

    package static func < (left: Deadline, right: Deadline) -> Bool { left.instant < right.instant }
}
