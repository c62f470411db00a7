// Wildcard patterns over decoded characters (PS3.4 §C.2.2.2.4), in time linear in pattern times text.

/// A pattern in which `*` is any run of characters, the empty one included, and `?` exactly one Unicode scalar.
package struct TextPattern: Hashable, Sendable {
    private let scalars: [Unicode.Scalar]

    /// From a key's value; `**` is `*`.
    package init(_ text: String) {
        var scalars: [Unicode.Scalar] = []
        for scalar in text.unicodeScalars where !(scalar == "*" && scalars.last == "*") { scalars.append(scalar) }
        self.scalars = scalars
    }

    package var hasWildcards: Bool { scalars.contains { $0 == "*" || $0 == "?" } }

    /// What every match begins with.
    package var prefix: String {
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars.prefix { $0 != "*" && $0 != "?" })
        return String(text)
    }

    /// Its longest part without wildcards.
    var literal: String {
        let parts = scalars.split { $0 == "*" || $0 == "?" }
        var text = String.UnicodeScalarView()
        text.append(contentsOf: parts.max { $0.count < $1.count } ?? [])
        return String(text)
    }

    /// Whether all of `text` matches. After a mismatch only the last `*` is tried again, so that `*a*a*a*b` stays cheap.
    package func matches(_ text: String) -> Bool {
        let text = Array(text.unicodeScalars)
        var at = 0
        var position = 0
        var star: (pattern: Int, text: Int)?
        while position < text.count {
            if at < scalars.count, scalars[at] == "*" {
                star = (at, position)
                at += 1
            } else if at < scalars.count, scalars[at] == "?" || scalars[at] == text[position] {
                at += 1
                position += 1
            } else if let last = star {
                at = last.pattern + 1
                position = last.text + 1
                star = (last.pattern, position)
            } else {
                return false
            }
        }
        return scalars[at...].allSatisfy { $0 == "*" }
    }
}
