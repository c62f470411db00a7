// Bytes of a file in memory, read-only: what the index reads from. The file must never shrink while it is mapped.

import CPlatform

/// The first bytes of a file, mapped private and read-only, or a copy of bytes where there is nothing to map.
@safe
@usableFromInline
package final class Mapping: @unchecked Sendable {
    // Immutable from init to deinit, hence safe to read from any thread.
    @usableFromInline let start: UnsafeMutableRawPointer
    @usableFromInline package let byteCount: Int
    private let isMapped: Bool

    /// Maps a file. No byte at all is an empty mapping, which mmap itself refuses.
    init(descriptor: Int32, byteCount: Int) throws(Errno) {
        guard byteCount >= 0 else { throw .invalidArgument }
        var address: UnsafeMutableRawPointer?
        if byteCount > 0 { _ = unsafe try checked(fr_map(descriptor, byteCount, 0, &address)) }
        unsafe start = address ?? UnsafeMutableRawPointer.allocate(byteCount: 1, alignment: 16)
        isMapped = byteCount > 0
        self.byteCount = byteCount
    }

    /// A copy of `bytes`, for kernels that have nothing to map and file systems where mapping isn't wise.
    package init(copying bytes: [UInt8]) {
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, bytes.count), alignment: 16)
        unsafe room.copyBytes(from: bytes)
        unsafe start = room.baseAddress!
        byteCount = bytes.count
        isMapped = false
    }

    deinit {
        if isMapped { unsafe fr_unmap(start, byteCount) } else { unsafe start.deallocate() }
    }

    /// The bytes; they live as long as the mapping. O(1).
    @inlinable
    package var bytes: RawSpan {
        @_lifetime(borrow self)
        get {
            // `start` has `byteCount` initialised bytes until deinit.
            let span = unsafe RawSpan(_unsafeStart: UnsafeRawPointer(start), byteCount: byteCount)
            return unsafe _overrideLifetime(span, borrowing: self)
        }
    }
}
