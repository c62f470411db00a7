// The seam between associations and the byte stream that carries them: TCP now, TLS later, a script in tests.
// The clock is part of it, so that time in tests is an argument.

import Platform

/// A reliable byte stream to one peer, used by one thread.
package protocol Transport: AnyObject {
    /// A monotonic clock, in seconds from any start.
    var nowSeconds: Double { get }

    /// Reads what has arrived into `buffer` from `offset` on, without waiting and without growing it.
    ///
    /// - Returns: the number of bytes, 0 when the peer closed, nil when nothing is there yet.
    func receive(into buffer: inout [UInt8], at offset: Int) throws(TransportFault) -> Int?

    /// Waits until something can be read, or the peer closed.
    ///
    /// - Parameter isWakeable: the wait also ends when the wake descriptor is readable.
    func waitToReceive(untilSeconds deadline: Double, isWakeable: Bool) throws(TransportFault) -> TransportReadiness

    /// The same for one who waits for something else besides: ends also when `other` is woken.
    func waitToReceive(
        untilSeconds deadline: Double, orWoken other: WakeDescriptor
    ) throws(TransportFault) -> TransportReadiness

    /// Sends `pieces` of `buffers` in order, all of them.
    ///
    /// - Throws: `.blocked` when the peer took nothing for `timeoutSeconds`.
    func send(_ buffers: [[UInt8]], _ pieces: [GatherPiece], timeoutSeconds: Double) throws(TransportFault)

    /// Nothing more will be sent; what was sent still arrives.
    func finishSending()

    /// Ends the stream. Further calls do nothing.
    func close()
}

extension Transport {
    /// For a stream that has no descriptor to wait on: it is looked at, and `other` waited for, a moment at a time.
    package func waitToReceive(
        untilSeconds deadline: Double, orWoken other: WakeDescriptor
    ) throws(TransportFault) -> TransportReadiness {
        if try waitToReceive(untilSeconds: nowSeconds, isWakeable: false) == .ready { return .ready }
        return other.wait(until: Deadline(afterSeconds: min(0.01, deadline - nowSeconds))) ? .woken : .timedOut
    }
}

/// What a wait ended with.
package enum TransportReadiness: Equatable, Sendable { case ready, timedOut, woken }

/// Why a stream is of no more use.
package enum TransportFault: Error, Equatable, Sendable {
    /// The peer is gone: reset, broken pipe.
    case closed
    /// The peer took nothing in time.
    case blocked
    /// Somebody asked for the end while the peer took nothing.
    case woken
    /// What was tried, in words, and why it failed.
    case system(String, Errno)
}
