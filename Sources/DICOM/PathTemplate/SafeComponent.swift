// From any text to one component of a path that is safe to create and to look at. Text that came over the wire
// becomes a name in a file system here and nowhere else.

/// A file or folder name made of any text: never empty, never `.` or `..`, never beginning with a dot (so never
/// `.incoming`), without `/` and NUL, at most 200 bytes of UTF-8.
///
/// Percent-encoded, as `%` and two capital hexadecimal digits for each UTF-8 byte: `/`, `\`, `%`, `: * ? " < > |`,
/// control characters, what is invisible (format and bidirectional control characters, white space other than U+0020),
/// and, at its place only, a leading space or dot and a trailing space or dot. Everything else stays.
///
/// Different texts have different names: a name that would be longer is cut between two characters, and `~` with 16
/// hexadecimal digits of a hash of the whole follows. Two long texts can share that hash if their author wants them to;
/// whoever creates a file must be ready for a name that exists.
package struct SafeComponent: Hashable, Sendable {
    package static let maximumBytes = 200
    package let bytes: [UInt8]

    /// - Complexity: O(n); memory beyond the name is constant.
    package init(_ text: String) { self.init([.value(text)]) }

    /// What a component is put together of.
    enum Piece {
        /// What stands in a template.
        case literal(String)
        /// An attribute's value: `_` where it is empty; a value that is itself `_` is `%5F`.
        case value(String)
    }

    /// - Parameter suffix: what follows whatever is cut: ASCII that needs no encoding, a file name's extension.
    init(_ pieces: [Piece], suffix: String = "") {
        var writer = ComponentWriter(maximumBytes: Self.maximumBytes - suffix.utf8.count)
        for piece in pieces {
            switch piece {
            case .value(""): writer.append("_")
            case .value("_"): writer.appendEncoded("_")
            case .literal(let text), .value(let text): text.unicodeScalars.forEach { writer.append($0) }
            }
        }
        bytes = writer.finish(isEnd: suffix.isEmpty) + suffix.utf8
    }

    /// Whether `scalar` is encoded wherever it stands.
    static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
        guard scalar.value >= 0x80 else {
            switch scalar {
            case "/", "\\", "%", ":", "*", "?", "\"", "<", ">", "|", "\u{7F}": return true
            default: return scalar.value < 0x20
            }
        }
        let properties = scalar.properties
        switch properties.generalCategory {
        case .control, .format: return true
        default: return properties.isWhitespace || properties.isDefaultIgnorableCodePoint
        }
    }

    /// Whether `scalar` is encoded at the beginning of a name or at its end.
    static func isUnsafeAtEdge(_ scalar: Unicode.Scalar) -> Bool { scalar == "." || scalar == " " }
}

/// Encodes scalar by scalar, keeps what fits and hashes all.
private struct ComponentWriter {
    let maximumBytes: Int
    private var encoded: [UInt8] = []
    private var isTooLong = false
    /// Where the last character ends that leaves room for a hash.
    private var cut = 0
    /// FNV-1a, 64 bits, of everything encoded.
    private var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    /// The last scalar, until it is known whether another one follows.
    private var pending: Unicode.Scalar?

    /// `~` and 16 digits.
    private static let hashBytes = 17

    init(maximumBytes: Int) { self.maximumBytes = maximumBytes }

    mutating func append(_ scalar: Unicode.Scalar) {
        flush(isLast: false)
        pending = scalar
    }

    mutating func appendEncoded(_ scalar: Unicode.Scalar) {
        flush(isLast: false)
        write(scalar, isEncoded: true)
    }

    private mutating func flush(isLast: Bool) {
        guard let scalar = pending else { return }
        pending = nil
        let isAtEdge = encoded.isEmpty || isLast
        write(
            scalar,
            isEncoded: SafeComponent.isUnsafe(scalar) || isAtEdge && SafeComponent.isUnsafeAtEdge(scalar))
    }

    private mutating func write(_ scalar: Unicode.Scalar, isEncoded: Bool) {
        let utf8 = UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter
        isTooLong = isTooLong || encoded.count + utf8.count * (isEncoded ? 3 : 1) > maximumBytes
        for byte in utf8 {
            if isEncoded { percentEncoded(byte).forEach { put($0) } } else { put(byte) }
        }
        if !isTooLong, encoded.count <= maximumBytes - Self.hashBytes { cut = encoded.count }
    }

    private mutating func put(_ byte: UInt8) {
        hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3
        if !isTooLong { encoded.append(byte) }
    }

    /// - Parameter isEnd: nothing follows, so that the last character is at an edge.
    mutating func finish(isEnd: Bool) -> [UInt8] {
        flush(isLast: isEnd)
        if !isTooLong, let tilde = imitatedHash {
            encoded.replaceSubrange(tilde...tilde, with: percentEncoded(encoded[tilde]))
            isTooLong = encoded.count > maximumBytes
        }
        return isTooLong ? encoded[..<cut] + Array("~".utf8) + digits(hash) : encoded
    }

    /// Where the `~` stands of what looks like a hash and isn't.
    private var imitatedHash: Int? {
        let tail = encoded.suffix(Self.hashBytes)
        guard tail.count == Self.hashBytes, tail.first == UInt8(ascii: "~"),
            tail.dropFirst().allSatisfy({ hexadecimalDigits.contains($0) })
        else { return nil }
        return tail.startIndex
    }
}

private let hexadecimalDigits = Array("0123456789ABCDEF".utf8)

private func percentEncoded(_ byte: UInt8) -> [UInt8] {
    [UInt8(ascii: "%"), hexadecimalDigits[Int(byte >> 4)], hexadecimalDigits[Int(byte & 0xF)]]
}

/// The 16 digits of `value`.
private func digits(_ value: UInt64) -> [UInt8] {
    stride(from: 60, through: 0, by: -4).map { hexadecimalDigits[Int(value >> UInt64($0) & 0xF)] }
}
