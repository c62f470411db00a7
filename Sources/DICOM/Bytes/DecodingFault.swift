// Why bytes from outside could not be read: what, where, and how much was missing.

/// A fault in bytes that a peer, a file or an index gave us. Offsets count from the start of the span being decoded.
@usableFromInline
package enum DecodingFault: Error, Equatable, Sendable {
    /// A field or value would pass the end of what is there.
    case truncated(offset: Int, neededBytes: Int, availableBytes: Int)
    /// A field holds a value that its definition excludes; `subject` is the field's name in the standard.
    case invalid(_ subject: String, value: UInt64, offset: Int)
    /// A limit of ours was passed: sequence depth, number of items, bytes inflated. `subject` names it.
    case overLimit(_ subject: String, limit: Int, offset: Int)
}

extension DecodingFault {
    /// The same fault with offsets that count from `bytes` further in front.
    package func moved(by bytes: Int) -> DecodingFault {
        switch self {
        case .truncated(let offset, let needed, let available):
            .truncated(offset: offset + bytes, neededBytes: needed, availableBytes: available)
        case .invalid(let subject, let value, let offset): .invalid(subject, value: value, offset: offset + bytes)
        case .overLimit(let subject, let limit, let offset): .overLimit(subject, limit: limit, offset: offset + bytes)
        }
    }
}

extension DecodingFault: CustomStringConvertible {
    @usableFromInline
    package var description: String {
        switch self {
        case .truncated(let offset, let needed, let available):
            "truncated at byte \(offset): \(needed) bytes needed, \(available) there"
        case .invalid(let subject, let value, let offset):
            "\(subject) at byte \(offset) is \(value) (\(hexadecimal(value))), which is not valid"
        case .overLimit(let subject, let limit, let offset):
            "\(subject) at byte \(offset) exceeds the limit of \(limit)"
        }
    }
}

/// `value` as the standard writes it: upper-case digits and a trailing H.
package func hexadecimal(_ value: some UnsignedInteger, digits: Int = 4) -> String {
    let text = String(value, radix: 16, uppercase: true)
    return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text + "H"
}
