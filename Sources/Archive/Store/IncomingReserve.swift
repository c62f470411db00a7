// A file in reserve: made while a sender reads its next instance from its disk, so that the instance needn't wait for it.

import Platform

/// What an association keeps from one instance to the next. Used by one thread; the file goes with this value.
package final class IncomingReserve {
    private let store: InstanceStore
    private var file: IncomingFile?

    init(_ store: InstanceStore) { self.store = store }

    /// The file in reserve, else a new one.
    func take() throws(StoreFault) -> IncomingFile {
        let reserved = file
        file = nil
        if let reserved, reserved.isThere { return reserved }
        return try store.makeIncoming()
    }

    /// Makes a file for the next instance. Where that fails, the instance will say so.
    package func refill() {
        if file == nil { file = try? store.makeIncoming() }
    }

    /// Nothing is kept for a sender that is refused.
    package func drop() { file = nil }
}
