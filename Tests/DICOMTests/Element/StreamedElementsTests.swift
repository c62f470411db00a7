// Data sets that pass by in pieces: the end of an element is told from a cut, in any pieces.

import DICOM
import Support
import Testing

@Suite("Elements that pass by, PS3.5 §7.5, §A.4") struct StreamedElementsTests {
    static let undefined: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF]
    static let item: [UInt8] = [0xFE, 0xFF, 0x00, 0xE0]
    static let itemEnd: [UInt8] = [0xFE, 0xFF, 0x0D, 0xE0, 0, 0, 0, 0]
    static let sequenceEnd: [UInt8] = [0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0]
    //                                   (7FE0,0010) OB, of undefined length
    static let pixelData: [UInt8] = [0xE0, 0x7F, 0x10, 0x00, 0x4F, 0x42, 0, 0] + undefined
    //                                   (0040,0275) SQ, of undefined length
    static let sequence: [UInt8] = [0x40, 0x00, 0x75, 0x02, 0x53, 0x51, 0, 0] + undefined
    //                                   (0008,0060) CS "CT"
    static let modality: [UInt8] = [0x08, 0x00, 0x60, 0x00, 0x43, 0x53, 0x02, 0x00, 0x43, 0x54]

    //                                   (FFFC,FFFC) OB
    static let trailing: [UInt8] = [0xFC, 0xFF, 0xFC, 0xFF, 0x4F, 0x42, 0, 0, 2, 0, 0, 0, 0, 0]

    static func fragment(_ count: Int) -> [UInt8] {
        item + [UInt8(truncatingIfNeeded: count), UInt8(truncatingIfNeeded: count >> 8), 0, 0]
            // Delimiters within a value mean nothing.
            + (0..<count).map { sequenceEnd[$0 % 8] }
    }

    /// What comes of a data set in pieces of so many bytes; nil is that it is whole.
    static func fault(
        _ bytes: [UInt8], as encoding: Encoding = .explicitLittle, at offset: Int = 0, pieces: Int = .max
    ) -> DecodingFault? {
        var elements = StreamedElements(as: encoding, at: offset)
        do throws(DecodingFault) {
            var start = 0
            while start < bytes.count {
                let end = min(bytes.count - start, pieces) + start
                try elements.take(bytes.rawSpan.extracting(start..<end))
                start = end
            }
            try elements.finish()
            return nil
        } catch {
            return error
        }
    }

    /// Whole data sets, each with the lengths at which a cut can't be told from an end.
    static let whole: [(name: String, bytes: [UInt8], ends: Set<Int>)] = {
        let fragments = pixelData + fragment(0) + fragment(20) + fragment(7) + sequenceEnd
        let nested = sequence + item + undefined + modality + sequence + item + [10, 0, 0, 0] + modality
        let closed = nested + sequenceEnd + itemEnd + sequenceEnd
        //            (0009,1001) UN of undefined length: Implicit VR in it
        let unknown: [UInt8] = [0x09, 0x00, 0x01, 0x10, 0x55, 0x4E, 0, 0] + undefined + item + undefined
        let implicit: [UInt8] = [0x08, 0x00, 0x60, 0x00, 2, 0, 0, 0, 0x43, 0x54]
        return [
            ("elements", modality + modality, [0, 10]),
            ("fragments", fragments, [0]),
            (
                // A byte or three of a head can't be told from padding there.
                "fragments, and more", fragments + trailing, Set([0] + (0...3).map { fragments.count + $0 })
            ),
            (
                "sequences in sequences", closed,
                // After each head and each value: their delimiters may be missing at the end.
                [0, 12, 20, 30, 42, 60, 68, 76]
            ),
            (
                "UN of undefined length", unknown + implicit + itemEnd + sequenceEnd,
                [0, 12, 20, 30, 38]
            ),
            (
                "fragments in an item", sequence + item + undefined + fragments + itemEnd + sequenceEnd,
                [0, 12, 20, 20 + fragments.count, 28 + fragments.count]
            ),
        ]
    }()

    @Test(arguments: 0..<whole.count, [1, 2, 3, 5, 7, 8, 11, 12, 13, .max])
    func `every cut within an element is told, in any pieces`(row: Int, pieces: Int) {
        let (name, bytes, ends) = Self.whole[row]
        #expect(Self.fault(bytes, pieces: pieces) == nil, "\(name)")
        for count in 0..<bytes.count {
            let fault = Self.fault(Array(bytes[..<count]), pieces: pieces)
            let isTruncated = if case .truncated? = fault { true } else { false }
            // A rest of zeros shorter than a head is padding at the top level, and no head begins so here.
            #expect(isTruncated == !ends.contains(count) && (fault == nil) == ends.contains(count), "\(name), \(count)")
        }
    }

    static let encodings: [Encoding] = [.implicitLittle, .explicitLittle, .explicitBig]

    @Test(arguments: encodings) func `whole data sets are, and their cuts aren't but between elements`(
        encoding: Encoding
    ) throws {
        let set = DataSetCodingTests.sample
        let bytes = try set.encoded(as: encoding)
        var ends: Set<Int> = []
        var cursor = ElementCursor(as: encoding)
        while let header = try cursor.next(in: bytes.rawSpan) {
            ends.insert(header.headerOffset)
            try cursor.skip(header, in: bytes.rawSpan)
        }
        for pieces in [9, .max] {
            for count in 0...bytes.count {
                let isWhole = Self.fault(Array(bytes[..<count]), as: encoding, pieces: pieces) == nil
                // The first byte of a tag in Big Endian is one of padding.
                let isEnd = ends.contains(count) || count > 0 && bytes[count - 1] == 0 && ends.contains(count - 1)
                #expect(isWhole == (isEnd || count == bytes.count), "\(count)")
            }
        }
    }

    @Test func `faults say where`() {
        let start = Self.pixelData + Self.fragment(4)
        #expect(
            Self.fault(start + Self.modality, at: 1_000)
                == .invalid("item tag", value: 0x0008_0060, offset: 1_000 + start.count))
        #expect(
            Self.fault(start + Self.item + Self.undefined, at: 1_000)
                == .invalid("fragment length", value: 0xFFFF_FFFF, offset: 1_000 + start.count + 4))
        #expect(
            Self.fault(Self.modality + Self.item + [0, 0, 0, 0], pieces: 3)
                == .invalid("tag", value: 0xFFFE_E000, offset: 10))
        #expect(
            Self.fault(Self.sequence + Self.modality, pieces: 5)
                == .invalid("item tag", value: 0x0008_0060, offset: 12))
        #expect(
            Self.fault(start, at: 1_000) == .truncated(offset: 1_000 + start.count, neededBytes: 8, availableBytes: 0))
        #expect(
            Self.fault(start + Self.fragment(100).dropLast(30))
                == .truncated(offset: start.count + 78, neededBytes: 30, availableBytes: 0))
        #expect(
            Self.fault(Self.modality + Self.pixelData.prefix(9), pieces: 2)
                == .truncated(offset: 10, neededBytes: 12, availableBytes: 9))
    }

    @Test func `zeros behind the last element are padding, and a delimiter too many is none`() {
        let fragments = Self.pixelData + Self.fragment(4)
        for whole in [Self.modality, fragments + Self.sequenceEnd] {
            for count in [1, 7, 8, 9, 511, 4_096] {
                #expect(Self.fault(whole + [UInt8](repeating: 0, count: count), pieces: 100) == nil, "\(count)")
            }
            #expect(Self.fault(whole + Self.sequenceEnd + Self.itemEnd + Self.modality) == nil)
        }
        #expect(Self.fault(Self.modality + [0, 0, 0, 1]) != nil)
        // Among fragments they are none.
        #expect(Self.fault(fragments + [UInt8](repeating: 0, count: 64)) != nil)
        #expect(Self.fault(fragments + [0, 0, 0, 0]) != nil)
    }

    @Test(arguments: [1, 2, 3, 5, 7, 8, 11, 12, 13, .max])
    func `what stands behind whole pixel data and is no element is padding`(pieces: Int) {
        let native: [UInt8] = [0xE0, 0x7F, 0x10, 0x00, 0x4F, 0x57, 0, 0, 4, 0, 0, 0, 1, 2, 3, 4]
        let fragments = Self.pixelData + Self.fragment(4) + Self.sequenceEnd
        let rests: [[UInt8]] = [
            Array("    ".utf8), [0xFF, 0xFF], [UInt8](repeating: 0xFF, count: 512), [UInt8](repeating: 0x20, count: 99),
            Self.item + [4, 0, 0, 0, 1, 2, 3, 4], Array("EOF\r\n".utf8), [0, 0, 0, 1],
        ]
        for pixels in [native, fragments] {
            for rest in rests {
                #expect(Self.fault(Self.modality + pixels + rest, pieces: pieces) == nil, "\(rest.prefix(8))")
                // Before the pixel data, and where those are cut, it is none.
                #expect(Self.fault(Self.modality + rest + pixels.prefix(9), pieces: pieces) != nil || rest.count < 4)
                #expect(Self.fault(Self.modality + pixels.dropLast(rest.count + 5) + rest, pieces: pieces) != nil)
            }
            #expect(Self.fault(pixels + Self.trailing, pieces: pieces) == nil)
            #expect(Self.fault(pixels + Self.trailing.dropLast(), pieces: pieces) != nil)
        }
        // An icon's pixel data are not those of the image.
        let icon = Self.sequence + Self.item + Self.undefined + native + Self.itemEnd + Self.sequenceEnd
        #expect(Self.fault(icon + [UInt8](repeating: 0xFF, count: 512), pieces: pieces) != nil)
    }

    @Test func `sequences nest as deep as anywhere, and no deeper`() {
        func nested(_ depth: Int) -> [UInt8] {
            [UInt8](repeatElement(Self.sequence + Self.item + Self.undefined, count: depth).joined())
        }
        #expect(Self.fault(nested(64)) == nil)
        for depth in [65, 1_000] {
            let isRefused = if case .overLimit? = Self.fault(nested(depth)) { true } else { false }
            #expect(isRefused, "\(depth)")
        }
    }

    @Test func `any pieces of any bytes come to the same, and nothing traps`() {
        var generator = SeededGenerator.fresh()
        for _ in 0..<2_000 {
            var bytes = Self.whole.randomElement(using: &generator)?.bytes ?? []
            for _ in 0..<Int.random(in: 0...3, using: &generator) {
                bytes[Int.random(in: bytes.indices, using: &generator)] =
                    [0, 1, 0xE0, 0xFF].randomElement(
                        using: &generator) ?? 0
            }
            let encoding = Self.encodings.randomElement(using: &generator) ?? .explicitLittle
            let whole = Self.fault(bytes, as: encoding)
            for pieces in [1, 5, 12, 31] {
                #expect(Self.fault(bytes, as: encoding, pieces: pieces) == whole, "\(generator)")
            }
        }
    }
}
