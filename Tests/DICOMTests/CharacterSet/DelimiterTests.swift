// Where the sets of value 1 hold again (PS3.5 §6.1.2.5.3), bytes of delimiters that are parts of characters, and flipped bits.

import DICOM
import Testing

@Suite("Delimiters and resets, PS3.5 §6.1.2.5.3") struct DelimiterTests {
    static func set(_ terms: String) -> SpecificCharacterSet { SpecificCharacterSet(stored: Array(terms.utf8)) }
    /// Л in ISO-IR 144 and 山 in ISO-IR 87, the escape in front.
    static let cyrillic: [UInt8] = [0x1B, 0x2D, 0x4C, 0xBB]
    static let kanji: [UInt8] = [0x1B, 0x24, 0x42, 0x3B, 0x33]

    @Test(arguments: [0x09, 0x0A, 0x0C, 0x0D] as [UInt8])
    func `TAB, LF, FF and CR bring back value 1's sets, to G0 and to G1`(control: UInt8) {
        let mixed = Self.set("ISO 2022 IR 100\\ISO 2022 IR 144\\ISO 2022 IR 87")
        let end = String(Unicode.Scalar(control))
        #expect(mixed.decode(Self.cyrillic + [control, 0xFC], vr: .UT) == "Л" + end + "ü")
        #expect(mixed.decode(Self.kanji + [control] + Array("AB".utf8), vr: .UT) == "山" + end + "AB")
        // The writer goes back itself, so that nobody has to know.
        let coded = mixed.encode("山" + end + "ü", vr: .UT)
        #expect(coded == Self.kanji + [0x1B, 0x28, 0x42, control, 0xFC])
    }

    @Test(arguments: [VR.LO, .SH, .UC, .PN])
    func `a backslash does so between values, and is a character in text of one value`(vr: VR) {
        let mixed = Self.set("ISO 2022 IR 100\\ISO 2022 IR 144")
        #expect(mixed.decode(Self.cyrillic + [0x5C, 0xFC], vr: vr) == "Л\\ü")
        #expect(mixed.decode(Self.cyrillic + [0x5C, 0xBB], vr: .LT) == "Л\\Л")
    }

    @Test(arguments: [0x5E, 0x3D] as [UInt8]) func `a caret and an equals sign do so in names alone`(delimiter: UInt8) {
        let mixed = Self.set("ISO 2022 IR 100\\ISO 2022 IR 144")
        let sign = String(Unicode.Scalar(delimiter))
        #expect(mixed.decode(Self.cyrillic + [delimiter, 0xFC], vr: .PN) == "Л" + sign + "ü")
        #expect(mixed.decode(Self.cyrillic + [delimiter, 0xBB], vr: .LO) == "Л" + sign + "Л")
    }

    @Test func `the bytes 5C, 5E and 3D within characters of ISO-IR 87 and 159 are none, PS3.5 §6.1.2.5.3`() {
        // 5C5C of JIS X 0208 and 3D5E of JIS X 0212.
        for (terms, escape, code) in [
            ("\\ISO 2022 IR 87", "$B", [0x5C, 0x5C]), ("\\ISO 2022 IR 87", "$B", [0x47, 0x5C]),
            ("\\ISO 2022 IR 87", "$B", [0x30, 0x5E]), ("\\ISO 2022 IR 87", "$B", [0x3D, 0x3D]),
            ("\\ISO 2022 IR 159", "$(D", [0x3D, 0x5E]), ("\\ISO 2022 IR 159", "$(D", [0x5C, 0x3D]),
        ] as [(String, String, [UInt8])] {
            let coded = [0x1B] + Array(escape.utf8) + code + [0x1B, 0x28, 0x42]
            let values = Self.set(terms).decodeValues(coded + [0x5C] + coded, vr: .PN)
            #expect(values.count == 2 && values[0].unicodeScalars.count == 1 && values[0] == values.last)
            #expect(PersonName(values[0]).groups.map(\.components) == [[values[0]], [], []])
            #expect(Self.set(terms).encode(values[0], vr: .PN) == coded)
        }
    }

    @Test(arguments: ["GBK", "GB18030"])
    func `a second byte 5C or 5E of GBK and GB18030 is no delimiter, PS3.5 §6.1.2.4`(terms: String) throws {
        let set = Self.set(terms)
        for trail in [0x5C, 0x5E] as [UInt8] {
            for lead in UInt8(0x81)...0xFE {
                let name = set.decode([lead, trail, 0x5E, 0x41], vr: .PN)
                guard !name.unicodeScalars.contains("\u{FFFD}") else { continue }
                #expect(PersonName(name).alphabetic.components.count == 2, "\(lead)")
                #expect(set.decodeValues([lead, trail, 0x5C, 0x41], vr: .LO).count == 2)
                #expect(set.encode(name, vr: .PN) == [lead, trail, 0x5E, 0x41])
            }
        }
    }

    @Test(arguments: GoldenText.all)
    func `any bit that is flipped costs characters, never the end of the text`(golden: GoldenText) {
        let set = Self.set(golden.terms)
        for bit in 0..<(golden.bytes.count * 8) {
            var bytes = golden.bytes
            bytes[bit / 8] ^= 1 << (bit % 8)
            let text = set.decode(bytes, vr: .PN)
            // No byte makes more than one character.
            #expect(text.unicodeScalars.count <= bytes.count)
            if let again = set.encode(text, vr: .PN) {
                #expect(set.decode(again, vr: .PN).unicodeScalars.elementsEqual(text.unicodeScalars))
            }
        }
    }

    @Test(arguments: [
        ("ISO IR 100", "ISO_IR 100"), ("ISO-IR 100", "ISO_IR 100"), ("ISO_IR100", "ISO_IR 100"),
        ("iso_ir 100", "ISO_IR 100"), ("ISO 2022 IR 100", "ISO 2022 IR 100"), ("ISO2022 IR 100", "ISO 2022 IR 100"),
        ("latin1", "ISO_IR 100"), ("ISO-8859-1", "ISO_IR 100"), ("iso8859-5", "ISO_IR 144"), ("UTF-8", "ISO_IR 192"),
        ("utf8", "ISO_IR 192"), ("ISO_IR_192", "ISO_IR 192"), ("ISO 2022 IR 192", "ISO_IR 192"), ("gb18030", "GB18030"),
        ("gbk", "GBK"), ("GB2312", "GBK"), ("\\iso 2022 ir 87", "\\ISO 2022 IR 87"), ("ISO_IR 149", "ISO 2022 IR 149"),
        ("ISO_IR 100\\ISO 2022 IR 144", "ISO 2022 IR 100\\ISO 2022 IR 144"), ("ascii", ""),
    ])
    func `PS3.3 §C.12.1.1.2: misspelt terms are what their writers meant`(written: String, meant: String) {
        let set = Self.set(written)
        #expect(String(decoding: set.storedValue, as: UTF8.self) == meant)
        #expect(set.unknownTerms.isEmpty)
        #expect(set == Self.set(meant))
    }

    @Test(arguments: ["ISO_IR 1", "ISO_IR", "UTF-16", "Shift_JIS", "ISO_IR 100 ISO_IR 101", "\u{1B}"])
    func `PS3.3 §C.12.1.1.2: other terms are unknown, and said to be`(written: String) {
        #expect(Self.set(written).unknownTerms.count == 1)
        #expect(Self.set(written).isSilent)
    }
}
