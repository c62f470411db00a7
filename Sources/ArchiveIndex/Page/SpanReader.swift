// Reads fields one behind the other from a page where it stands: nothing is trusted, and a fault says where in the page.

import DICOM

/// What is wrong with a page, and how many bytes behind its begin.
struct PageFault: Error {
    let offset: Int
    let what: String
}

/// A position in the bytes of a page.
struct SpanReader: ~Escapable {
    let bytes: RawSpan
    private(set) var offset: Int
    let end: Int

    /// Reads the bytes from `start` to `end`, which are there.
    @_lifetime(copy bytes)
    init(_ bytes: RawSpan, from start: Int = 0, to end: Int) {
        precondition(start >= 0 && start <= end && end <= bytes.byteCount, "a part of a page is within it")
        self.bytes = bytes
        offset = start
        self.end = end
    }

    var isAtEnd: Bool { offset == end }

    func fault(_ what: String) -> PageFault { PageFault(offset: offset, what: what) }

    mutating func byte() throws(PageFault) -> UInt8 {
        guard offset < end else { throw fault("it ends too early") }
        defer { offset += 1 }
        return bytes.byte(at: offset)
    }

    /// The next `count` bytes as a range of the page.
    mutating func range(_ count: Int) throws(PageFault) -> Range<Int> {
        guard count >= 0, count <= end - offset else { throw fault("it ends too early") }
        defer { offset += count }
        return offset..<(offset + count)
    }

    /// All that is left.
    mutating func rest() -> Range<Int> {
        defer { offset = end }
        return offset..<end
    }

    mutating func varint() throws(PageFault) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let next = try byte()
            if shift == 63, next > 1 { throw fault("a number is too large") }
            value |= UInt64(next & 0x7F) << shift
            if next < 0x80 { return value }
            shift += 7
            if shift > 63 { throw fault("a number is too long") }
        }
    }

    /// A varint that counts bytes, at most `maximum`.
    mutating func count(maximum: Int) throws(PageFault) -> Int {
        let value = try varint()
        guard value <= UInt64(maximum) else { throw fault("\(value) is more than there can be") }
        return Int(value)
    }

    /// A varint and as many bytes, as a range of the page.
    mutating func prefixedRange() throws(PageFault) -> Range<Int> {
        try range(try count(maximum: end - offset))
    }
}
