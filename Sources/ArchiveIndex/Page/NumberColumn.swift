// Numbers of a page: a line through them, and how far each is above it, in as many bits as the farthest needs. Any one of
// them is found in constant time.

import DICOM

/// The numbers of a column in one page.
///
///     1 byte   low 7 bits: w, bits of a rest, 0–64; 80H where the line has a slope
///     varint   zigzag of the base
///     varint   zigzag of the slope, in 256ths; only with 80H
///     rests    w bits for each row, the lowest bit of the first byte first, filled up with zero bits to a whole byte
///
/// The number of row i of the page is base + (slope * i >> 8) + rest. All is modulo 2^64, slope * i before the shift as well,
/// and the shift fills with its sign.
struct NumberColumn: Sendable {
    private let base: UInt64
    private let slope: Int64
    private let width: Int
    /// Where the rests begin in the page.
    private let offset: Int

    /// Nothing but zeros: what a column is that has no bytes.
    static let zero = NumberColumn()

    private init() {
        base = 0
        slope = 0
        width = 0
        offset = 0
    }

    /// - Parameter rows: how many numbers there are.
    init(rows: Int, from reader: inout SpanReader) throws(PageFault) {
        let head = try reader.byte()
        width = Int(head & 0x7F)
        guard width <= 64 else { throw reader.fault("a number has no \(width) bits") }
        base = UInt64(bitPattern: unzigzag(try reader.varint()))
        slope = head >= 0x80 ? unzigzag(try reader.varint()) : 0
        offset = try reader.range((rows * width + 7) / 8).lowerBound
    }

    /// The number of a row of the page, which the caller has checked to be there. O(1).
    func number(_ row: Int, in page: RawSpan) -> UInt64 {
        let line = base &+ UInt64(bitPattern: (slope &* Int64(row)) >> 8)
        return width == 0 ? line : line &+ Self.bits(page, offset, row * width, width)
    }

    /// `width` bits, 1–64, from bit `position` behind byte `offset` on.
    private static func bits(_ page: RawSpan, _ offset: Int, _ position: Int, _ width: Int) -> UInt64 {
        let first = offset + position >> 3
        let shift = UInt64(position & 7)
        var value: UInt64
        if let word = try? page.littleEndian(UInt64.self, at: first) {
            value = word >> shift
            if shift + UInt64(width) > 64 { value |= UInt64(page.byte(at: first + 8)) << (64 - shift) }
        } else {
            value = 0
            var bit: UInt64 = 0
            for index in first..<page.byteCount {
                value |= UInt64(page.byte(at: index)) << bit
                bit += 8
            }
            value >>= shift
        }
        return width == 64 ? value : value & (1 << UInt64(width) - 1)
    }

    // MARK: Writing

    private struct Line {
        let slope: Int64
        let base: Int64
        let width: Int

        /// The best line of that slope.
        init(_ values: [UInt64], slope: Int64) {
            var least = Int64.max
            var most = Int64.min
            for (index, value) in values.enumerated() {
                let rest = Int64(bitPattern: value) &- (slope &* Int64(index)) >> 8
                if rest < least { least = rest }
                if rest > most { most = rest }
            }
            self.slope = slope
            base = least
            width = 64 - UInt64(bitPattern: most &- least).leadingZeroBitCount
        }
    }

    /// Appends the column of `values`, of which there is at least one.
    static func append(_ values: [UInt64], to page: inout [UInt8]) {
        var line = Line(values, slope: 0)
        if line.width > 0, values.count > 2, let first = values.first, let last = values.last {
            let rise = Int64(bitPattern: last &- first)
            let steps = Int64(values.count - 1)
            let slope = rise.magnitude < 1 << 54 ? rise << 8 / steps : (rise / steps) &* 256
            let sloped = Line(values, slope: slope)
            // A slope costs a few bytes itself.
            if slope != 0, (line.width - sloped.width) * values.count > 40 { line = sloped }
        }
        page.append(UInt8(line.width) | (line.slope == 0 ? 0 : 0x80))
        page.appendVarint(zigzag(line.base))
        if line.slope != 0 { page.appendVarint(zigzag(line.slope)) }
        guard line.width > 0 else { return }
        var pending: UInt64 = 0
        var bits = 0
        for (index, value) in values.enumerated() {
            let rest =
                value &- UInt64(bitPattern: (line.slope &* Int64(index)) >> 8) &- UInt64(bitPattern: line.base)
            pending |= rest << UInt64(bits)
            let free = 64 - bits
            bits += line.width
            if bits >= 64 {
                page.appendLittleEndian(pending)
                bits -= 64
                pending = free < 64 ? rest >> UInt64(free) : 0
            }
        }
        while bits > 0 {
            page.append(UInt8(truncatingIfNeeded: pending))
            pending >>= 8
            bits -= 8
        }
    }
}
