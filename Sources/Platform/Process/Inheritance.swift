// Which of our descriptors a child gets.

/// A descriptor of ours, and its number in the child.
package struct Inheritance: Hashable, Sendable {
    package let descriptor: Int32
    package let childDescriptor: Int32

    package init(_ descriptor: Int32, as childDescriptor: Int32) {
        self.descriptor = descriptor
        self.childDescriptor = childDescriptor
    }

    /// `/dev/null` in the child.
    package static func nothing(as childDescriptor: Int32) -> Inheritance { Inheritance(-1, as: childDescriptor) }
}
