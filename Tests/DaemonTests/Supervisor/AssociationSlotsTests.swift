// Slots of associations: as many as there may be, in all and for a host, over every worker and its death.

import Glibc
import Platform
import Testing

@testable import Daemon

@Suite("Association slots, design: Processes, hardening §4") struct AssociationSlotsTests {
    static let host = address("192.0.2.1", port: 1_000)

    static func free(_ slots: AssociationSlots) -> Int { (0..<slots.table.count).count { slots.table[$0] == 0 } }

    @Test func `there are as many as were asked for`() throws {
        let slots = try AssociationSlots(count: 5)
        let taken = (0..<5).compactMap { slots.take(for: address("192.0.2.\($0)")) }
        #expect(taken.sorted() == [0, 1, 2, 3, 4])
        #expect(slots.take(for: address("192.0.2.99")) == nil)
        slots.free(taken[2])
        #expect(slots.take(for: address("192.0.2.99")) == taken[2])
        #expect(slots.take(for: address("192.0.2.98")) == nil)
    }

    @Test func `a host has 64 at one time, whatever its ports are`() throws {
        let slots = try AssociationSlots(count: 2_000)
        let taken = (0..<64).compactMap { slots.take(for: Self.host.withPort($0)) }
        #expect(Set(taken).count == 64)
        #expect(slots.take(for: Self.host) == nil)
        #expect(slots.take(for: address("::ffff:192.0.2.1")) == nil, "the same host over IPv6's socket")
        #expect(slots.take(for: address("192.0.2.2")) != nil, "others aren't hurt")
        slots.free(taken[10])
        #expect(slots.take(for: Self.host) == taken[10])
        #expect(slots.take(for: Self.host) == nil)
    }

    @Test(arguments: ["127.0.0.1", "::1", "::ffff:127.0.0.1"])
    func `the loopback is many peers, and has what there is`(loopback: String) throws {
        let slots = try AssociationSlots(count: 100)
        #expect((0..<100).compactMap { _ in slots.take(for: address(loopback)) }.count == 100)
        #expect(slots.take(for: address(loopback)) == nil)
    }

    @Test func `a refused request leaves no trace`() throws {
        let slots = try AssociationSlots(count: 70)
        for _ in 0..<64 { _ = slots.take(for: Self.host) }
        for _ in 0..<100 { #expect(slots.take(for: Self.host) == nil) }
        #expect(Self.free(slots) == 6)
    }

    @Test func `says which limit was met`() throws {
        let slots = try AssociationSlots(count: 65)
        for _ in 0..<64 { _ = slots.take(for: Self.host) }
        #expect(slots.whyNone(for: Self.host).hasPrefix("192.0.2.1 has 64 associations"))
        _ = slots.take(for: address("192.0.2.2"))
        #expect(slots.whyNone(for: address("192.0.2.3")).hasPrefix("all 65 associations"))
    }

    @Test func `a slot is its process's and its host's`() throws {
        let slots = try AssociationSlots(count: 2)
        let index = try #require(slots.take(for: Self.host))
        #expect(Int32(truncatingIfNeeded: slots.table[index] >> 32) == Program.processID)
        #expect(UInt32(truncatingIfNeeded: slots.table[index]) != 0)
    }

    @Test func `what a dead worker held is free again, what others hold is not`() throws {
        let slots = try AssociationSlots(count: 10)
        let own = (0..<3).compactMap { _ in slots.take(for: Self.host) }
        // Those of two other workers, as they would have written them; their numbers are above any that Linux gives.
        let value = slots.table[own[0]]
        for index in 3..<6 { slots.table[index] = UInt64(1 << 30) << 32 | value & 0xFFFF_FFFF }
        for index in 6..<8 { slots.table[index] = UInt64(1 << 29) << 32 | value & 0xFFFF_FFFF }
        #expect(Self.free(slots) == 2)
        slots.free(heldBy: 1 << 30)
        #expect(Self.free(slots) == 5 && (3..<6).allSatisfy { slots.table[$0] == 0 })
        slots.free(heldBy: 1 << 30)
        slots.free(heldBy: 1)
        #expect(Self.free(slots) == 5)
        slots.free(heldBy: Program.processID)
        #expect(Self.free(slots) == 8 && slots.table[6] != 0 && slots.table[7] != 0)
    }

    @Test func `a host's share comes back with its worker's death`() throws {
        let slots = try AssociationSlots(count: 100)
        for _ in 0..<64 { _ = slots.take(for: Self.host) }
        #expect(slots.take(for: Self.host) == nil)
        slots.free(heldBy: Program.processID)
        #expect(Self.free(slots) == 100 && slots.take(for: Self.host) != nil)
    }

    @Test func `a worker that adopts the table sees the same slots`() throws {
        let slots = try AssociationSlots(count: 3)
        let adopted = try AssociationSlots(adopting: dup(slots.table.descriptor))
        #expect(adopted.table.count == 3)
        let index = try #require(adopted.take(for: Self.host))
        #expect(slots.table[index] != 0 && Self.free(slots) == 2)
        _ = slots.take(for: Self.host)
        _ = slots.take(for: Self.host)
        #expect(adopted.take(for: Self.host) == nil)
        slots.free(index)
        #expect(adopted.take(for: Self.host) == index)
    }

    @Test func `threads that take at once get different slots, and no more than there are`() throws {
        let slots = try AssociationSlots(count: 50)
        let taken = Guarded<[Int]>([])
        var threads: [Parcel<Thread>] = []
        for number in 0..<8 {
            threads.append(
                Parcel(
                    try Thread {
                        for _ in 0..<20 {
                            guard let index = slots.take(for: address("192.0.2.\(number)")) else { continue }
                            taken.withLock { $0.append(index) }
                        }
                    }))
        }
        for thread in threads { thread.take().join() }
        #expect(taken.withLock { $0.sorted() } == Array(0..<50))
    }
}
