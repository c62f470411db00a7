// How many associations there are, over all workers: a slot in shared memory for each, freed even when its worker dies.

import Platform

/// The slots of one daemon. Each holds 0, or the process in the high half and a hash of the peer's host in the low one.
package struct AssociationSlots: Sendable {
    /// At one time from one host.
    static let maximumForHost = 64

    let table: SharedTable

    init(count: Int) throws(Errno) { table = try SharedTable(count: count, named: "fileroom-associations") }
    init(adopting descriptor: Int32) throws(Errno) { table = try SharedTable(adopting: descriptor) }

    /// Takes a slot for an association from `host`; nil when all are taken, or the host has its share.
    func take(for host: SocketAddress) -> Int? {
        let mark = Self.mark(host)
        var sameHost = 0
        for index in 0..<table.count where UInt32(truncatingIfNeeded: table[index]) == mark { sameHost += 1 }
        // The loopback is many peers: proxies and tunnels end there.
        guard sameHost < Self.maximumForHost || host.isLoopback else { return nil }
        let value = UInt64(UInt32(bitPattern: Program.processID)) << 32 | UInt64(mark)
        for index in 0..<table.count where table.exchange(index, from: 0, to: value) { return index }
        return nil
    }

    /// Why `take` gave nothing, in words for the log.
    func whyNone(for host: SocketAddress) -> String {
        let isAllTaken = (0..<table.count).allSatisfy { table[$0] != 0 }
        return isAllTaken
            ? "all \(table.count) associations (MaxAssociations) are taken"
            : "\(host.host) has \(Self.maximumForHost) associations, as many as one host may have"
    }

    func free(_ index: Int) { table[index] = 0 }

    /// Frees what a dead process held.
    func free(heldBy processID: Int32) {
        for index in 0..<table.count {
            let value = table[index]
            if value != 0, UInt32(truncatingIfNeeded: value >> 32) == UInt32(bitPattern: processID) {
                _ = table.exchange(index, from: value, to: 0)
            }
        }
    }

    /// Never 0, so that a taken slot isn't either.
    private static func mark(_ host: SocketAddress) -> UInt32 {
        var hash: UInt32 = 0x811C_9DC5
        for byte in host.host.utf8 { hash = (hash ^ UInt32(byte)) &* 0x0100_0193 }
        return hash | 1
    }
}
