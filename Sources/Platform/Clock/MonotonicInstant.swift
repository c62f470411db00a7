// Monotonic time: what every limit in time is measured with. The wall clock jumps; this one doesn't.

import CPlatform

/// A moment on CLOCK_MONOTONIC.
package struct MonotonicInstant: Hashable, Comparable, Sendable {
    /// Since an instant that is the same for all processes until the host starts anew.
    package let nanoseconds: Int64

    package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    package static func now() -> MonotonicInstant { MonotonicInstant(nanoseconds: fr_monotonic_ns()) }

    /// The moment `seconds` later; the far future where that can't be said.
    package func advanced(bySeconds seconds: Double) -> MonotonicInstant {
        let step = seconds * 1e9
        if step.isNaN { return self }
        guard step < 9e18 else { return MonotonicInstant(nanoseconds: .max) }
        let (sum, overflow) = nanoseconds.addingReportingOverflow(step > -9e18 ? Int64(step) : -.max)
        return MonotonicInstant(nanoseconds: overflow ? (step > 0 ? .max : .min) : sum)
    }

    /// From `earlier` to this; negative where it is later.
    package func seconds(since earlier: MonotonicInstant) -> Double {
        Double(nanoseconds) / 1e9 - Double(earlier.nanoseconds) / 1e9
    }

    package static func < (left: MonotonicInstant, right: MonotonicInstant) -> Bool {
        left.nanoseconds < right.nanoseconds
    }
}
