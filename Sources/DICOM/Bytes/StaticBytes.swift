// The bytes of generated tables: they live as long as the program, in its read-only data.

extension StaticString {
    /// The UTF-8 bytes of a literal that is longer than one scalar.
    var rawSpan: RawSpan {
        @_lifetime(immortal)
        get {
            precondition(hasPointerRepresentation, "a table is longer than one character")
            let span = unsafe RawSpan(_unsafeStart: utf8Start, byteCount: utf8CodeUnitCount)
            // Literals are never freed.
            return unsafe _overrideLifetime(span, borrowing: ())
        }
    }
}

extension RawSpan {
    /// The number that `digits` hexadecimal digits at `offset` write; only for our own tables, which have no others.
    func hexadecimal(at offset: Int, digits: Int) -> UInt32 {
        var value: UInt32 = 0
        for index in offset..<(offset + digits) {
            let digit = byte(at: index)
            value = value << 4 | UInt32(digit <= 0x39 ? digit - 0x30 : digit - 0x41 + 10)
        }
        return value
    }

    /// The line at `offset`, without its end, split at bars.
    func fields(at offset: Int) -> [String] {
        var fields: [String] = []
        var field: [UInt8] = []
        var index = offset
        while index < byteCount {
            let next = byte(at: index)
            if next == 0x0A { break }
            if next == 0x7C {
                fields.append(String(decoding: field, as: UTF8.self))
                field = []
            } else {
                field.append(next)
            }
            index += 1
        }
        fields.append(String(decoding: field, as: UTF8.self))
        return fields
    }

    /// Calls `body` with the offset of each line.
    func forEachLine(_ body: (Int) -> Bool) {
        var start = 0
        var index = 0
        while index < byteCount {
            if byte(at: index) == 0x0A {
                if index > start, !body(start) { return }
                start = index + 1
            }
            index += 1
        }
        if start < byteCount { _ = body(start) }
    }
}
