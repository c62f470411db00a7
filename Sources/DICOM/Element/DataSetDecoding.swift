// A data set from bytes into memory: for identifiers, command sets and headers (PS3.5 §7).

extension DataSet {
    /// Decodes the data set that fills `span`, up to `stop` where one is named.
    ///
    /// Read as far as it makes sense: group lengths are left out, numbers become little-endian, UN of undefined length is
    /// a sequence in Implicit VR Little Endian, missing delimiters are forgiven at the end, and at the end of an item where
    /// its sequence's comes instead. O(n log n), O(n) where tags ascend.
    ///
    /// - Throws: `.truncated` when a value passes the end, `.overLimit` past the depth or number of items.
    package init(
        decoding span: RawSpan, as encoding: Encoding, stoppingBefore stop: Tag? = nil,
        limits: DecodingLimits = .standard
    ) throws(DecodingFault) {
        var decoder = DataSetDecoder(limits: limits)
        var offset = 0
        self = try decoder.dataSet(in: span, from: &offset, as: encoding, depth: 0, stoppingBefore: stop)
    }
}

/// Decodes nested data sets; recursion is bounded by the depth limit.
struct DataSetDecoder {
    private let limits: DecodingLimits
    private var items = 0

    init(limits: DecodingLimits) { self.limits = limits }

    /// Elements from `offset` to the end of `span`, to a delimiter, or to `stop`; `offset` is then behind them.
    mutating func dataSet(
        in span: RawSpan, from offset: inout Int, as encoding: Encoding, depth: Int, stoppingBefore stop: Tag? = nil
    ) throws(DecodingFault) -> DataSet {
        var elements: [DataElement] = []
        while offset < span.byteCount {
            if span.byteCount - offset < 8, (offset..<span.byteCount).allSatisfy({ span.byte(at: $0) == 0 }) {
                offset = span.byteCount
                break
            }
            let header = try ElementHeader(in: span, at: offset, as: encoding)
            if header.isDelimiter {
                // A sequence's delimiter also ends an item whose own is missing: it is the sequence's to read.
                if depth == 0 || header.tag != .sequenceDelimitationItem { offset = header.valueOffset }
                break
            }
            if header.isItem { throw .invalid("tag", value: UInt64(header.tag.rawValue), offset: offset) }
            if let stop, header.tag >= stop { break }
            offset = header.valueOffset
            let value = try value(of: header, in: span, from: &offset, as: encoding, depth: depth)
            guard !header.tag.isGroupLength else { continue }
            try count(at: header.headerOffset)
            elements.append(DataElement(header.tag, value.vr, value.value))
        }
        return DataSet(elements)
    }

    private mutating func value(
        of header: ElementHeader, in span: RawSpan, from offset: inout Int, as encoding: Encoding, depth: Int
    ) throws(DecodingFault) -> (vr: VR, value: ElementValue) {
        if header.length == nil, header.vr.isPixelData || header.tag == .pixelData {
            return (header.vr == .UN ? .OB : header.vr, .fragments(try fragments(in: span, from: &offset, encoding)))
        }
        if header.vr == .SQ || header.length == nil {
            // Little Endian whatever is around it (PS3.5 §6.2.2 note 2).
            let inner = header.vr == .UN && encoding.isExplicitVR ? .implicitLittle : encoding
            guard depth < limits.depth else {
                throw .overLimit("sequence depth", limit: limits.depth, offset: header.headerOffset)
            }
            guard let length = header.length else {
                return (.SQ, .items(try self.items(in: span, from: &offset, as: inner, depth: depth + 1)))
            }
            let part = try span.part(at: offset, length: length)
            offset += length
            var within = 0
            return (.SQ, .items(try self.items(in: part, from: &within, as: inner, depth: depth + 1)))
        }
        let length = header.length ?? 0
        var bytes = [UInt8](copying: try span.part(at: offset, length: length))
        offset += length
        if encoding.byteOrder == .big { bytes.swapWords(of: header.vr.wordBytes) }
        return (header.vr, .bytes(bytes))
    }

    /// Items to the end of `span` or to the sequence's delimiter (PS3.5 §7.5).
    private mutating func items(
        in span: RawSpan, from offset: inout Int, as encoding: Encoding, depth: Int
    ) throws(DecodingFault) -> [DataSet] {
        var found: [DataSet] = []
        while span.byteCount - offset >= 8 {
            let header = try ElementHeader(in: span, at: offset, as: encoding)
            offset = header.valueOffset
            if header.tag == .sequenceDelimitationItem { break }
            if header.tag == .itemDelimitationItem { continue }
            guard header.isItem else {
                throw .invalid("item tag", value: UInt64(header.tag.rawValue), offset: header.headerOffset)
            }
            try count(at: header.headerOffset)
            guard let length = header.length else {
                found.append(try dataSet(in: span, from: &offset, as: encoding, depth: depth))
                continue
            }
            let part = try span.part(at: offset, length: length)
            offset += length
            var within = 0
            found.append(try dataSet(in: part, from: &within, as: encoding, depth: depth))
        }
        return found
    }

    /// The fragments of encapsulated pixel data, to its delimiter (PS3.5 §A.4).
    private mutating func fragments(
        in span: RawSpan, from offset: inout Int, _ encoding: Encoding
    ) throws(DecodingFault) -> [[UInt8]] {
        var found: [[UInt8]] = []
        while span.byteCount - offset >= 8 {
            let header = try ElementHeader(in: span, at: offset, as: encoding)
            offset = header.valueOffset
            guard header.isItem, let length = header.length else { break }
            try count(at: header.headerOffset)
            found.append([UInt8](copying: try span.part(at: offset, length: length)))
            offset += length
        }
        return found
    }

    private mutating func count(at offset: Int) throws(DecodingFault) {
        items += 1
        if items > limits.items { throw .overLimit("elements and items", limit: limits.items, offset: offset) }
    }
}

extension VR {
    /// VRs whose undefined length means fragments, not items of data sets.
    var isPixelData: Bool { self == .OB || self == .OW }
}
