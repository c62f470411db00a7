// Bytes that arrived and were not yet made into PDUs. Grows by what arrives, holds nothing while nothing does.

import DICOM

/// A buffer that is read into at its end and consumed at its start.
struct ReceiveBuffer {
    /// `bytes[unread]` is what has arrived; what lies behind is room.
    private(set) var bytes: [UInt8] = []
    private(set) var unread = 0..<0

    private static let leastReadBytes = 16_384
    /// For who sends much: two of the longest PDUs, so that one read takes many short ones.
    private static let muchBytes = 262_144 + 1_024

    /// Reads once into the room behind what is there, of which there is always some.
    ///
    /// - Parameter expectsMuch: a data set of any length arrives.
    /// - Returns: what `read` returned: the number of bytes, 0 at the end, nil when nothing is there.
    mutating func fill(expectsMuch: Bool, _ read: (inout [UInt8], Int) -> Int?) -> Int? {
        if expectsMuch, bytes.count < Self.muchBytes {
            bytes += [UInt8](repeating: 0, count: Self.muchBytes - bytes.count)
        }
        makeRoom()
        guard let count = read(&bytes, unread.upperBound) else { return nil }
        unread = unread.lowerBound..<(unread.upperBound + count)
        return count
    }

    /// Doubles when full: memory is at most twice what has arrived, whatever a header announces.
    private mutating func makeRoom() {
        if unread.isEmpty { unread = 0..<0 }
        guard unread.upperBound == bytes.count else { return }
        if unread.lowerBound > 0 {
            bytes.moveToStart(unread)
            unread = 0..<unread.count
        } else {
            bytes += [UInt8](repeating: 0, count: max(Self.leastReadBytes, bytes.count))
        }
    }

    /// Passes `count` bytes. They stay where they are until the next `fill`.
    mutating func consume(_ count: Int) { unread = (unread.lowerBound + count)..<unread.upperBound }

    /// Passes everything that is there.
    mutating func consumeAll() { consume(unread.count) }

    var isHeld: Bool { !bytes.isEmpty }

    /// Gives the memory back, and forgets what is there.
    mutating func release() {
        bytes = []
        unread = 0..<0
    }
}
