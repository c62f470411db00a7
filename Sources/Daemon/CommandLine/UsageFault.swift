// What is said to someone whose command line can't be understood.

/// A mistake in the arguments, in words that say what to write instead.
package struct UsageFault: Error, Equatable, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}
