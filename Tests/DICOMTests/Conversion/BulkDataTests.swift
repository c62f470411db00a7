// Data sets without their bulk data: what goes, what stays, and that compression is no hindrance.

import DICOM
import Testing

@Suite("Without bulk data, PS3.4 §Z.1.3") struct BulkDataTests {
    /// Those of Table Z.1-1, of repeating groups some.
    static let leftOut: [(DICOM.Tag, VR)] = [
        (.pixelData, .OW), (.floatPixelData, .OF), (.doubleFloatPixelData, .OD), (.pixelDataProviderURL, .UR),
        (.spectroscopyData, .OF), (.encapsulatedDocument, .OB), (Tag(0x6000, 0x3000), .OW),
        (Tag(0x601E, 0x3000), .OB), (Tag(0x5000, 0x3000), .OW), (Tag(0x501E, 0x3000), .OB),
        (Tag(0x5000, 0x200C), .OW), (Tag(0x50FE, 0x200C), .OB),
    ]

    static func waveform() -> DataSet {
        var item = DataSet()
        item.set(Tag(0x003A, 0x0005), unsignedShort: 12)
        item[.waveformData] = DataElement(.waveformData, .OW, .bytes([1, 2, 3, 4]))
        item.set(Tag(0x5400, 0x1006), .CS, text: "SS")
        return item
    }

    static func icon() -> DataSet {
        var icon = DataSet()
        icon.set(.rows, unsignedShort: 2)
        icon[.pixelData] = DataElement(.pixelData, .OW, .bytes([1, 2, 3, 4]))
        return icon
    }

    /// What stays, with everything that doesn't in between.
    static func sets() -> (whole: DataSet, without: DataSet) {
        var without = DataSet()
        without.set(.modality, .CS, text: "CT")
        without.set(.rows, unsignedShort: 2)
        without[.iconImageSequence] = DataElement(.iconImageSequence, .SQ, .items([icon()]))
        // Overlay Rows; and elements of other groups that look like those of Overlay Data and Curve Data.
        without.set(Tag(0x6000, 0x0010), unsignedShort: 2)
        without[Tag(0x6001, 0x3000)] = DataElement(Tag(0x6001, 0x3000), .OB, .bytes([1, 2]))
        without[Tag(0x5001, 0x3000)] = DataElement(Tag(0x5001, 0x3000), .OB, .bytes([1, 2]))
        without[Tag(0x0028, 0x1201)] = DataElement(Tag(0x0028, 0x1201), .OW, .bytes([1, 2]))
        var waveform = waveform()
        var whole = without
        for (tag, vr) in leftOut { whole[tag] = DataElement(tag, vr, .bytes([1, 2, 3, 4, 5, 6, 7, 8])) }
        whole[.waveformSequence] = DataElement(.waveformSequence, .SQ, .items([waveform, waveform]))
        waveform[.waveformData] = nil
        without[.waveformSequence] = DataElement(.waveformSequence, .SQ, .items([waveform, waveform]))
        return (whole, without)
    }

    @Test(arguments: Trial.syntaxes, Trial.syntaxes)
    func `the attributes of Table Z.1-1 go, and no others`(source: TransferSyntax, target: TransferSyntax) throws {
        let (whole, without) = Self.sets()
        let bytes = try Trial.stored(whole, source)
        let out = try Trial.convert(bytes, from: source, to: target, withoutBulkData: true)
        // In Implicit VR the VRs of private elements are lost.
        let rest = try Trial.decoded(Trial.stored(without, source), source)
        #expect(try Trial.decoded(out, target) == Trial.decoded(Trial.stored(rest, target), target))
        let all = try Trial.convert(bytes, from: source, to: target)
        #expect(try Trial.decoded(all, target).elements.count == whole.elements.count)
    }

    @Test(arguments: Trial.syntaxes) func `Waveform Data elsewhere stays`(syntax: TransferSyntax) throws {
        var set = DataSet()
        var outer = DataSet()
        outer[.waveformSequence] = DataElement(.waveformSequence, .SQ, .items([Self.waveform()]))
        set[.procedureCodeSequence] = DataElement(.procedureCodeSequence, .SQ, .items([outer, Self.waveform()]))
        let bytes = try Trial.stored(set, syntax)
        let out = try Trial.convert(bytes, from: syntax, to: .explicitVRLittleEndian, withoutBulkData: true)
        #expect(try Trial.decoded(out, .explicitVRLittleEndian) == set)
    }

    @Test(arguments: TransferSyntax.all.filter(\.isEncapsulated))
    func `compressed pixel data is left out, so that the rest goes uncompressed`(source: TransferSyntax) throws {
        var (whole, without) = Self.sets()
        whole[.pixelData] = DataElement(.pixelData, .OB, .fragments([[0, 0, 0, 0], [1, 2, 3, 4], [5, 6]]))
        whole[.extendedOffsetTable] = DataElement(.extendedOffsetTable, .OV, .bytes([UInt8](repeating: 0, count: 8)))
        without[.iconImageSequence] = DataElement(.iconImageSequence, .SQ, .items([Self.icon()]))
        let bytes = try whole.encoded(as: .explicitLittle)
        for target in Trial.syntaxes {
            let out = try Trial.convert(bytes, from: source, to: target, withoutBulkData: true)
            #expect(try Trial.decoded(out, target) == Trial.decoded(Trial.stored(without, target), target))
        }
        let same = try Trial.convert(bytes, from: source, to: source, withoutBulkData: true)
        #expect(try Trial.decoded(same, .explicitVRLittleEndian) == without)
    }

    @Test func `a compressed icon stays, in the syntax that has it and in no other`() throws {
        let jpeg = try #require(TransferSyntax.named(UID(literal: "1.2.840.10008.1.2.4.50")))
        var icon = Self.icon()
        icon[.pixelData] = DataElement(.pixelData, .OB, .fragments([[], [1, 2, 3, 4]]))
        var set = DataSet()
        set[.iconImageSequence] = DataElement(.iconImageSequence, .SQ, .items([icon]))
        let bytes = try set.encoded(as: .explicitLittle)
        let same = try Trial.convert(bytes, from: jpeg, to: jpeg, withoutBulkData: true)
        #expect(try Trial.decoded(same, .explicitVRLittleEndian) == set)
        #expect(throws: ConversionFault.fragments) {
            try Trial.convert(bytes, from: jpeg, to: .explicitVRLittleEndian, withoutBulkData: true)
        }
    }

    @Test func `pixel data that ends in the middle of a fragment is cut short all the same`() throws {
        let jpeg = try #require(TransferSyntax.named(UID(literal: "1.2.840.10008.1.2.4.50")))
        var set = DataSet()
        set.set(.modality, .CS, text: "CT")
        let head = try set.encoded(as: .explicitLittle).count
        set[.pixelData] = DataElement(.pixelData, .OB, .fragments([[], [1, 2, 3, 4]]))
        let bytes = try set.encoded(as: .explicitLittle)
        for length in (head + 1)..<bytes.count {
            #expect(throws: ConversionFault.self) {
                try Trial.convert(
                    Array(bytes[..<length]), from: jpeg, to: .explicitVRLittleEndian, withoutBulkData: true)
            }
        }
    }
}
