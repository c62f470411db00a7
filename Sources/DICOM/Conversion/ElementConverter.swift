// Data elements from one coding to another (PS3.5 §7, Annex A), one after the other, in memory that doesn't grow with the data set.

/// Converts a data set. As forgiving as `StreamedElements`: sequences and items of undefined length may lack their delimiters at
/// the very end, and whatever can't be an element behind whole pixel data is padding. Elements keep their order, group lengths go,
/// and sequences get undefined lengths, so that nothing has to be known before it is written.
struct ElementConverter {
    /// So much of a value is read at a time: a whole number of words of any VR.
    private static let pieceBytes = 64 << 10
    /// The longest head of an element.
    private static let headBytes = 12

    let rules: ConversionRules
    private var window = InputWindow()
    private var levels: ConversionLevels
    private var offset = 0
    /// Where the data set ends, once that is known.
    private var end: Int
    private var value = PendingValue()
    private var pixels: RunLengthPixels?
    /// Among fragments; whether they are written.
    private var fragments: (isWritten: Bool, limit: Int)?
    private var hasMetPixelData = false
    /// See `ConversionRules`; a check finds them. More are not kept.
    private(set) var signs: [Int: Bool]
    private static let signsMaximum = 65_536

    /// - Parameter byteCount: of the data set as it is read, nil where only its end will tell.
    init(_ rules: ConversionRules, byteCount: Int?) {
        self.rules = rules
        end = byteCount ?? .max
        levels = ConversionLevels(encoding: rules.source, limit: end)
        signs = rules.signs
        levels.innermost.shape.isSigned = signs[0] ?? false
    }

    /// Appends to `out` until it has `wanted` bytes or a little more; false when everything was appended.
    mutating func convert(
        into out: inout [UInt8], until wanted: Int, _ read: DataSetReading
    ) throws(ConversionFault) -> Bool {
        while out.count < wanted {
            if value.isLeft {
                try value.append(to: &out, from: &offset, piece: Self.pieceBytes, &window, read)
            } else if pixels != nil {
                try appendPixels(to: &out, read)
            } else {
                guard try step(into: &out, read) else { return false }
            }
        }
        return true
    }

    /// Takes the next head, or leaves a level that ends here; false at the end of the data set.
    private mutating func step(into out: inout [UInt8], _ read: DataSetReading) throws(ConversionFault) -> Bool {
        let level = levels.innermost
        let there = try available(upTo: fragments?.limit ?? level.limit, read)
        if there == 0 {
            if fragments != nil { throw .data(.truncated(offset: offset, neededBytes: 8, availableBytes: 0)) }
            guard !levels.isAtTop else { return false }
            try leave(into: &out)
            return true
        }
        if fragments == nil, isRest(there) {
            guard !levels.isAtTop else { return false }
            offset += there
            return true
        }
        let header: ElementHeader
        do throws(DecodingFault) {
            header = try window.header(at: offset, upTo: there, as: level.encoding)
        } catch {
            throw .data(error.moved(by: offset))
        }
        let headOffset = offset
        offset += header.valueOffset
        let limit = min(fragments?.limit ?? level.limit, end)
        if let length = header.length, length > limit - offset, !header.isDelimiter {
            throw .data(.truncated(offset: offset, neededBytes: length, availableBytes: limit - offset))
        }
        if fragments != nil {
            try takeFragment(header, at: headOffset, into: &out)
        } else if level.isSequence {
            try takeItem(header, at: headOffset, level, into: &out)
        } else {
            switch header.tag {
            case .item: throw Self.misplaced("tag", header, at: headOffset)
            case .itemDelimitationItem:
                if level.isDefined { offset = level.limit } else if !levels.isAtTop { try leave(into: &out) }
            case .sequenceDelimitationItem:
                // It also ends an item whose own is missing: it is the sequence's to read.
                if level.isDefined {
                    offset = level.limit
                } else if !levels.isAtTop {
                    offset = headOffset
                    try leave(into: &out)
                }
            default: try takeElement(header, at: headOffset, into: &out, read)
            }
        }
        return true
    }

