// What Specific Character Set values mean, in the spellings that files have.

import DICOM
import Testing

@Suite("Specific Character Set values, PS3.3 §C.12.1.1.2") struct SpecificCharacterSetTests {
    private func set(_ value: String) -> SpecificCharacterSet { SpecificCharacterSet(stored: Array(value.utf8)) }
    private func stored(_ value: String) -> String { String(decoding: set(value).storedValue, as: UTF8.self) }

    @Test(arguments: ["", " ", "ISO_IR 6", "ISO_IR 6 ", "ISO 2022 IR 6", "\\", "\\ISO 2022 IR 6"])
    func `absent, empty and ISO_IR 6 are the default repertoire`(value: String) {
        #expect(set(value) == .defaultRepertoire)
        #expect(SpecificCharacterSet(stored: nil as [UInt8]?) == .defaultRepertoire)
        #expect(SpecificCharacterSet.defaultRepertoire.storedValue.isEmpty)
    }

    @Test func `padding, case and punctuation of terms don't count`() {
        #expect(set("ISO_IR 100 ") == set("ISO_IR 100"))
        #expect(stored("iso-ir 144") == "ISO_IR 144")
        #expect(set("ISO IR 192") == .utf8)
        #expect(set("utf-8") == .utf8)
        #expect(stored("\\ISO_IR 87 ") == "\\ISO 2022 IR 87")
        #expect(stored("ISO 2022 IR 13\\ISO 2022 IR 87 ") == "ISO 2022 IR 13\\ISO 2022 IR 87")
        #expect(stored("ISO_IR 87") == "ISO 2022 IR 87")
    }

    @Test func `UTF-8 and the Chinese encodings stand alone whatever is beside them`() {
        #expect(set("ISO_IR 100\\ISO_IR 192") == .utf8)
        #expect(stored("\\GB18030") == "GB18030")
        #expect(stored("GBK\\ISO 2022 IR 58") == "GBK")
    }

    @Test func `unknown terms are named, and read as the default repertoire`() {
        let unknown = set("ISO_IR 999")
        #expect(unknown.unknownTerms == ["ISO_IR 999"])
        #expect(unknown != .defaultRepertoire)
        #expect(unknown.decode([0x4D, 0xFC, 0x6C], vr: .LO) == "Mül")
        #expect(unknown.encode("Mül", vr: .LO) == nil)
        #expect(unknown.encode("Mul", vr: .LO) == Array("Mul".utf8))
        #expect(set("ISO_IR 100").unknownTerms.isEmpty)
    }

    @Test func `a thousand values are read without harm`() {
        let hostile = set(String(repeating: "ISO_IR 7\\", count: 1000))
        #expect(hostile.unknownTerms.count == 8)
        #expect(hostile.decode([0x41], vr: .PN) == "A")
    }

    @Test func `the host has every converter`() { #expect(SpecificCharacterSet.unavailableTerms() == []) }

    @Test func `ISO 646 is itself in every set`() {
        let text = Array("Doe^John \"x\"".utf8)
        for term in ["", "ISO_IR 100", "ISO_IR 13", "ISO_IR 192", "GB18030", "GBK", "\\ISO 2022 IR 149"] {
            #expect(set(term).decode(text, vr: .PN) == "Doe^John \"x\"")
            #expect(set(term).encode("Doe^John \"x\"", vr: .PN) == text)
        }
    }

    @Test func `VRs it doesn't govern stay in the default repertoire`() {
        #expect(SpecificCharacterSet.utf8.decode([0x43, 0xE9], vr: .CS) == "Cé")
        #expect(SpecificCharacterSet.utf8.encode("Cé", vr: .CS) == nil)
        #expect(SpecificCharacterSet.utf8.encode("CT", vr: .CS) == [0x43, 0x54])
    }
}
