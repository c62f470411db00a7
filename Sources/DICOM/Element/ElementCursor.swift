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
