// Waiting for several descriptors at once: `poll`, for the few that an acceptor or a supervisor has.

import CPlatform

/// A set of descriptors to wait for.
package struct Poller {
    private var watched: [fr_watched] = []

    package init() {}

    /// Waits for reading from (or writing to) `descriptor`; its end or an error counts as ready.
    package mutating func add(_ descriptor: Int32, for direction: Socket.Direction = .reading) {
        watched.append(fr_watched(descriptor: descriptor, wanted: direction.rawValue, found: 0))
    }

    /// Waits until at least one is ready, or the deadline.
    ///
    /// - Returns: the ready ones, in the order they were added; none at the deadline.
    package mutating func wait(until deadline: Deadline?) throws(Errno) -> [Int32] {
        _ = try checked(unsafe fr_poll(&watched, Int32(watched.count), Poller.nanoseconds(deadline)))
        return watched.filter { $0.found != 0 }.map(\.descriptor)
    }

    /// The same for one descriptor.
    package static func wait(for descriptor: Int32, until deadline: Deadline?) throws(Errno) -> Bool {
        var poller = Poller()
        poller.add(descriptor)
        return try !poller.wait(until: deadline).isEmpty
    }

    /// Waits until `descriptor` can be written to.
    static func canWrite(_ descriptor: Int32) throws(Errno) -> Bool {
        var poller = Poller()
        poller.add(descriptor, for: .writing)
        return try !poller.wait(until: nil).isEmpty
    }

    /// A deadline as `fr_poll` takes it: negative is none.
    static func nanoseconds(_ deadline: Deadline?) -> Int64 {
        guard let deadline else { return -1 }
        return max(0, deadline.instant.nanoseconds)
    }
}
