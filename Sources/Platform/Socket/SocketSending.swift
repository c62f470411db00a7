// Sending: many pieces in few system calls, to the last byte, as long as the peer goes on taking some.

import CPlatform

extension Socket {
    /// How many buffers one `send` may gather from.
    package static let maximumBuffers = 16

    /// Sends `pieces` of `buffers` in order, all of them, in as few system calls as the peer allows.
    ///
    /// - Parameters:
    ///   - blockedSeconds: how long the peer may take nothing at all; each byte taken starts the time again.
    ///   - leastBytesPerSecond: a peer that takes less of all the bytes is as one that takes nothing.
    /// - Throws: `.timedOut` when it did, `.closed`, `.woken`.
    package func send(
        _ buffers: [[UInt8]], _ pieces: [GatherPiece], blockedSeconds: Double, leastBytesPerSecond: Double = 1_024,
        wake: WakeDescriptor? = nil
    ) throws(SocketFault) {
        let bytes = pieces.reduce(0) { $0 + $1.range.count }
        let end = Deadline(afterSeconds: blockedSeconds + Double(bytes) / leastBytesPerSecond)
        precondition(buffers.count <= Socket.maximumBuffers, "too many buffers to gather from")
        precondition(pieces.allSatisfy { buffers.indices.contains($0.buffer) }, "a piece of no buffer")
        var fault: SocketFault?
        unsafe withUnsafeTemporaryAllocation(of: fr_piece.self, capacity: pieces.count) { table in
            unsafe Socket.fill(table, with: pieces, of: buffers, from: 0) {
                do throws(SocketFault) {
                    unsafe try sendAll(table, blockedSeconds: blockedSeconds, until: end, wake: wake)
                } catch {
                    fault = error
                }
            }
        }
        if let fault { throw fault }
    }

    /// Sends all of `bytes`.
    package func send(_ bytes: [UInt8], blockedSeconds: Double, wake: WakeDescriptor? = nil) throws(SocketFault) {
        let whole = [GatherPiece(buffer: 0, range: bytes.indices)]
        try send([bytes], whole, blockedSeconds: blockedSeconds, wake: wake)
    }

    /// Puts the address of each piece into `table`, one buffer a call: only nesting keeps all buffers in place until
    /// `body` has run. The depth is the number of buffers, at most `maximumBuffers`.
    private static func fill(
        _ table: UnsafeMutableBufferPointer<fr_piece>, with pieces: [GatherPiece], of buffers: [[UInt8]],
        from index: Int, _ body: () -> Void
    ) {
        guard index < buffers.count else { return body() }
        unsafe buffers[index].withUnsafeBytes { bytes in
            for (number, piece) in pieces.enumerated() where piece.buffer == index {
                precondition(piece.range.lowerBound >= 0 && piece.range.upperBound <= bytes.count, "a piece too long")
                let base = unsafe bytes.baseAddress.map { unsafe $0 + piece.range.lowerBound }
                unsafe table.initializeElement(at: number, to: fr_piece(base: base, count: piece.range.count))
            }
            unsafe fill(table, with: pieces, of: buffers, from: index + 1, body)
        }
    }

    /// Sends what `table` points to, moving its entries on as bytes go.
    private func sendAll(
        _ table: UnsafeMutableBufferPointer<fr_piece>, blockedSeconds: Double, until end: Deadline,
        wake: WakeDescriptor?
    ) throws(SocketFault) {
        var first = 0
        while first < table.count {
            if unsafe table[first].count == 0 {
                first += 1
                continue
            }
            let result = unsafe fr_send(descriptor, table.baseAddress! + first, Int32(clamping: table.count - first))
            guard result >= 0 else {
                let cause = Errno(code: Int32(truncatingIfNeeded: -result))
                try waitToSend(after: cause, until: min(Deadline(afterSeconds: blockedSeconds), end), wake)
                continue
            }
            var sent = Int(result)
            while sent > 0 {
                let step = unsafe min(sent, table[first].count)
                unsafe table[first].base = table[first].base.map { unsafe $0 + step }
                unsafe table[first].count -= step
                sent -= step
                if unsafe table[first].count == 0 { first += 1 }
            }
        }
    }

    /// Waits for room when that is what was missing; throws what else it was.
    private func waitToSend(
        after cause: Errno, until deadline: Deadline, _ wake: WakeDescriptor?
    ) throws(SocketFault) {
        guard cause == .wouldBlock else { throw .connected("send", cause) }
        // The wait would find room for a byte, and never the deadline.
        guard !deadline.hasPassed else { throw .timedOut }
        switch try wait(for: .writing, until: deadline, wake: wake) {
        case .ready: return
        case .timedOut: throw .timedOut
        case .woken: throw .woken
        }
    }
}
