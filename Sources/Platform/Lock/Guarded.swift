// A value behind a lock. pthread's, because ThreadSanitizer reports false races on Synchronization.Mutex.

import Glibc

/// A value that threads share, reached only while its lock is held. Not recursive; hold it briefly, never across I/O.
@safe
@usableFromInline
package final class Guarded<Value: ~Copyable>: @unchecked Sendable {
    // `value` is touched only between lock and unlock, which makes sharing it sound.
    @usableFromInline let mutex: UnsafeMutablePointer<pthread_mutex_t>
    @usableFromInline var value: Value

    /// Takes `value`, which nobody else may hold any more.
    package init(_ value: consuming sending Value) {
        unsafe mutex = .allocate(capacity: 1)
        unsafe mutex.initialize(to: pthread_mutex_t())
        let result = unsafe pthread_mutex_init(mutex, nil)
        precondition(result == 0, "no mutex")
        self.value = value
    }

    deinit {
        unsafe pthread_mutex_destroy(mutex)
        unsafe mutex.deallocate()
    }

    /// Calls `body` with the value, alone.
    @inlinable
    package func withLock<Result: ~Copyable, Fault: Error>(
        _ body: (inout sending Value) throws(Fault) -> sending Result
    ) throws(Fault) -> sending Result {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        return try body(&value)
    }
}
