// A value behind a lock that threads can also wait for: a queue, a count of what runs.

import CPlatform
import Glibc

/// A value that threads share and wait for. Whoever changed it wakes all that wait.
@safe
package final class Monitor<Value>: @unchecked Sendable {
    // `value` is touched only while `mutex` is held.
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let changed: UnsafeMutablePointer<pthread_cond_t>
    private var value: Value

    /// Takes `value`, which nobody else may hold any more.
    package init(_ value: sending Value) {
        self.value = value
        unsafe mutex = .allocate(capacity: 1)
        unsafe mutex.initialize(to: pthread_mutex_t())
        unsafe changed = .allocate(capacity: 1)
        unsafe changed.initialize(to: pthread_cond_t())
        var attributes = pthread_condattr_t()
        unsafe pthread_condattr_init(&attributes)
        unsafe pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        let isMade = unsafe pthread_mutex_init(mutex, nil) == 0 && pthread_cond_init(changed, &attributes) == 0
        unsafe pthread_condattr_destroy(&attributes)
        precondition(isMade, "no mutex")
    }

    deinit {
        unsafe pthread_cond_destroy(changed)
        unsafe pthread_mutex_destroy(mutex)
        unsafe changed.deallocate()
        unsafe mutex.deallocate()
    }

    /// Calls `body` with the value, alone, then wakes those that wait.
    package func withLock<Result, Fault: Error>(
        _ body: (inout sending Value) throws(Fault) -> sending Result
    ) throws(Fault) -> sending Result {
        unsafe pthread_mutex_lock(mutex)
        defer {
            unsafe pthread_cond_broadcast(changed)
            unsafe pthread_mutex_unlock(mutex)
        }
        return try body(&value)
    }

    /// Waits until `condition` holds, then calls `body` with the value, alone, and wakes those that wait.
    ///
    /// - Returns: nil when the deadline passed first.
    package func withLock<Result, Fault: Error>(
        when condition: (Value) -> Bool, until deadline: Deadline? = nil,
        _ body: (inout sending Value) throws(Fault) -> sending Result
    ) throws(Fault) -> sending Result? {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        while !condition(value) {
            guard let deadline else {
                unsafe pthread_cond_wait(changed, mutex)
                continue
            }
            if deadline.hasPassed { return nil }
            let nanoseconds = max(0, deadline.instant.nanoseconds)
            var end = timespec(tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
            _ = unsafe pthread_cond_timedwait(changed, mutex, &end)
        }
        defer { unsafe pthread_cond_broadcast(changed) }
        return try body(&value)
    }
}
