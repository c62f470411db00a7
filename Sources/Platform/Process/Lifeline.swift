// How a process learns of another's death, whatever it died of.

import CPlatform

/// A pipe by which a process learns that another has died: the other holds the writing end and never writes.
package struct Lifeline: ~Copyable, Sendable {
    /// To be inherited by the watched over; readable once the holder is gone.
    package let watched: Descriptor
    /// To be kept by the holder alone.
    package let held: Descriptor

    /// A new pipe, both ends here: each process must close the end that isn't its own.
    package init() throws(Errno) {
        var reading: Int32 = -1
        var writing: Int32 = -1
        _ = try checked(unsafe fr_pipe(&reading, &writing))
        watched = Descriptor(adopting: reading)
        held = Descriptor(adopting: writing)
    }
}
