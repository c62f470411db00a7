// Memory for headers that arrive: most are a few KiB, and those that are longer share what all associations of a process may hold.

import Platform

/// What one instance holds of it; given back when this value ends. Used by one thread.
final class HeaderRoom {
    /// So much each may hold without asking.
    static let freeBytes = 256 << 10
    /// For all others of the process together (hardening.md §4).
    static let maximumBytes = 64 << 20
    private static let held = Guarded(0)

    private var taken = 0

    /// Whether there is room for a header of so many bytes.
    func take(_ byteCount: Int) -> Bool {
        guard byteCount > max(Self.freeBytes, taken) else { return true }
        let more = byteCount - taken
        let isThere = Self.held.withLock { held in
            guard more <= Self.maximumBytes - held else { return false }
            held += more
            return true
        }
        if isThere { taken = byteCount }
        return isThere
    }

    func giveBack() {
        guard taken > 0 else { return }
        let bytes = taken
        Self.held.withLock { $0 -= bytes }
        taken = 0
    }

    deinit { giveBack() }
}
