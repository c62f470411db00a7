// Monotonic time as an argument, so that tests say what time it is.

/// Where code that decides by time takes it from: the system, or a test.
package struct MonotonicClock: Sendable {
    package let now: @Sendable () -> MonotonicInstant

    package init(now: @escaping @Sendable () -> MonotonicInstant) { self.now = now }

    package static let system = MonotonicClock { MonotonicInstant.now() }
}
