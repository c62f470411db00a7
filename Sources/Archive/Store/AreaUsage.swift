// What the storage daemon has written to an area, as all its processes count it together, in shared memory. What is being stored
// counts from the moment that there was room for it: else all who arrive together would find the same room.

import Platform

/// Bytes and studies that were stored in one area, or are being stored. Imports don't count.
///
///     slot  holds
///        0  1 when the area was counted
///        1  bytes, such as are reserved included
///        2  studies, the same
///        3  1 while older studies are deleted beyond the quotas
///     4 ff  for each of `processes`: its number, 0 for none; bytes and studies that it has reserved
package struct AreaUsage: Sendable {
    /// Processes whose reservations are known, so that they can be given back when one dies.
    private static let processes = 64
    private static let processSlots = 3
    private static let headSlots = 4
    /// Slots of a table that one area takes.
    package static let slots = headSlots + processes * processSlots
    /// For numbers that others change meanwhile.
    private static let readsMaximum = 100

    /// So much is stored, without what is reserved.
    package struct Stored: Equatable, Sendable {
        package var bytes: Int
        package var studies: Int
    }

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
    package var bytes: Int { max(0, number(first + 1)) }
    package var studies: Int { max(0, number(first + 2)) }

    // MARK: Counting

    /// What is stored without what is reserved.
    package var stored: Stored {
        var last = difference
        for _ in 0..<Self.readsMaximum {
            let now = difference
            if now == last { break }
            last = now
        }
        return last
    }

    private var difference: Stored {
        var stored = Stored(bytes: number(first + 1), studies: number(first + 2))
        for row in rows where table[row] != 0 {
            stored.bytes -= number(row + 1)
            stored.studies -= number(row + 2)
        }
        return stored
    }

    /// All was counted anew. What was stored and reserved meanwhile still counts: of that no more is wrong than what was being
    /// stored when the counting began, until the next one.
    ///
    /// - Parameter before: what was thought to be stored then; nil is what is now.
    package func set(bytes: Int, studies: Int, before: Stored? = nil) {
        let before = before ?? stored
        add(bytes: bytes - before.bytes, studies: studies - before.studies)
        table[first] = 1
    }

    /// Something was stored, or removed.
    package func add(bytes: Int, studies: Int) {
        add(bytes, to: first + 1)
        add(studies, to: first + 2)
    }

    // MARK: Reserving

    /// Counts what is about to be stored, unless that would be more than `maximum`.
    ///
    /// - Returns: nil when it counts, else what was in use.
    func reserve(bytes: Int, maximum: Int?) -> Int? { reserve(bytes, 1, maximum) }
    func reserveStudy(maximum: Int?) -> Int? { reserve(1, 2, maximum) }

    private func reserve(_ count: Int, _ slot: Int, _ maximum: Int?) -> Int? {
        while true {
            let old = table[first + slot]
            let used = max(0, Int(Int64(bitPattern: old)))
            if let maximum, isBinding, used > maximum - count { return used }
            if table.exchange(first + slot, from: old, to: UInt64(bitPattern: Int64(used + count))) { break }
        }
        if let row = ownRow { add(count, to: row + slot) }
        return nil
    }

    /// What was reserved is stored.
    func keep(bytes: Int, studies: Int) {
        guard let row = ownRow else { return }
        add(-bytes, to: row + 1)
        add(-studies, to: row + 2)
    }

    /// What was reserved isn't stored.
    func giveBack(bytes: Int, studies: Int) {
        keep(bytes: bytes, studies: studies)
        add(bytes: -bytes, studies: -studies)
    }

    /// Gives back what a process that is no more had reserved in all areas of a table.
    package static func giveBack(heldBy processID: Int32, in table: SharedTable) {
        for area in 0..<(table.count / slots) {
            let usage = AreaUsage(table, area: area)
            for row in usage.rows where table[row] == UInt64(UInt32(bitPattern: processID)) {
                let (bytes, studies) = (usage.number(row + 1), usage.number(row + 2))
                (table[row + 1], table[row + 2]) = (0, 0)
                table[row] = 0
                usage.add(bytes: -bytes, studies: -studies)
            }
        }
    }

    private var rows: StrideTo<Int> {
        stride(from: first + Self.headSlots, to: first + Self.slots, by: Self.processSlots)
    }

    /// The row of this process; nil where more processes store than have one.
    private var ownRow: Int? {
        let own = UInt64(UInt32(bitPattern: Program.processID))
        if let row = rows.first(where: { table[$0] == own }) { return row }
        return rows.first { table.exchange($0, from: 0, to: own) || table[$0] == own }
    }

    // MARK: Numbers

    private func number(_ slot: Int) -> Int { Int(Int64(bitPattern: table[slot])) }

    private func add(_ difference: Int, to slot: Int) {
        guard difference != 0 else { return }
        while true {
            let old = table[slot]
            let sum = Int(Int64(bitPattern: old)) + difference
            // What was counted too little of isn't missing for ever.
            let isTotal = slot < first + Self.headSlots
            if table.exchange(slot, from: old, to: UInt64(bitPattern: Int64(isTotal ? max(0, sum) : sum))) { return }
        }
    }
}
