// Numbers that processes share: an anonymous file mapped by all who inherit its descriptor, each slot an atomic.

import CPlatform
import Synchronization

/// A table of 64-bit slots in shared memory, all 0 at first. It lives as long as one process has it.
@safe
package final class SharedTable: @unchecked Sendable {
    // Every access to the memory is an atomic operation, which makes sharing it sound.
    private let slots: UnsafeMutablePointer<Atomic<UInt64>>
    private let memory: Descriptor
    /// How many slots there are.
    package let count: Int

    /// The number to inherit: the child adopts it.
    package var descriptor: Int32 { memory.number }

    /// A new table.
    package convenience init(count: Int, named name: String = "fileroom") throws(Errno) {
        precondition(count > 0, "a table without slots")
        let descriptor = try checked(unsafe fr_memory_file(name, Int64(count * MemoryLayout<UInt64>.stride)))
        try self.init(adopting: descriptor)
    }

    /// The table that another process made, by its descriptor here, which this value owns from now on.
    package init(adopting descriptor: Int32) throws(Errno) {
        memory = Descriptor(adopting: descriptor)
        let size = try SystemKernel().status(descriptor).sizeBytes
        guard size >= MemoryLayout<UInt64>.stride else { throw .invalidArgument }
        count = size / MemoryLayout<UInt64>.stride
        var address: UnsafeMutableRawPointer?
        _ = unsafe try checked(fr_map(descriptor, size, 1, &address))
        // A page is aligned for any slot; an atomic of a trivial type is that type in memory.
        unsafe slots = address!.assumingMemoryBound(to: Atomic<UInt64>.self)
    }

    deinit { unsafe fr_unmap(slots, count * MemoryLayout<UInt64>.stride) }

    /// A slot, read with acquiring and written with releasing order; traps past the end.
    package subscript(index: Int) -> UInt64 {
        get { unsafe slot(index).pointee.load(ordering: .acquiring) }
        set { unsafe slot(index).pointee.store(newValue, ordering: .releasing) }
    }

    /// Puts `desired` into the slot if it holds `expected`.
    ///
    /// - Returns: whether it did.
    package func exchange(_ index: Int, from expected: UInt64, to desired: UInt64) -> Bool {
        unsafe slot(index).pointee.compareExchange(
            expected: expected, desired: desired, ordering: .acquiringAndReleasing
        ).exchanged
    }

    private func slot(_ index: Int) -> UnsafeMutablePointer<Atomic<UInt64>> {
        precondition(index >= 0 && index < count, "no such slot")
        return unsafe slots + index
    }
}
