// A walk over the elements of a data set that arrives in pieces: whether it ends where an element does. Values are passed over
// unseen, and nothing is held but the beginning of one element's head.

/// An element at the top level of a data set that passes by. Offsets count on from that which the walk began with.
package struct StreamedElement: Equatable, Sendable {
    package let tag: Tag
    package let headOffset: Int
    package let valueOffset: Int
    /// Bytes of its value; nil when the length is undefined.
    package let length: Int?
}

/// Follows a data set to its end (PS3.5 §7.1, §7.5, §A.4), in constant memory.
///
/// As forgiving as `ElementCursor` where nothing is lost: sequences and items of undefined length may lack their delimiters at the
/// very end, a delimiter too many is passed over, and so are zeros behind the last element, however many. Fragments of pixel data
/// may not: without the delimiter behind them nobody can tell that none is missing. Behind whole pixel data, whatever can't be an
/// element of a higher tag is padding: some devices fill their files with it.
package struct StreamedElements: Sendable {
    /// The longest head of an element.
    private static let headBytes = 12

    private let encoding: Encoding
    private var levels = NestedLevels(limit: DecodingLimits.standard.depth)
    /// Among the fragments of encapsulated pixel data.
    private var isInFragments = false
    /// So much of a value is still to come.
    private var valueBytes = 0
    /// Pixel Data (7FE0,0010) has begun at the top level: once it is whole, nothing of an image is missing.
    private var hasMetPixelData = false
    /// What comes is padding.
    private var isPadding = false
    /// What has arrived of an element's head.
    private var head: [UInt8] = []
    /// Of what arrives next.
    private var offset: Int

    /// - Parameter offset: what faults call the first byte, which begins an element at the top level.
    package init(as encoding: Encoding, at offset: Int = 0) {
        self.encoding = encoding
        self.offset = offset
        head.reserveCapacity(Self.headBytes)
    }

    /// Passes over the next bytes. O(1) within a value, else O(elements); allocates nothing.
    ///
    /// - Throws: `.invalid` for what can't stand where it does, `.overLimit` when it nests too deep. The walk is over then.
    package mutating func take(_ bytes: RawSpan) throws(DecodingFault) {
        var at = 0
        while try next(in: bytes, from: &at) != nil {}
    }

    /// The same step by step: goes on from `at` to the next element at the top level whose head ends in these bytes; nil when they
    /// are passed over.
    package mutating func next(in bytes: RawSpan, from at: inout Int) throws(DecodingFault) -> StreamedElement? {
        while !isPadding {
            let passed = min(valueBytes, bytes.byteCount - at)
            valueBytes -= passed
            at += passed
            offset += passed
            guard at < bytes.byteCount, let (header, headBytes) = nextHeader(in: bytes, from: &at) else { return nil }
            let isAtTop = levels.isEmpty && !isInFragments && !header.isDelimiter
            if isAtTopBehindPixelData, isNoElement(header.tag) {
                isPadding = true
                break
            }
            if isAtTop, header.tag == .pixelData { hasMetPixelData = true }
            try enter(header, at: offset - headBytes)
            if isAtTop {
                return StreamedElement(
                    tag: header.tag, headOffset: offset - headBytes, valueOffset: offset, length: header.length)
            }
        }
        offset += bytes.byteCount - at
        at = bytes.byteCount
        return nil
    }

    /// Of the element whose head has begun; nil where not even that is there.
    private var heldTag: Tag? {
        guard head.count >= 4 else { return nil }
        let numbers =
            encoding.byteOrder == .big ? [head[0], head[1], head[2], head[3]] : [head[1], head[0], head[3], head[2]]
        return Tag(UInt16(numbers[0]) << 8 | UInt16(numbers[1]), UInt16(numbers[2]) << 8 | UInt16(numbers[3]))
    }

    private var isAtTopBehindPixelData: Bool { hasMetPixelData && levels.isEmpty && !isInFragments }

    /// Tags ascend, group FFFFH isn't one, and an item is in a sequence.
    private func isNoElement(_ tag: Tag) -> Bool { tag <= .pixelData || tag == .item || tag.group == 0xFFFF }

    /// The rest of the data set has arrived.
    ///
    /// - Throws: `.truncated` when it ends within an element.
    package func finish() throws(DecodingFault) {
        if valueBytes > 0 { throw .truncated(offset: offset, neededBytes: valueBytes, availableBytes: 0) }
        var isRest = levels.isEmpty && head.count < 8 && head.allSatisfy { $0 == 0 }
        if isAtTopBehindPixelData {
            isRest = heldTag.map(isNoElement) ?? true
        }
        guard isInFragments || !head.isEmpty && !isRest else { return }
        throw .truncated(
            offset: offset - head.count, neededBytes: head.count < 8 ? 8 : Self.headBytes, availableBytes: head.count)
    }

    /// The head of the element that begins at `at`, or began in an earlier piece; nil when not all of it is there. `at` is behind
    /// it then.
    private mutating func nextHeader(
        in bytes: RawSpan, from at: inout Int
    ) -> (header: ElementHeader, bytes: Int)? {
        let current = levels.isImplicit ? .implicitLittle : encoding
        if head.isEmpty {
            if let header = try? ElementHeader(in: bytes, at: at, as: current) {
                let count = header.valueOffset - at
                at += count
                offset += count
                return (header, count)
            }
            hold(bytes, from: &at)
            return nil
        }
        let held = head.count
        var end = at
        hold(bytes, from: &end)
        guard let header = try? ElementHeader(in: head.rawSpan, at: 0, as: current) else {
            at = end
            return nil
        }
        // Held for its head were bytes of its value, perhaps.
        offset -= head.count - header.valueOffset
        at += header.valueOffset - held
        head.removeAll(keepingCapacity: true)
        return (header, header.valueOffset)
    }

    private mutating func hold(_ bytes: RawSpan, from at: inout Int) {
        let count = min(Self.headBytes - head.count, bytes.byteCount - at)
        head.append(copying: bytes.extracting(at..<(at + count)))
        at += count
        offset += count
    }

    private mutating func enter(_ header: ElementHeader, at headerOffset: Int) throws(DecodingFault) {
        if isInFragments { return try enterFragment(header, at: headerOffset) }
        switch header.tag {
        case .sequenceDelimitationItem: levels.leaveSequence()
        case .itemDelimitationItem: levels.leaveItem()
        case .item:
            guard levels.isInSequence else { throw Self.misplaced("tag", header, at: headerOffset) }
            guard let length = header.length else { return try levels.enterItem(at: headerOffset) }
            valueBytes = length
        default:
            guard !levels.isInSequence else { throw Self.misplaced("item tag", header, at: headerOffset) }
            if let length = header.length {
                valueBytes = length
            } else if header.vr.isPixelData || header.tag == .pixelData {
                isInFragments = true
            } else {
                try levels.enterSequence(isImplicit: header.vr == .UN, at: headerOffset)
            }
        }
    }

    /// Items of defined length up to a delimiter (PS3.5 §A.4).
    private mutating func enterFragment(_ header: ElementHeader, at headerOffset: Int) throws(DecodingFault) {
        switch header.tag {
        case .sequenceDelimitationItem: isInFragments = false
        case .item:
            guard let length = header.length else {
                throw .invalid("fragment length", value: UInt64(UInt32.max), offset: headerOffset + 4)
            }
            valueBytes = length
        default: throw Self.misplaced("item tag", header, at: headerOffset)
        }
    }

    private static func misplaced(_ what: String, _ header: ElementHeader, at offset: Int) -> DecodingFault {
        .invalid(what, value: UInt64(header.tag.rawValue), offset: offset)
    }
}
