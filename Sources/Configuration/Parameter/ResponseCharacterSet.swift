// The parameter `SpecificCharacterSet`.

/// Which character set responses are in (`SpecificCharacterSet` of dcmqrscp.cfg).
package struct ResponseCharacterSet: Equatable, Sendable {
    /// What to use when the request's character set can't carry a response, as a value of (0008,0005); nil is UTF-8.
    package internal(set) var characterSet: String?
    /// Whether it goes before the request's.
    package internal(set) var isOverriding = false
}
