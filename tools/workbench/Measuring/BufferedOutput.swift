// Standard output for what a measurement prints.

import Platform

/// Standard output, written in large pieces.
struct BufferedOutput {
    private var waiting: [UInt8] = []
    private var isBroken = false

    mutating func write(_ bytes: [UInt8]) {
        waiting += bytes
        if waiting.count > 1 << 16 { flush() }
    }

    private mutating func flush() {
        if !StandardStream.output.write(waiting) { isBroken = true }
        waiting.removeAll(keepingCapacity: true)
    }

    /// Writes what is left; false where not all could be written.
    mutating func finish() -> Bool {
        flush()
        return !isBroken
    }
}
