// Receiving without blocking, and waiting with a deadline that a wake descriptor can cut short.

import CPlatform

extension Socket {
    package enum Direction: Int32, Sendable {
        case reading = 1
        case writing = 2
    }

    /// What a wait ended with.
    package enum Readiness: Equatable, Sendable { case ready, timedOut, woken }

    /// Reads what has arrived into `buffer` from `offset` on, as far as there is room, without waiting.
    ///
    /// - Returns: the number of bytes, 0 when the peer has closed, nil when nothing is there yet.
    package func receive(into buffer: inout [UInt8], at offset: Int) throws(SocketFault) -> Int? {
        precondition(offset >= 0 && offset < buffer.count, "no room to receive into")
        let result = unsafe buffer.withUnsafeMutableBytes { room in
            unsafe fr_receive(descriptor, room.baseAddress! + offset, room.count - offset)
        }
        guard result >= 0 else {
            let cause = Errno(code: Int32(truncatingIfNeeded: -result))
            if cause == .wouldBlock { return nil }
            throw .connected("receive", cause)
        }
        if acknowledgesAtOnce, result > 0 { _ = fr_quick_ack(descriptor) }
        return Int(result)
    }

    /// The same, waiting until something arrives.
    ///
    /// - Throws: `.timedOut`, `.woken`.
    package func receive(
        into buffer: inout [UInt8], at offset: Int, until deadline: Deadline?, wake: WakeDescriptor? = nil
    ) throws(SocketFault) -> Int {
        while true {
            if let count = try receive(into: &buffer, at: offset) { return count }
            switch try wait(for: .reading, until: deadline, wake: wake) {
            case .ready: continue
            case .timedOut: throw .timedOut
            case .woken: throw .woken
            }
        }
    }

    /// Waits until the socket can be read (or is at its end) or written. What is ready comes before a wake or a time-
    /// out.
    package func wait(
        for direction: Direction, until deadline: Deadline?, wake: WakeDescriptor? = nil
    ) throws(SocketFault) -> Readiness {
        var watched = [
            fr_watched(descriptor: descriptor, wanted: direction.rawValue, found: 0),
            fr_watched(descriptor: wake?.descriptor ?? -1, wanted: Direction.reading.rawValue, found: 0),
        ]
        let result = unsafe fr_poll(&watched, 2, Poller.nanoseconds(deadline))
        guard result >= 0 else { throw .system("wait for a socket", nil, Errno(code: -result)) }
        if watched[0].found != 0 { return .ready }
        return watched[1].found != 0 ? .woken : .timedOut
    }
}
