// The part of a data set that a conversion looks at: some kilobytes, moved on and never back.

/// A few bytes of a data set, from `start` on.
struct InputWindow {
    private static let capacity = 16 << 10

    private var buffer: [UInt8] = []
    private var start = 0
    private var count = 0

    /// Has `wanted` bytes from `offset` on, at most 16 KiB; fewer only where the data set ends.
    ///
    /// - Returns: how many there are, which may be more.
    mutating func fill(
        at offset: Int, wanted: Int, _ read: DataSetReading
    ) throws(ConversionFault) -> Int {
        let end = start + count
        if offset >= start, end - offset >= wanted { return end - offset }
        if buffer.isEmpty { buffer = [UInt8](repeating: 0, count: Self.capacity) }
        if offset >= start, offset < end {
            buffer.moveToStart((offset - start)..<count)
            count = end - offset
        } else {
            count = 0
        }
        start = offset
        count += try read(start + count, Self.capacity - count, &buffer, count)
        return count
    }

    /// Appends the `wanted` bytes from `offset` on to `out`: those in the window first, the rest straight from where they are.
    ///
    /// - Throws: `.data(.truncated)` where there are fewer.
    mutating func append(
        to out: inout [UInt8], from offset: Int, count wanted: Int, _ read: DataSetReading
    ) throws(ConversionFault) {
        var at = offset
        var left = wanted
        if wanted <= Self.capacity {
            _ = try fill(at: offset, wanted: wanted, read)
        }
        let held = min(left, max(0, start + count - at))
        if at >= start, held > 0 {
            out.append(copying: buffer.rawSpan.extracting((at - start)..<(at - start + held)))
            at += held
            left -= held
        }
        guard left > 0 else { return }
        let index = out.count
        out.append(contentsOf: repeatElement(0, count: left))
        let got = try read(at, left, &out, index)
        guard got == left else {
            throw .data(.truncated(offset: at, neededBytes: left, availableBytes: got))
        }
    }

    /// The head of the element at `offset`, of whose bytes `fill` found `there`.
    func header(at offset: Int, upTo there: Int, as encoding: Encoding) throws(DecodingFault) -> ElementHeader {
        let at = offset - start
        return try ElementHeader(in: buffer.rawSpan.extracting(at..<(at + there)), at: 0, as: encoding)
    }

    /// The tag at `offset`, of whose bytes `fill` found `there`; nil where they are too few.
    func tag(at offset: Int, upTo there: Int, _ order: ByteOrder) -> Tag? {
        guard there >= 4 else { return nil }
        let numbers = (0..<4).map { UInt16(buffer[offset - start + (order == .big ? $0 : $0 ^ 1)]) }
        return Tag(numbers[0] << 8 | numbers[1], numbers[2] << 8 | numbers[3])
    }

    /// Whether the bytes at `offset`, which `fill` found, are all zero.
    func isZero(at offset: Int, count: Int) -> Bool {
        (0..<count).allSatisfy { buffer[offset - start + $0] == 0 }
    }
}