    /// How much there is of a head at `offset`, up to `limit`.
    private mutating func available(upTo limit: Int, _ read: DataSetReading) throws(ConversionFault) -> Int {
        let wanted = min(Self.headBytes, min(limit, end) - offset)
        guard wanted > 0 else { return 0 }
        let got = try window.fill(at: offset, wanted: wanted, read)
        guard got < wanted else { return wanted }
        guard end == .max else {
            throw .data(.truncated(offset: offset, neededBytes: wanted, availableBytes: got))
        }
        end = offset + got
        guard limit == .max else {
            throw .data(.truncated(offset: offset, neededBytes: limit - offset, availableBytes: got))
        }
        return got
    }

    /// Whether the next bytes, of which so many are there, are no element but what may stand at the end of a level.
    private func isRest(_ there: Int) -> Bool {
        if levels.isAtTop, hasMetPixelData {
            // Tags ascend: whatever doesn't is padding.
            guard let tag = window.tag(at: offset, upTo: there, rules.source.byteOrder) else { return true }
            return tag <= .pixelData || tag == .item || tag.group == 0xFFFF
        }
        guard there < 8 else { return false }
        return levels.innermost.isSequence || window.isZero(at: offset, count: there)
    }

    // MARK: Levels

    private mutating func takeItem(
        _ header: ElementHeader, at headOffset: Int, _ level: ConversionLevel, into out: inout [UInt8]
    ) throws(ConversionFault) {
        switch header.tag {
        case .sequenceDelimitationItem:
            if level.isDefined { offset = level.limit } else { try leave(into: &out) }
        case .itemDelimitationItem: break
        case .item:
            try writeHead(.item, .UN, length: header.length == 0 ? 0 : nil, to: &out)
            guard header.length != 0 else { return }
            levels.enterItem(at: offset, length: header.length)
            if let isSigned = signs[offset] { levels.innermost.shape.isSigned = isSigned }
        default: throw Self.misplaced("item tag", header, at: headOffset)
        }
    }

    private mutating func leave(into out: inout [UInt8]) throws(ConversionFault) {
        let (level, isWritten) = levels.leave()
        guard isWritten else { return }
        try writeHead(
            level.isSequence ? .sequenceDelimitationItem : .itemDelimitationItem, .UN, length: 0, to: &out)
    }

    /// Items of defined length up to a delimiter (PS3.5 §A.4).
    private mutating func takeFragment(
        _ header: ElementHeader, at headOffset: Int, into out: inout [UInt8]
    ) throws(ConversionFault) {
        let isWritten = fragments?.isWritten == true
        switch header.tag {
        case .sequenceDelimitationItem:
            fragments = nil
            if isWritten { try writeHead(header.tag, .UN, length: 0, to: &out) }
        case .item:
            guard let length = header.length else {
                throw .data(.invalid("fragment length", value: UInt64(UInt32.max), offset: headOffset + 4))
            }
            if isWritten { try begin(header.tag, .OB, length: length, to: &out) } else { offset += length }
        default: throw Self.misplaced("item tag", header, at: headOffset)
        }
    }

    private static func misplaced(_ what: String, _ header: ElementHeader, at offset: Int) -> ConversionFault {
        .data(.invalid(what, value: UInt64(header.tag.rawValue), offset: offset))
    }

    // MARK: Elements

    private mutating func takeElement(
        _ header: ElementHeader, at headOffset: Int, into out: inout [UInt8], _ read: DataSetReading
    ) throws(ConversionFault) {
        let isLeftOut = header.tag.isGroupLength || rules.leavesOut(header.tag, at: levels)
        if header.tag == .pixelData, levels.isAtTop { hasMetPixelData = true }
        if header.length == nil, header.vr.isPixelData || header.tag == .pixelData {
            return try takeFragments(header, isLeftOut: isLeftOut, into: &out, read)
        }
        guard let length = header.length, header.vr != .SQ else {
            return try takeSequence(header, at: headOffset, isLeftOut: isLeftOut, into: &out)
        }
        if isLeftOut {
            offset += length
            return
        }
        if ImageShape.isPart(header.tag), length > 0, length <= ImageShape.valueBytes {
            var bytes: [UInt8] = []
            try window.append(to: &bytes, from: offset, count: length, read)
            if isBig { bytes.swapWords(of: header.vr.wordBytes) }
            levels.innermost.shape.take(header.tag, bytes.rawSpan)
            if rules.isCheck, header.tag == .pixelRepresentation, !levels.innermost.encoding.isExplicitVR,
                signs.count < Self.signsMaximum
            {
                signs[levels.innermost.start] = levels.innermost.shape.isSigned
            }
        }
        var vr = header.vr
        if vr == .US, !levels.innermost.encoding.isExplicitVR, levels.innermost.shape.isSigned,
            DataDictionary.isUnsignedOrSigned(header.tag)
        {
            vr = .SS
        }
        try begin(header.tag, vr, length: length, to: &out)
    }

