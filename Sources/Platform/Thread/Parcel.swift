// Carries one value that can't be copied through places that only take copyable ones: closures, tuples, arrays.

/// Holds a value until someone takes it, once.
package final class Parcel<Content: ~Copyable>: Sendable {
    // Guarded, so that of two threads only one takes it.
    private let content: Guarded<Content?>

    /// Takes `content`; a parcel that nobody opens ends it with itself.
    package init(_ content: consuming sending Content) { self.content = Guarded(content) }

    /// The value; traps when it was taken before, which is the caller's mistake.
    package func take() -> sending Content {
        guard let content = takeIfThere() else { preconditionFailure("a parcel was opened twice") }
        return content
    }

    /// The value; nil when it was taken before.
    package func takeIfThere() -> sending Content? {
        content.withLock { content in content.take() }
    }
}
