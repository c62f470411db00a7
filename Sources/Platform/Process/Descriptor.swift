// An owned descriptor that is neither file nor socket: an end of a pipe, a process, shared memory.

import CPlatform

/// A descriptor that is open until this value ends.
package struct Descriptor: ~Copyable, Sendable {
    package let number: Int32

    /// Takes over an open descriptor.
    package init(adopting number: Int32) { self.number = number }

    deinit { _ = fr_close(number) }
}
