// Wakes a thread that waits in `poll`: an eventfd.

import CPlatform

/// A descriptor that is readable from `wake()` until `clear()`; any number of threads may wait on it.
package final class WakeDescriptor: Sendable {
    /// For `Poller`; this value stays its owner.
    package let descriptor: Int32

    package init() throws(Errno) { descriptor = try checked(fr_event_descriptor()) }

    deinit { _ = fr_close(descriptor) }

    /// Ends the waits, now and to come.
    package func wake() {
        var one: UInt64 = 1
        _ = unsafe fr_write(descriptor, &one, 8)
    }

    /// Waits block again, until the next `wake()`.
    package func clear() {
        var count: UInt64 = 0
        _ = unsafe fr_read(descriptor, &count, 8)
    }

    /// Whether `wake()` was called since the last `clear()`.
    package var isAwake: Bool { wait(until: Deadline(MonotonicInstant(nanoseconds: 0))) }

    /// Waits until `wake()` or the deadline: how a thread pauses so that it can still be called.
    ///
    /// - Returns: whether it was woken.
    @discardableResult
    package func wait(until deadline: Deadline?) -> Bool {
        var watched = fr_watched(descriptor: descriptor, wanted: Socket.Direction.reading.rawValue, found: 0)
        return unsafe fr_poll(&watched, 1, Poller.nanoseconds(deadline)) > 0
    }
}
