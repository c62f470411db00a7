// Sending: many pieces in few system calls, to the last byte, as long as the peer goes on taking some.

import CPlatform

/// A run of bytes to send: a range of one of several buffers.
package struct GatherPiece: Equatable, Sendable {
    package let buffer: Int
    package let range: Range<Int>

    package init(buffer: Int, range: Range<Int>) {
        self.buffer = buffer
        self.range = range
    }
}

extension Socket {
    /// How many buffers one `send` may gather from.
    package static let maximumBuffers = 16

    /// Sends `pieces` of `buffers` in order, all of them, in as few system calls as the peer allows.
    ///
    /// - Parameter blockedSeconds: how long the peer may take nothing at all; each byte taken starts the time again.
    /// - Throws: `.timedOut` when it did, `.closed`, `.woken`.
    package func send(
        _ buffers: [[UInt8]], _ pieces: [GatherPiece], blockedSeconds: Double, wake: WakeDescriptor? = nil
    ) throws(SocketFault) {
        precondition(buffers.count <= Socket.maximumBuffers, "too many buffers to gather from")
        precondition(pieces.allSatisfy { buffers.indices.contains($0.buffer) }, "a piece of no buffer")
        var fault: SocketFault?
        unsafe withUnsafeTemporaryAllocation(of: fr_piece.self, capacity: pieces.count) { table in
            unsafe Socket.fill(table, with: pieces, of: buffers, from: 0) {
                do throws(SocketFault) {
                    unsafe try sendAll(table, blockedSeconds: blockedSeconds, wake: wake)
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

    /// Sends `count` bytes of `file` from `offset` on, straight from the page cache (sendfile). SIGPIPE must be
    /// ignored.
    ///
    /// - Throws: `.system` with `.inputOutput` when the file is shorter.
    package func send(
        _ file: borrowing File, from offset: Int, count: Int, blockedSeconds: Double, wake: WakeDescriptor? = nil
    ) throws(SocketFault) {
        var sent = 0
        while sent < count {
            let step = min(count - sent, 1 << 30)
            let result = fr_send_file(descriptor, file.descriptor, Int64(offset + sent), step)
            guard result != 0 else { throw .system("send a file", nil, .inputOutput) }
            if result > 0 {
                sent += Int(result)
            } else {
                try waitToSend(after: Errno(code: Int32(truncatingIfNeeded: -result)), blockedSeconds, wake)
            }
        }
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
        _ table: UnsafeMutableBufferPointer<fr_piece>, blockedSeconds: Double, wake: WakeDescriptor?
    ) throws(SocketFault) {
        var first = 0
        while first < table.count {
            if unsafe table[first].count == 0 {
                first += 1
                continue
            }
            let result = unsafe fr_send(descriptor, table.baseAddress! + first, Int32(clamping: table.count - first))
            guard result >= 0 else {
                try waitToSend(after: Errno(code: Int32(truncatingIfNeeded: -result)), blockedSeconds, wake)
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
    private func waitToSend(after cause: Errno, _ seconds: Double, _ wake: WakeDescriptor?) throws(SocketFault) {
        guard cause == .wouldBlock else { throw .connected("send", cause) }
        switch try wait(for: .writing, until: Deadline(afterSeconds: seconds), wake: wake) {
        case .ready: return
        case .timedOut: throw .timedOut
        case .woken: throw .woken
        }
    }
}
