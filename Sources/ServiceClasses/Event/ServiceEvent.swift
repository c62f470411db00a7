// What a service class tells whoever keeps the log.

/// One line of what a service class did, for whoever keeps the log. No text here comes from a peer unprinted.
package struct ServiceEvent: Sendable {
    /// How much it matters, in the terms of a log.
    package enum Weight: Sendable { case detail, info, warning, error }
    package let weight: Weight
    package let message: String
    package let fields: [(name: String, value: String)]

    package init(_ weight: Weight, _ message: String, _ fields: [(name: String, value: String)] = []) {
        self.weight = weight
        self.message = message
        self.fields = fields
    }
}

/// Receives events as they happen, on the association's thread.
package typealias ServiceLog = (ServiceEvent) -> Void
