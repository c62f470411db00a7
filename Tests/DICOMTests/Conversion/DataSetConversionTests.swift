// Streamed conversion against the decoder and encoder in memory, on data sets of every shape and every damage.

import DICOM
import Support
import Testing

@Suite("Conversion of data sets, PS3.5 §A.1, §A.2, §A.5, PS3.5-2016b §A.3") struct DataSetConversionTests {
    /// What a conversion gives and what decoding and encoding in memory gives, both as a reader of the target sees it.
    static func both(
        _ bytes: [UInt8], _ source: TransferSyntax, _ target: TransferSyntax, pieceBytes: Int
    ) throws -> (streamed: DataSet?, inMemory: DataSet?) {
        var set = try Trial.decoded(bytes, source)
        if !source.encoding.isExplicitVR { set = set.withSignsResolved() }
        let converted = try Trial.convert(bytes, from: source, to: target, pieceBytes: pieceBytes)
        #expect(converted.count % 2 == 0, "PS3.8 §E.1, PS3.5 §A.5")
        if target.encoding.isExplicitVR, !target.isDeflated {
            #expect(Trial.isWellFormed(converted, target.encoding))
        }
        return (
            try? Trial.decoded(converted, target),
            try? Trial.decoded(Trial.stored(set, target), target)
        )
    }

    @Test(arguments: Trial.syntaxes, Trial.syntaxes)
    func `random data sets become what decoding and encoding in memory makes of them`(
        source: TransferSyntax, target: TransferSyntax
    ) throws {
        var random = RandomDataSet(SeededGenerator.fresh())
        for _ in 0..<100 {
            let isImplicit = source == .implicitVRLittleEndian || Bool.random(using: &random.generator)
            let set = random.next(isImplicit: isImplicit)
            let piece = Int.random(in: 1...100_000, using: &random.generator)
            let (streamed, inMemory) = try Self.both(Trial.stored(set, source), source, target, pieceBytes: piece)
            // In Implicit VR an element of another VR than the dictionary's is read as what it isn't.
            guard isImplicit || target.encoding.isExplicitVR else { continue }
            #expect(streamed == inMemory && streamed != nil)
        }
    }

    @Test(arguments: Trial.syntaxes, Trial.syntaxes)
    func `there and back again every element is the same`(first: TransferSyntax, second: TransferSyntax) throws {
        var random = RandomDataSet(SeededGenerator.fresh())
        for _ in 0..<30 {
            let set = random.next(isImplicit: true).withSignsResolved()
            let there = try Trial.convert(Trial.stored(set, first), from: first, to: second)
            let back = try Trial.convert(there, from: second, to: first)
            // The lengths of sequences are undefined now, and nothing else is changed by going round again.
            #expect(try Trial.decoded(back, first) == Trial.decoded(Trial.stored(set, first), first))
            #expect(try Trial.convert(back, from: first, to: second) == there)
        }
    }

    // MARK: Golden

