// Attribute sets of a page, taken apart: a text column for each attribute that any of them has.

import DICOM

/// The attribute sets of one page. A column without bytes has only empty sets.
///
///     varint   number of slots
///     each slot, ascending by tag, then VR: tag 4 bytes and VR 2 bytes, little-endian; varint length of its part
///     parts    of the slots, one behind the other: 1 byte, 0: all rows have the attribute; 1: a bit for each row follows, the
///              lowest bit of the first byte first, set where the row has it; then a text column of the values there are
struct AttributeColumn: Sendable {
    /// One attribute of the page's sets.
    private struct Slot: Sendable {
        let tag: Tag
        let vr: VR
        /// Where its bits begin; nil where all rows have it.
        let bits: Int?
        let values: TextColumn
    }

    private var slots: [Slot] = []
    /// Tag, VR and a length of one byte.
    private static let headMinimumBytes = 7

    static let empty = AttributeColumn()

    private init() {}

    init(rows: Int, from reader: inout SpanReader) throws(PageFault) {
        let count = try reader.count(maximum: (reader.end - reader.offset) / Self.headMinimumBytes)
        var heads: [(tag: Tag, vr: VR, length: Int)] = []
        heads.reserveCapacity(count)
        for _ in 0..<count {
            let head = try reader.range(6).lowerBound
            let tag = Tag(rawValue: reader.bytes.word(at: head))
            guard let vr = VR(rawValue: UInt16(truncatingIfNeeded: reader.bytes.half(at: head + 4))) else {
                throw reader.fault("no VR")
            }
            if let last = heads.last, (last.tag, last.vr.rawValue) >= (tag, vr.rawValue) {
                throw reader.fault("attributes are not in order")
            }
            heads.append((tag, vr, try reader.count(maximum: reader.end - reader.offset)))
        }
        slots.reserveCapacity(count)
        for head in heads {
            let part = try reader.range(head.length)
            var own = SpanReader(reader.bytes, from: part.lowerBound, to: part.upperBound)
            var bits: Int?
            var present = rows
            switch try own.byte() {
            case 0: break
            case 1:
                let range = try own.range((rows + 7) / 8)
                bits = range.lowerBound
                present = Self.count(reader.bytes, range.lowerBound, rows)
            default: throw own.fault("an attribute's presence")
            }
            let values = own.isAtEnd ? TextColumn.empty : try TextColumn(rows: present, from: &own)
            guard own.isAtEnd else { throw own.fault("an attribute is longer than its rows") }
            slots.append(Slot(tag: head.tag, vr: head.vr, bits: bits, values: values))
        }
    }

    /// How many of the first `rows` bits from byte `start` on are set.
    private static func count(_ page: RawSpan, _ start: Int, _ rows: Int) -> Int {
        var count = 0
        for index in 0..<(rows >> 3) { count += page.byte(at: start + index).nonzeroBitCount }
        if rows & 7 > 0 {
            count += (page.byte(at: start + rows >> 3) & (1 << UInt8(rows & 7) - 1)).nonzeroBitCount
        }
        return count
    }

    /// Which of the slot's values is that of `row`; nil where the row hasn't the attribute.
    private static func rank(_ slot: Slot, _ row: Int, _ page: RawSpan) -> Int? {
        guard let bits = slot.bits else { return row }
        guard page.byte(at: bits + row >> 3) >> UInt8(row & 7) & 1 == 1 else { return nil }
        return count(page, bits, row)
    }

    /// The value of one attribute of a row; nil where it hasn't it.
    func value(_ tag: Tag, _ row: Int, in page: RawSpan) throws(PageFault) -> (vr: VR, bytes: [UInt8])? {
        for slot in slots where slot.tag == tag {
            if let rank = Self.rank(slot, row, page) { return (slot.vr, try slot.values.text(rank, in: page)) }
        }
        return nil
    }

    /// The set of a row.
    func set(_ row: Int, in page: RawSpan) throws(PageFault) -> AttributeSet {
        var set = AttributeSet.empty
        var last: Tag?
        for slot in slots {
            guard let rank = Self.rank(slot, row, page) else { continue }
            guard slot.tag != last else { throw PageFault(offset: slot.bits ?? 0, what: "an attribute is there twice") }
            last = slot.tag
            try set.append(slot.tag, slot.vr) { (bytes: inout [UInt8]) throws(PageFault) in
                try slot.values.append(rank, to: &bytes, in: page)
            }
        }
        return set
    }

    /// What each attribute costs, head and part, by tag.
    static func sizes(of part: Range<Int>, in page: RawSpan) throws(PageFault) -> [(tag: Tag, byteCount: Int)] {
        var reader = SpanReader(page, from: part.lowerBound, to: part.upperBound)
        guard !part.isEmpty else { return [] }
        var sizes: [(tag: Tag, byteCount: Int)] = []
        for _ in 0..<(try reader.count(maximum: part.count)) {
            let head = try reader.range(6).lowerBound
            let length = try reader.count(maximum: part.count)
            sizes.append((Tag(rawValue: page.word(at: head)), reader.offset - head + length))
        }
        return sizes
    }

    // MARK: Writing

    /// Appends the column of `sets`, of which there is at least one. Nothing where all are empty.
    static func append(_ sets: [AttributeSet], to page: inout [UInt8]) {
        var numbers: [UInt64: Int] = [:]
        var slots: [(key: UInt64, rows: [Int], values: [[UInt8]])] = []
        for (row, set) in sets.enumerated() {
            var offset = 0
            while let attribute = set.attribute(at: offset) {
                let key = UInt64(attribute.tag.rawValue) << 16 | UInt64(attribute.vr.rawValue)
                let slot: Int
                if let known = numbers[key] {
                    slot = known
                } else {
                    slot = slots.count
                    numbers[key] = slot
                    slots.append((key, [], []))
                }
                slots[slot].rows.append(row)
                slots[slot].values.append(Array(set.bytes[attribute.value]))
                offset = attribute.value.upperBound
            }
        }
        guard !slots.isEmpty else { return }
        slots.sort { $0.key < $1.key }
        page.appendVarint(UInt64(slots.count))
        var parts: [UInt8] = []
        for slot in slots {
            let start = parts.count
            if slot.rows.count == sets.count {
                parts.append(0)
            } else {
                parts.append(1)
                var bits = [UInt8](repeating: 0, count: (sets.count + 7) / 8)
                for row in slot.rows { bits[row >> 3] |= 1 << UInt8(row & 7) }
                parts += bits
            }
            TextColumn.append(slot.values, to: &parts)
            page.appendLittleEndian(UInt32(truncatingIfNeeded: slot.key >> 16))
            page.appendLittleEndian(UInt16(truncatingIfNeeded: slot.key))
            page.appendVarint(UInt64(parts.count - start))
        }
        page += parts
    }
}

extension RawSpan {
    /// Four bytes that were checked to be there, little-endian.
    fileprivate func word(at offset: Int) -> UInt32 { half(at: offset) | half(at: offset + 2) << 16 }

    fileprivate func half(at offset: Int) -> UInt32 {
        UInt32(byte(at: offset)) | UInt32(byte(at: offset + 1)) << 8
    }
}
