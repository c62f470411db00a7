// Padding, printable text and new UIDs.

import DICOM
import Testing

@Suite("padding of text values, PS3.5 §6.2") struct TextPaddingTests {
    @Test func `leading spaces belong to ST, LT, UT and UC alone`() {
        for vr in VR.allCases where vr.isText {
            let keeps = [VR.ST, .LT, .UT, .UC].contains(vr)
            #expect(vr.trimmed("  a b  ") == (keeps ? "  a b" : "a b"))
            #expect(vr.trimmed(" a \0\0") == (keeps ? " a" : "a"))
            #expect(vr.trimmed("   ") == "")
        }
        #expect(VR.OB.trimmed([0x20, 0x41, 0x00][...]) == [0x20, 0x41, 0x00])
    }

    @Test func `values are split and trimmed as their VR says`() {
        let set = SpecificCharacterSet.defaultRepertoire
        #expect(set.decodeValues(Array(" CT \\MR ".utf8), vr: .CS) == ["CT", "MR"])
        #expect(set.decodeValues(Array(" a\\b ".utf8), vr: .LT) == [" a\\b"])
        #expect(set.decodeValues(Array("A\\\\B\\".utf8), vr: .LO) == ["A", "", "B", ""])
        #expect(set.decodeValues(Array("1.2\\3.4\0".utf8), vr: .UI) == ["1.2", "3.4"])
        #expect(set.decodeValues([], vr: .LO) == [])
        #expect(set.decodeValues(Array("  ".utf8), vr: .LO) == [])
        #expect(SpecificCharacterSet.utf8.decodeValues(Array(" é \\ ü ".utf8), vr: .LO) == ["é", "ü"])
        #expect(SpecificCharacterSet.utf8.decodeValues(Array(" é\\ü ".utf8), vr: .UC) == [" é", "ü"])
        #expect(SpecificCharacterSet.utf8.decodeValues(Array("é\\\u{301}ü".utf8), vr: .LO).count == 2)
    }
}

@Suite("printable text for logs and Error Comments") struct PrintableTests {
    @Test func `one line of ISO 646, one value`() {
        #expect(printable("no such\r\n\tstudy\0", maximumBytes: 64) == "no such study")
        #expect(printable("\u{1B}[31mred\u{7F}\u{85}", maximumBytes: 64) == "[31mred")
        #expect(printable("a\\b", maximumBytes: 64) == "a/b")
        #expect(printable("Jérôme 山", maximumBytes: 64) == "J?r?me ?")
        #expect(printable([0x41, 0xFF, 0x0A, 0x42], maximumBytes: 64) == "A? B")
    }

    @Test func `never longer than asked`() {
        let long = String(repeating: "x\n", count: 100)
        for length in [0, 1, 2, 63, 64, 65] { #expect(printable(long, maximumBytes: length).utf8.count == length) }
        #expect(printable("abc", maximumBytes: -1) == "")
    }
}

@Suite("UUID-derived UIDs, PS3.5 §B.2") struct UUIDDerivedUIDTests {
    @Test func `version and variant are set, the rest is the random number`() {
        #expect(UID(random: [UInt8](repeating: 0, count: 16)).text == "2.25.302240678275694148452352")
        #expect(UID(random: [UInt8](repeating: 0xFF, count: 16)).text == "2.25.340282366920937632322261936355783213055")
    }

    @Test func `always valid and at most 44 characters`() {
        var generator = TextGenerator(state: 7)
        for _ in 0..<200 {
            let uid = UID(random: (0..<16).map { _ in UInt8.random(in: 0...255, using: &generator) })
            #expect(uid.isValid && uid.text.utf8.count <= 44)
        }
    }
}
