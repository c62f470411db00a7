// What a daemon does with a connection, and what it must ask before it becomes an association.

import DIMSE
import Platform

/// What serves one connection on a thread of its own, from its first byte to its end.
package protocol ConnectionService: Sendable {
    /// - Parameter admission: asked once, when the association request is there and its peer known.
    func serve(_ socket: consuming sending Socket, ending: Ending, admission: Admission, log: Logger)
}

/// How a worker ends its associations.
package struct Ending: Sendable {
    /// Readable when associations shall end between two messages.
    let drain: WakeDescriptor
    /// Readable when they shall end at once.
    let cut: WakeDescriptor

    init() throws(Errno) {
        drain = try WakeDescriptor()
        cut = try WakeDescriptor()
    }
}

/// One connection's way from a newcomer to an association that counts.
package final class Admission: Sendable {
    private let peer: SocketAddress
    private let slots: AssociationSlots
    private let newcomers: Newcomers
    private let number: UInt64
    private let slot = Guarded<Int?>(nil)

    init(_ number: UInt64, of peer: SocketAddress, slots: AssociationSlots, newcomers: Newcomers) {
        self.number = number
        self.peer = peer
        self.slots = slots
        self.newcomers = newcomers
    }

    /// The association request has arrived, and its peer may associate: takes a slot for it. Whom nobody admits stays a
    /// newcomer until its end.
    ///
    /// - Returns: nil when it may be, else why not, for the log.
    func refusal() -> String? {
        guard let taken = slots.take(for: peer) else { return slots.whyNone(for: peer) }
        newcomers.leave(number)
        slot.withLock { $0 = taken }
        return nil
    }

    /// The connection is over.
    func end() {
        newcomers.leave(number)
        slot.withLock { slot in
            if let taken = slot { slots.free(taken) }
            slot = nil
        }
    }
}
