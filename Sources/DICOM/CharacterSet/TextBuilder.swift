// What the decoders write to: text, one coded character at a time.

/// Text being built as UTF-8.
struct TextBuilder: ~Copyable {
    private var utf8: [UInt8] = []

    init(capacityBytes: Int) { utf8.reserveCapacity(capacityBytes) }

    mutating func append(_ byte: UInt8) { utf8.append(byte) }

    /// Appends `scalar`, or U+FFFD where there is none.
    mutating func append(_ scalar: Unicode.Scalar?) {
        utf8.append(contentsOf: (scalar ?? "\u{FFFD}").utf8)
    }

    var text: String { String(decoding: utf8, as: UTF8.self) }
}
