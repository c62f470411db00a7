// What the storage daemon has written to an area, as all its processes count it together, in shared memory.

import Platform

/// Bytes and studies that were stored in one area. Imports don't count.
package struct AreaUsage: Sendable {
    /// Slots of a table that one area takes.
    package static let slots = 4

    private let table: SharedTable
    private let first: Int

    /// - Parameter area: which one of those whose usage the table holds.
    package init(_ table: SharedTable, area: Int) {
        self.table = table
        first = area * Self.slots
    }

    /// Whether instances are refused beyond the quotas: not before the area has been counted, and not as long as room is made
    /// for them.
    package var isBinding: Bool { table[first] != 0 && table[first + 3] == 0 }
    /// Whether older studies are deleted beyond the quotas, and there are such.
    package func setMakesRoom(_ makesRoom: Bool) { table[first + 3] = makesRoom ? 1 : 0 }
    package var bytes: Int { Int(clamping: Int64(bitPattern: table[first + 1])) }
    package var studies: Int { Int(clamping: Int64(bitPattern: table[first + 2])) }

    /// All was counted anew.
    package func set(bytes: Int, studies: Int) {
        table[first + 1] = UInt64(clamping: bytes)
        table[first + 2] = UInt64(clamping: studies)
        table[first] = 1
    }

    /// Something was stored, or removed.
    package func add(bytes: Int, studies: Int) {
        add(bytes, to: first + 1)
        add(studies, to: first + 2)
    }

    private func add(_ difference: Int, to slot: Int) {
        guard difference != 0 else { return }
        while true {
            let old = table[slot]
            let sum = UInt64(clamping: max(0, Int(clamping: old) + difference))
            if table.exchange(slot, from: old, to: sum) { return }
        }
    }
}
