// US or SS, by Pixel Representation: what an Implicit VR data set leaves open.

import DICOM
import Testing

@Suite("US or SS, PS3.6 §6 and PS3.5 §A.1") struct PixelRepresentationTests {
    /// Pixel Padding Value (0028,0120) and, in an item, Smallest Image Pixel Value (0028,0106).
    static func set(_ representation: UInt8?, item: UInt8? = nil) -> DataSet {
        var inner = DataSet()
        inner.set(Tag(0x0028, 0x0106), .US, bytes: [0x30, 0xF8])
        if let item { inner.set(.pixelRepresentation, .US, bytes: [item, 0]) }
        var set = DataSet([
            DataElement(.rows, .US, .bytes([16, 0])), DataElement(Tag(0x0028, 0x0120), .US, .bytes([0x30, 0xF8])),
            DataElement(.requestAttributesSequence, .SQ, .items([inner])),
        ])
        if let representation { set.set(.pixelRepresentation, .US, bytes: [representation, 0]) }
        return set
    }

    static func vrs(_ set: DataSet) -> [VR?] {
        [
            set[.rows]?.vr, set[Tag(0x0028, 0x0120)]?.vr,
            set.items(.requestAttributesSequence)?[0][Tag(0x0028, 0x0106)]?.vr,
        ]
    }

    @Test func `is SS where pixel representation is 1, also within items`() {
        #expect(Self.vrs(Self.set(1).withSignsResolved()) == [.US, .SS, .SS])
    }

    @Test(arguments: [0, nil] as [UInt8?]) func `is US where it is 0 or isn't there`(representation: UInt8?) {
        #expect(Self.vrs(Self.set(representation).withSignsResolved()) == [.US, .US, .US])
    }

    @Test func `an item's own pixel representation goes before that around it`() {
        #expect(Self.vrs(Self.set(1, item: 0).withSignsResolved()) == [.US, .SS, .US])
    }
}
