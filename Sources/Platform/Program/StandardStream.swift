// Standard output and error, unbuffered: one write a text, so that the lines of several processes don't mix.

import CPlatform

/// One of the two streams that a program speaks on.
package enum StandardStream: Int32, Sendable {
    case output = 1
    case error = 2

    /// Writes all of `text`; what can't be written is lost.
    ///
    /// - Returns: false when the reader is gone or the disk is full.
    @discardableResult
    package func write(_ text: String) -> Bool { write(Array(text.utf8)) }

    /// The same for bytes.
    @discardableResult
    package func write(_ bytes: [UInt8]) -> Bool {
        var done = 0
        while done < bytes.count {
            let result = unsafe bytes.withUnsafeBytes {
                unsafe fr_write(rawValue, $0.baseAddress! + done, $0.count - done)
            }
            if Errno(code: Int32(truncatingIfNeeded: -result)) == .wouldBlock {
                // Someone made the stream non-blocking: wait for the reader.
                guard let isReady = try? Poller.canWrite(rawValue), isReady else { return false }
                continue
            }
            guard result > 0 else { return false }
            done += Int(result)
        }
        return true
    }

    /// Waits until something can be written without waiting, or the deadline.
    package func isWritable(until deadline: Deadline) -> Bool {
        var watched = fr_watched(descriptor: rawValue, wanted: Socket.Direction.writing.rawValue, found: 0)
        return unsafe fr_poll(&watched, 1, Poller.nanoseconds(deadline)) > 0
    }

    /// Whether people may be reading along.
    package var isTerminal: Bool { fr_is_terminal(rawValue) == 1 }

    /// Whether people may be asked something.
    package static var isInputTerminal: Bool { fr_is_terminal(0) == 1 }

    /// How many columns the terminal has; nil when the stream is none, or doesn't know.
    package var columns: Int? {
        let count = fr_terminal_columns(rawValue)
        return count > 0 ? Int(count) : nil
    }
}
