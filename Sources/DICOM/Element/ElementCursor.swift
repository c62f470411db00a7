// A walk over the elements of one data set, in order, without allocation: what indexing millions of headers runs on.

/// Where a walk stands. The bytes are given to each call, so that the cursor borrows nothing.
package struct ElementCursor: Sendable {
    package let encoding: Encoding
    package private(set) var offset: Int
    private let limits: DecodingLimits

    package init(as encoding: Encoding, at offset: Int = 0, limits: DecodingLimits = .standard) {
        self.encoding = encoding
        self.offset = offset
        self.limits = limits
    }

    /// The next element's header; nil at the end. The walk then stands at its value, to be skipped with `skip`.
    /// A delimiter at this level ends the data set, as does trailing rest of fewer than 8 zero bytes.
    ///
    /// - Throws: `.truncated` when the header passes the end.
    package mutating func next(in set: RawSpan) throws(DecodingFault) -> ElementHeader? {
        if offset >= set.byteCount { return nil }
        if set.byteCount - offset < 8, isZero(set, from: offset) { return nil }
        let header = try ElementHeader(in: set, at: offset, as: encoding)
        if header.isDelimiter || header.isItem { return nil }
        offset = header.valueOffset
        return header
    }

    /// Moves past the value of `header`, which `next` gave. O(1) for a defined length, else O(bytes).
    ///
    /// - Throws: `.truncated` when the value passes the end, `.overLimit` when it nests too deep.
    package mutating func skip(_ header: ElementHeader, in set: RawSpan) throws(DecodingFault) {
        offset = try end(of: header, in: set)
    }

    /// The offset behind the value of `header`: for an undefined length, behind its delimiter, which may be missing at
    /// the very end.
    package func end(of header: ElementHeader, in set: RawSpan) throws(DecodingFault) -> Int {
        if let length = header.length {
            guard length <= set.byteCount - header.valueOffset else {
                throw .truncated(
                    offset: header.valueOffset, neededBytes: length,
                    availableBytes: set.byteCount - header.valueOffset)
            }
            return header.valueOffset + length
        }
        return try endOfUndefined(header, in: set)
    }

    /// Walks nested sequences and items with a stack of two bits a level: whether the level is a sequence or an item, and
    /// whether Implicit VR Little Endian rules below it (UN of undefined length, PS3.5 §6.2.2 note 2).
    private func endOfUndefined(_ header: ElementHeader, in set: RawSpan) throws(DecodingFault) -> Int {
        var levels = NestedLevels(limit: limits.depth)
        try levels.enterSequence(isImplicit: header.vr == .UN, at: header.valueOffset)
        var at = header.valueOffset
        while !levels.isEmpty {
            if at >= set.byteCount {
                // Real files end without their delimiters.
                return set.byteCount
            }
            let inner = levels.isImplicit ? .implicitLittle : encoding
            let next = try ElementHeader(in: set, at: at, as: inner)
            at = next.valueOffset
            switch next.tag {
            case .sequenceDelimitationItem:
                levels.leaveSequence()
                continue
            case .itemDelimitationItem:
                levels.leaveItem()
                continue
            default: break
            }
            if let length = next.length {
                guard length <= set.byteCount - at else {
                    throw .truncated(offset: at, neededBytes: length, availableBytes: set.byteCount - at)
                }
                at += length
            } else if next.isItem {
                try levels.enterItem(at: at)
            } else {
                try levels.enterSequence(isImplicit: next.vr == .UN && inner.isExplicitVR, at: at)
            }
        }
        return at
    }

    private func isZero(_ set: RawSpan, from start: Int) -> Bool {
        (start..<set.byteCount).allSatisfy { set.byte(at: $0) == 0 }
    }
}

/// The nesting of a value of undefined length, a bit a level: no memory is allocated for depth.
private struct NestedLevels {
    private var isSequence: (UInt64, UInt64) = (0, 0)
    private var depth = 0
    private var sequences = 0
    /// The level at which Implicit VR began, 0 for nowhere.
    private var implicitFrom = 0
    private let limit: Int

    init(limit: Int) { self.limit = min(limit, 64) }

    var isEmpty: Bool { depth == 0 }
    var isImplicit: Bool { implicitFrom > 0 }

    mutating func enterSequence(isImplicit: Bool, at offset: Int) throws(DecodingFault) {
        guard sequences < limit else { throw .overLimit("sequence depth", limit: limit, offset: offset) }
        push(true)
        sequences += 1
        if isImplicit, implicitFrom == 0 { implicitFrom = depth }
    }

    mutating func enterItem(at offset: Int) throws(DecodingFault) {
        guard depth < 128 else { throw .overLimit("sequence depth", limit: limit, offset: offset) }
        push(false)
    }

    /// A sequence's delimiter also ends an item whose own is missing.
    mutating func leaveSequence() {
        while depth > 0 {
            if pop() { return }
        }
    }

    /// An item's delimiter where no item is open is passed over.
    mutating func leaveItem() {
        guard depth > 0, !isTopSequence else { return }
        _ = pop()
    }

    private var isTopSequence: Bool { bit(depth - 1) }

    private func bit(_ index: Int) -> Bool {
        index < 64 ? isSequence.0 >> UInt64(index) & 1 == 1 : isSequence.1 >> UInt64(index - 64) & 1 == 1
    }

    private mutating func push(_ value: Bool) {
        let index = depth
        if index < 64 {
            isSequence.0 = isSequence.0 & ~(1 << UInt64(index)) | (value ? 1 << UInt64(index) : 0)
        } else {
            isSequence.1 = isSequence.1 & ~(1 << UInt64(index - 64)) | (value ? 1 << UInt64(index - 64) : 0)
        }
        depth += 1
    }

    /// Leaves the top level: whether it was a sequence.
    private mutating func pop() -> Bool {
        depth -= 1
        let was = bit(depth)
        if was { sequences -= 1 }
        if implicitFrom > depth { implicitFrom = 0 }
        return was
    }
}
