// Memory that reads go into again and again: grown when needed, never cleared, lent out as a span.

/// Reusable bytes.
@safe
@usableFromInline
package struct ReadBuffer: ~Copyable, @unchecked Sendable {
    @usableFromInline var start: UnsafeMutableRawPointer
    private var capacity: Int
    /// How many bytes the last read left here.
    @usableFromInline package private(set) var byteCount = 0

    /// - Parameter capacity: bytes that a read may have before memory is allocated anew.
    package init(capacity: Int = 16 << 10) {
        self.capacity = max(1, capacity)
        unsafe start = .allocate(byteCount: self.capacity, alignment: 4096)
    }

    deinit { unsafe start.deallocate() }

    /// What the last read left. O(1).
    @inlinable
    package var bytes: RawSpan {
        @_lifetime(borrow self)
        get {
            // `start` has `byteCount` bytes that a read wrote; only mutation replaces them.
            let span = unsafe RawSpan(_unsafeStart: UnsafeRawPointer(start), byteCount: byteCount)
            return unsafe _overrideLifetime(span, borrowing: self)
        }
    }

    /// Lets `read` put up to `count` bytes at the start; its result is their number, or -errno.
    mutating func fill(upTo count: Int, _ read: (UnsafeMutableRawPointer) -> Int64) -> Int64 {
        if count > capacity {
            unsafe start.deallocate()
            unsafe start = .allocate(byteCount: count, alignment: 4096)
            capacity = count
        }
        let result = unsafe read(start)
        byteCount = result > 0 ? Int(result) : 0
        return result
    }
}
