// A data set from memory into bytes, in the uncompressed transfer syntaxes (PS3.5 §7).

/// Why a data set can't be encoded: our own identifiers never can't, converted files may.
package enum EncodingFault: Error, Equatable, Sendable {
    /// The value doesn't fit a 32-bit length.
    case tooLong(Tag, bytes: Int)
    /// Sequences nest deeper than `limit`.
    case tooDeep(limit: Int)
}

extension DataSet {
    /// The data set's bytes. Sequences and items have defined lengths; values of odd length are padded.
    ///
    /// A value over 65,534 bytes of a VR whose length has 16 bits goes out as UN (PS3.5 §6.2.2). Fragments are written
    /// encapsulated, which only Explicit VR Little Endian allows. O(n).
    package func encoded(as encoding: Encoding) throws(EncodingFault) -> [UInt8] {
        var bytes: [UInt8] = []
        try append(to: &bytes, as: encoding, depth: 0)
        return bytes
    }

    fileprivate func append(to bytes: inout [UInt8], as encoding: Encoding, depth: Int) throws(EncodingFault) {
        let limit = DecodingLimits.standard.depth
        guard depth <= limit else { throw .tooDeep(limit: limit) }
        for element in elements {
            switch element.value {
            case .bytes(let value):
                var padded = value
                if padded.count % 2 == 1 { padded.append(element.vr.padding) }
                let written = element.vr.written(for: padded.count, as: encoding)
                if encoding.byteOrder == .big { padded.swapWords(of: written.wordBytes) }
                try bytes.appendHeader(element.tag, written, length: padded.count, as: encoding)
                bytes += padded
            case .items(let items):
                var content: [UInt8] = []
                for item in items {
                    var inner: [UInt8] = []
                    try item.append(to: &inner, as: encoding, depth: depth + 1)
                    try content.appendHeader(.item, .UN, length: inner.count, as: encoding)
                    content += inner
                }
                try bytes.appendHeader(element.tag, .SQ, length: content.count, as: encoding)
                bytes += content
            case .fragments(let fragments):
                try bytes.appendHeader(element.tag, element.vr, length: nil, as: encoding)
                for fragment in fragments {
                    let padded = fragment.count % 2 == 1 ? fragment + [0] : fragment
                    try bytes.appendHeader(.item, .UN, length: padded.count, as: encoding)
                    bytes += padded
                }
                try bytes.appendHeader(.sequenceDelimitationItem, .UN, length: 0, as: encoding)
            }
        }
    }
}

extension VR {
    /// What a value of so many bytes goes out as: UN where a 16-bit length is too short. UN is Little Endian everywhere.
    func written(for byteCount: Int, as encoding: Encoding) -> VR {
        encoding.isExplicitVR && !hasLongLength && byteCount > 0xFFFE ? .UN : self
    }
}

extension [UInt8] {
    /// Appends an element's head; a nil length is undefined.
    mutating func appendHeader(
        _ tag: Tag, _ vr: VR, length: Int?, as encoding: Encoding
    ) throws(EncodingFault) {
        let raw: UInt32
        if let length {
            guard let fitting = UInt32(exactly: length), fitting != .max else { throw .tooLong(tag, bytes: length) }
            raw = fitting
        } else {
            raw = .max
        }
        append(tag.group, encoding.byteOrder)
        append(tag.element, encoding.byteOrder)
        guard encoding.isExplicitVR, tag.group != 0xFFFE else { return append(raw, encoding.byteOrder) }
        self += [UInt8(vr.rawValue >> 8), UInt8(truncatingIfNeeded: vr.rawValue)]
        if vr.hasLongLength {
            self += [0, 0]
            append(raw, encoding.byteOrder)
        } else {
            append(UInt16(truncatingIfNeeded: raw), encoding.byteOrder)
        }
    }

    private mutating func append<T: FixedWidthInteger>(_ value: T, _ order: ByteOrder) {
        for index in 0..<(T.bitWidth / 8) {
            let shift = order == .little ? 8 * index : T.bitWidth - 8 - 8 * index
            append(UInt8(truncatingIfNeeded: value >> T(shift)))
        }
    }
}
