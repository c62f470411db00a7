// Text without a character set: which data sets have such, and what a fallback makes of them (PS3.3 §C.12.1.1.2).

import DICOM
import Testing

@Suite("Text for which no character set is declared, PS3.3 §C.12.1.1.2") struct FallbackCharacterSetTests {
    static let cyrillic = FallbackCharacterSet("ISO_IR 144")!
    static let name: [UInt8] = [0xBB, 0xEE, 0xDA]

    static func dataSet(_ terms: String?, _ name: [UInt8] = name) -> DataSet {
        var set = DataSet()
        if let terms { set.set(.specificCharacterSet, .CS, text: terms) }
        set.set(.patientName, .PN, bytes: name)
        return set
    }

    static func text(_ set: DataSet) -> String {
        SpecificCharacterSet(stored: set.bytes(.specificCharacterSet)).decodeValues(
            set.bytes(.patientName) ?? [], vr: .PN)[0]
    }

    @Test(arguments: [nil, "", "ISO_IR 6", "\\", "NONSENSE"])
    func `a fallback is taken where the attribute names no set`(terms: String?) {
        let set = Self.dataSet(terms)
        #expect(set.lacksCharacterSet)
        #expect(Self.text(set) == "»îÚ")
        #expect(Self.text(set.assuming(Self.cyrillic)) == "Люк")
        #expect(set.assuming(.standard) == set)
    }

    @Test(arguments: ["ISO_IR 100", "ISO_IR 192", "\\ISO 2022 IR 87", "GBK", "ISO 2022 IR 100\\NONSENSE"])
    func `it is not where one is named, whatever the bytes`(terms: String) {
        #expect(!Self.dataSet(terms).lacksCharacterSet)
        #expect(Self.dataSet(terms).assuming(Self.cyrillic) == Self.dataSet(terms))
    }

    @Test func `nor where ISO 646 does, or no text has such bytes`() {
        var set = Self.dataSet(nil, Array("SMITH".utf8))
        set.set(.rows, .US, bytes: [0xFF, 0xFF])
        set.set(.modality, .CS, bytes: [0xFF])
        #expect(!set.lacksCharacterSet && set.assuming(Self.cyrillic) == set)
    }

    @Test func `text in items counts, but for items that name a set`() {
        for (terms, lacks) in [(nil, true), ("ISO_IR 100", false)] as [(String?, Bool)] {
            var outer = DataSet()
            let inner = DataSet([DataElement(.procedureCodeSequence, .SQ, .items([Self.dataSet(terms)]))])
            outer[.requestAttributesSequence] = DataElement(.requestAttributesSequence, .SQ, .items([inner]))
            #expect(outer.lacksCharacterSet == lacks)
        }
    }

    @Test(arguments: [
        "ISO_IR 100", "ISO_IR 192", "GB18030", "GBK", "ISO_IR 13", "\\ISO 2022 IR 149",
        "ISO 2022 IR 13\\ISO 2022 IR 87",
    ])
    func `any combination of the standard's may be one`(terms: String) {
        #expect(FallbackCharacterSet(terms)?.description == terms)
        #expect((FallbackCharacterSet(terms) == .standard) == (terms == "ISO_IR 100"))
    }

    @Test(arguments: ["", "ISO_IR 6", "ISO_IR 87", "utf-8", "latin1", "iso_ir 100", "ISO_IR 100 ", "NONSENSE"])
    func `others may not`(terms: String) { #expect(FallbackCharacterSet(terms) == nil) }
}