    static let undefined: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF]
    //                                (0008,1032) of 26 bytes, one item of 18: (0008,0100) "CT"; (0028,0010) 258; (7FE0,0010) 1 2 3 4
    static let implicit: [UInt8] =
        [0x08, 0x00, 0x00, 0x00, 4, 0, 0, 0, 36, 0, 0, 0] + [0x08, 0x00, 0x32, 0x10, 18, 0, 0, 0]
        + [0xFE, 0xFF, 0x00, 0xE0, 10, 0, 0, 0] + [0x08, 0x00, 0x00, 0x01, 2, 0, 0, 0, 0x43, 0x54]
        + [0x28, 0x00, 0x10, 0x00, 2, 0, 0, 0, 2, 1] + [0xE0, 0x7F, 0x10, 0x00, 4, 0, 0, 0, 1, 2, 3, 4]
    static let big: [UInt8] =
        [0x00, 0x08, 0x10, 0x32, 0x53, 0x51, 0, 0] + undefined + [0xFF, 0xFE, 0xE0, 0x00] + undefined
        + [0x00, 0x08, 0x01, 0x00, 0x53, 0x48, 0, 2, 0x43, 0x54]
        + [0xFF, 0xFE, 0xE0, 0x0D, 0, 0, 0, 0, 0xFF, 0xFE, 0xE0, 0xDD, 0, 0, 0, 0]
        + [0x00, 0x28, 0x00, 0x10, 0x55, 0x53, 0, 2, 1, 2]
        + [0x7F, 0xE0, 0x00, 0x10, 0x4F, 0x57, 0, 0, 0, 0, 0, 4, 2, 1, 4, 3]

    @Test func `the golden bytes: undefined lengths, words turned around, no group lengths`() throws {
        #expect(try Trial.convert(Self.implicit, from: .implicitVRLittleEndian, to: .explicitVRBigEndian) == Self.big)
        let back = try Trial.convert(Self.big, from: .explicitVRBigEndian, to: .implicitVRLittleEndian)
        #expect(
            try DataSet(decoding: back.rawSpan, as: .implicitLittle)
                == DataSet(decoding: Self.implicit.rawSpan, as: .implicitLittle))
    }

    @Test func `what is longer than a 16-bit length goes out as UN and comes back as its VR, PS3.5 §6.2.2`() throws {
        // An RT Structure Set's Contour Data (3006,0050), DS.
        let points = Array(String(repeating: "-12.5\\", count: 20_000).utf8)
        var set = DataSet()
        set[Tag(0x3006, 0x0050)] = DataElement(Tag(0x3006, 0x0050), .DS, .bytes(points))
        let implicit = try Trial.stored(set, .implicitVRLittleEndian)
        for target in [TransferSyntax.explicitVRLittleEndian, .explicitVRBigEndian, .deflatedExplicitVRLittleEndian] {
            let explicit = try Trial.convert(implicit, from: .implicitVRLittleEndian, to: target)
            #expect(try Trial.decoded(explicit, target)[Tag(0x3006, 0x0050)]?.vr == .UN)
            #expect(try Trial.decoded(explicit, target).bytes(Tag(0x3006, 0x0050)) == points)
            #expect(try Trial.convert(explicit, from: target, to: .implicitVRLittleEndian) == implicit)
        }
    }

    @Test func `UN of undefined length is in Implicit VR whatever is around it, PS3.5 §6.2.2`() throws {
        let item: [UInt8] =
            [0xFE, 0xFF, 0x00, 0xE0] + Self.undefined + [0x28, 0x00, 0x10, 0x00, 2, 0, 0, 0, 2, 1]
            + [0xFE, 0xFF, 0x0D, 0xE0, 0, 0, 0, 0, 0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0]
        let big = [0x00, 0x09, 0x10, 0x01] + Array("UN".utf8) + [0, 0] + Self.undefined + item
        let little = [0x09, 0x00, 0x01, 0x10] + Self.undefined + item
        #expect(try Trial.convert(big, from: .explicitVRBigEndian, to: .implicitVRLittleEndian) == little)
        let explicit = try Trial.convert(big, from: .explicitVRBigEndian, to: .explicitVRLittleEndian)
        let set = try DataSet(decoding: explicit.rawSpan, as: .explicitLittle)
        #expect(set.items(Tag(0x0009, 0x1001))?.first?.unsignedShort(.rows) == 0x0102)
    }

    @Test func `Pixel Representation speaks of elements before it, in items of their own too, PS3.5 §A.1`() throws {
        // Zero Velocity Pixel Value (0018,9810), US or SS.
        func set(_ sign: UInt16?, _ items: [DataSet] = []) -> DataSet {
            var set = DataSet()
            set.set(Tag(0x0018, 0x9810), .US, bytes: [0xFF, 0xFF])
            if let sign { set.set(.pixelRepresentation, unsignedShort: sign) }
            if !items.isEmpty { set[.iconImageSequence] = DataElement(.iconImageSequence, .SQ, .items(items)) }
            return set
        }
        let bytes = try Trial.stored(set(1, [set(nil), set(0), set(1)]), .implicitVRLittleEndian)
        let out = try Trial.convert(bytes, from: .implicitVRLittleEndian, to: .explicitVRLittleEndian)
        let found = try DataSet(decoding: out.rawSpan, as: .explicitLittle)
        #expect(found[Tag(0x0018, 0x9810)]?.vr == .SS)
        #expect(found.items(.iconImageSequence)?.map { $0[Tag(0x0018, 0x9810)]?.vr } == [.SS, .US, .SS])
    }

    // MARK: Damage

    @Test(arguments: Trial.syntaxes, Trial.syntaxes)
    func `T6 cut anywhere, a data set isn't converted or was cut between two elements`(
        source: TransferSyntax, target: TransferSyntax
    ) throws {
        let set = try DataSet(decoding: Self.implicit.rawSpan, as: .implicitLittle)
        let bytes = try Trial.stored(set, source)
        for length in 0..<bytes.count {
            guard let out = try? Trial.convert(Array(bytes[..<length]), from: source, to: target) else { continue }
            #expect(!source.isDeflated, "a deflate stream says where it ends")
            let found = try Trial.decoded(out, target)
            let count = found.elements.count
            #expect(count < set.elements.count && found.elements == Array(set.elements.prefix(count)))
        }
    }

    @Test(arguments: Trial.syntaxes)
    func `T6 one bit flipped, it neither traps nor gives what can't be read`(source: TransferSyntax) throws {
        let set = try DataSet(decoding: Self.implicit.rawSpan, as: .implicitLittle)
        var bytes = try Trial.stored(set, source)
        for index in bytes.indices {
            for bit in 0..<8 {
                bytes[index] ^= 1 << bit
                if let out = try? Trial.convert(bytes, from: source, to: .explicitVRLittleEndian) {
                    #expect(throws: Never.self, "byte \(index), bit \(bit)") {
                        try DataSet(decoding: out.rawSpan, as: .explicitLittle)
                    }
                }
                _ = try? Trial.convert(bytes, from: source, to: .implicitVRLittleEndian)
                _ = try? Trial.convert(bytes, from: source, to: .explicitVRBigEndian, withoutBulkData: true)
                bytes[index] ^= 1 << bit
            }
        }
    }

    @Test func `delimiters that are missing at the very end are forgiven, a value that is isn't`() throws {
        let open = Array(Self.big.prefix(30))  // to the end of "CT" in the item
        let out = try Trial.convert(open, from: .explicitVRBigEndian, to: .explicitVRLittleEndian)
        #expect(try DataSet(decoding: out.rawSpan, as: .explicitLittle).items(.procedureCodeSequence)?.count == 1)
        #expect(Trial.isWellFormed(out, .explicitLittle))
        #expect(throws: ConversionFault.self) {
            try Trial.convert(Array(open.dropLast()), from: .explicitVRBigEndian, to: .explicitVRLittleEndian)
        }
    }

    @Test(arguments: [1, 7, 8, 100, 70_000]) func `zeros behind the last element are padding`(count: Int) throws {
        let zeros = [UInt8](repeating: 0, count: count)
        for syntax in [TransferSyntax.implicitVRLittleEndian, .explicitVRBigEndian] {
            let bytes = syntax == .implicitVRLittleEndian ? Self.implicit : Self.big
            #expect(
                try Trial.convert(bytes + zeros, from: syntax, to: .explicitVRLittleEndian)
                    == Trial.convert(bytes, from: syntax, to: .explicitVRLittleEndian))
        }
        let cut = Array(Self.implicit.dropLast(12))
        #expect(
            try Trial.convert(cut + zeros, from: .implicitVRLittleEndian, to: .explicitVRLittleEndian)
                == Trial.convert(cut, from: .implicitVRLittleEndian, to: .explicitVRLittleEndian))
    }

    @Test(arguments: [64, 65, 100_000]) func `T14 sequences nest 64 deep and no deeper`(depth: Int) throws {
        let level: [UInt8] =
            [0x08, 0x00, 0x40, 0x11, 0x53, 0x51, 0, 0] + Self.undefined + [0xFE, 0xFF, 0x00, 0xE0] + Self.undefined
        let deep = (0..<depth).flatMap { _ in level }
        let out = try? Trial.convert(deep, from: .explicitVRLittleEndian, to: .explicitVRBigEndian)
        #expect((out != nil) == (depth == 64))
    }

    @Test func `a closure that has less than was said stops the conversion`() throws {
        let bytes = Self.implicit
        var conversion = try DataSetConversion(
            from: .implicitVRLittleEndian, to: .explicitVRLittleEndian, byteCount: bytes.count
        ) { (offset, count, buffer, index) throws(ConversionFault) -> Int in
            let got = max(0, min(count, bytes.count - offset))
            for place in 0..<got { buffer[index + place] = bytes[offset + place] }
            return got
        }
        #expect(throws: ConversionFault.self) {
            var out: [UInt8] = []
            while try conversion.produce(
                into: &out, until: out.count + 10,
                { (offset, count, buffer, index) throws(ConversionFault) -> Int in
                    let got = max(0, min(count, 40 - offset))
                    for place in 0..<got { buffer[index + place] = bytes[offset + place] }
                    return got
                })
            {}
        }
    }
}