    private var isBig: Bool { levels.innermost.encoding.byteOrder == .big }

    private mutating func takeFragments(
        _ header: ElementHeader, isLeftOut: Bool, into out: inout [UInt8], _ read: DataSetReading
    ) throws(ConversionFault) {
        let limit = levels.innermost.limit
        if isLeftOut || rules.keepsFragments {
            let isWritten = !isLeftOut && !levels.isMuted
            fragments = (isWritten, limit)
            if isWritten { try writeHead(header.tag, header.vr == .UN ? .OB : header.vr, length: nil, to: &out) }
            return
        }
        guard rules.decodesRunLengths, header.tag == .pixelData else { throw .fragments }
        var found = try RunLengthPixels(levels.innermost.shape, at: offset, limit: min(limit, end), read)
        if rules.isCheck || levels.isMuted {
            try found.check(read)
            offset = found.end
            return
        }
        let count = found.pixels.byteCount
        try writeHead(header.tag, found.pixels.vr, length: count + count % 2, to: &out)
        pixels = found
    }

    private mutating func appendPixels(to out: inout [UInt8], _ read: DataSetReading) throws(ConversionFault) {
        guard var decoding = pixels else { return }
        // Held once: what is decoded keeps its buffers.
        pixels = nil
        let start = out.count
        guard try decoding.append(to: &out, read) else {
            if decoding.pixels.byteCount % 2 == 1 { out.append(0) }
            offset = decoding.end
            return
        }
        if rules.target.byteOrder == .big { out.swapWords(of: decoding.pixels.vr.wordBytes, from: start) }
        pixels = decoding
    }

    private mutating func takeSequence(
        _ header: ElementHeader, at headOffset: Int, isLeftOut: Bool, into out: inout [UInt8]
    ) throws(ConversionFault) {
        // Little Endian whatever is around it (PS3.5 §6.2.2 note 2).
        let outer = levels.innermost.encoding
        let encoding = header.vr == .UN && outer.isExplicitVR ? .implicitLittle : outer
        if !isLeftOut { try writeHead(header.tag, .SQ, length: header.length == 0 ? 0 : nil, to: &out) }
        guard header.length != 0 else { return }
        do throws(DecodingFault) {
            try levels.enterSequence(
                header.tag, at: offset, length: header.length, as: encoding, isMuted: isLeftOut)
        } catch {
            throw .data(error.moved(by: headOffset - offset))
        }
    }

    // MARK: Writing

    /// Writes the head of a value that is copied next.
    private mutating func begin(
        _ tag: Tag, _ vr: VR, length: Int, to out: inout [UInt8]
    ) throws(ConversionFault) {
        let written = vr.written(for: length + length % 2, as: rules.target)
        try writeHead(tag, written, length: length + length % 2, to: &out)
        if rules.isCheck || levels.isMuted {
            offset += length
        } else {
            value = PendingValue(
                bytes: length, padding: length % 2 == 1 ? vr.padding : nil, wordsIn: isBig ? vr.wordBytes : 1,
                wordsOut: rules.target.byteOrder == .big ? written.wordBytes : 1)
        }
    }

    private func writeHead(
        _ tag: Tag, _ vr: VR, length: Int?, to out: inout [UInt8]
    ) throws(ConversionFault) {
        guard length ?? 0 < Int(UInt32.max) else { throw .tooLong(tag) }
        guard !rules.isCheck, !levels.isMuted else { return }
        do throws(EncodingFault) {
            try out.appendHeader(tag, vr, length: length, as: rules.target)
        } catch {
            throw .tooLong(tag)
        }
    }
}
