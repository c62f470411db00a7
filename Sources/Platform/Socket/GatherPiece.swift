// Bytes to be sent from several buffers in one call.

/// A run of bytes to send: a range of one of several buffers.
package struct GatherPiece: Equatable, Sendable {
    package let buffer: Int
    package let range: Range<Int>

    package init(buffer: Int, range: Range<Int>) {
        self.buffer = buffer
        self.range = range
    }
}
