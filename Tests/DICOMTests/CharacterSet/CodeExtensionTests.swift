// ISO 2022 code extension: where sets begin and end, where text may be split, and what broken text becomes.

import DICOM
import Testing

@Suite("code extension, PS3.5 §6.1.2.5") struct CodeExtensionTests {
    static let japanese = SpecificCharacterSet(stored: Array("\\ISO 2022 IR 87".utf8))
    static let korean = SpecificCharacterSet(stored: Array("\\ISO 2022 IR 149".utf8))
    static let kana = SpecificCharacterSet(stored: Array("ISO 2022 IR 13\\ISO 2022 IR 87".utf8))
    static func escape(_ text: String) -> [UInt8] { [0x1B] + Array(text.utf8) }

    @Test func `the bytes of delimiters inside two-byte characters don't split`() {
        // 5C5C, 5E5E and 3D3D are characters of JIS X 0208.
        let bytes = Self.escape("$B\\\\^^==") + Self.escape("(B\\B")
        let values = Self.japanese.decodeValues(bytes, vr: .LO)
        #expect(values.count == 2)
        #expect(values.first?.unicodeScalars.count == 3)
        #expect(values.last == "B")
        #expect(!values[0].contains("\u{FFFD}"))
    }

    @Test func `text goes back to value 1's sets at delimiters and control characters`() {
        let forgotten = Self.escape("$B;3") + Array("\\A".utf8)
        // The pair `\A` is a character as long as G0 has two bytes: following the escapes, nobody can tell.
        #expect(Self.japanese.decodeValues(forgotten, vr: .LO).count == 1)
        #expect(Self.japanese.decode(Self.escape("$B;3") + Array("\r\nAB".utf8), vr: .LT) == "山\r\nAB")
        #expect(Self.japanese.decode(Self.escape("$B;3") + Array("^".utf8) + Self.escape("$B;3"), vr: .PN) == "山^山")
        #expect(Self.japanese.decode(Self.escape("$B;3") + Array("=".utf8), vr: .PN) == "山=")
        let korean = Self.escape("$)C") + [0xFB, 0xF3, 0x5C, 0xFB, 0xF3]
        #expect(Self.korean.decodeValues(korean, vr: .LO) == ["洪", "洪"])
    }

    @Test func `a right half that was never designated is the first declared one`() {
        #expect(Self.korean.decode([0xFB, 0xF3], vr: .LO) == "洪")
        #expect(SpecificCharacterSet(stored: Array("ISO 2022 IR 149".utf8)).decode([0xFB, 0xF3], vr: .LO) == "洪")
        #expect(Self.japanese.decode([0xE9], vr: .LO) == "é")
        #expect(Self.kana.decode([0xD4], vr: .LO) == "ﾔ")
    }

    @Test func `escapes are followed though nothing was declared`() {
        #expect(
            SpecificCharacterSet.defaultRepertoire.decode(Self.escape("$B;3") + Self.escape("(B!"), vr: .LO) == "山!")
        #expect(
            SpecificCharacterSet.defaultRepertoire.decode(Self.escape("$@;3") + Self.escape("(J!"), vr: .LO) == "山!")
        #expect(SpecificCharacterSet.defaultRepertoire.decode(Self.escape("-L") + [0xBB], vr: .LO) == "Л")
    }

    @Test func `what means nothing is U+FFFD`() {
        #expect(Self.japanese.decode(Self.escape("Zx"), vr: .LO) == "\u{FFFD}Zx")
        #expect(Self.japanese.decode(Self.escape("$B;"), vr: .LO) == "\u{FFFD}")
        #expect(Self.korean.decode([0xFB, 0x41], vr: .LO) == "\u{FFFD}A")
        #expect(SpecificCharacterSet(stored: Array("ISO_IR 127".utf8)).decode([0xA1], vr: .LO) == "\u{FFFD}")
        #expect(SpecificCharacterSet(stored: Array("ISO_IR 100".utf8)).decode([0x85], vr: .LO) == "\u{FFFD}")
        #expect(SpecificCharacterSet.utf8.decode([0x41, 0xC3], vr: .LO) == "A\u{FFFD}")
        #expect(SpecificCharacterSet.defaultRepertoire.decode([0x1B], vr: .LO) == "\u{FFFD}")
    }

    @Test func `the yen sign and the overline of JIS X 0201`() {
        let set = SpecificCharacterSet(stored: Array("ISO_IR 13".utf8))
        #expect(set.decode([0x5C, 0x7E], vr: .LT) == "¥‾")
        #expect(set.decodeValues([0x41, 0x5C, 0x42], vr: .LO) == ["A", "B"])
        #expect(set.encode("¥‾", vr: .LT) == [0x5C, 0x7E])
        #expect(set.encode("¥", vr: .LO) == nil)
        #expect(set.encode("~", vr: .LO) == nil)
    }

    @Test func `what a set can't carry is refused`() {
        #expect(SpecificCharacterSet.defaultRepertoire.encode("é", vr: .LO) == nil)
        #expect(SpecificCharacterSet(stored: Array("ISO_IR 100".utf8)).encode("Łódź", vr: .LO) == nil)
        #expect(Self.japanese.encode("홍", vr: .LO) == nil)
        #expect(Self.japanese.encode("\u{1B}", vr: .LO) == nil)
        #expect(SpecificCharacterSet.utf8.encode("Łódź홍😀", vr: .LO) == Array("Łódź홍😀".utf8))
    }

    @Test func `sets are switched back before each delimiter and at the end`() {
        #expect(
            Self.japanese.encode("山\\田 A", vr: .LO)
                == Self.escape("$B;3") + Self.escape("(B\\") + Self.escape("$BED") + Self.escape("(B A"))
        #expect(Self.japanese.encode("山\n", vr: .LT) == Self.escape("$B;3") + Self.escape("(B\n"))
        #expect(Self.kana.encode("山", vr: .LO) == Self.escape("$B;3") + Self.escape("(J"))
    }

    @Test func `the Chinese encodings are decoded before they are split`() throws {
        for term in ["GBK", "GB18030"] {
            let set = SpecificCharacterSet(stored: Array(term.utf8))
            let bytes: [UInt8] = [0x95, 0x5C, 0x95, 0x5E, 0x5C, 0x41]
            let values = set.decodeValues(bytes, vr: .LO)
            #expect(values.count == 2)
            #expect(values.first?.unicodeScalars.count == 2)
            #expect(set.encode(values.joined(separator: "\\"), vr: .LO) == bytes)
            #expect(set.decode([0x81], vr: .LO) == "\u{FFFD}")
            #expect(set.decode([0xFF, 0x41], vr: .LO) == "\u{FFFD}A")
        }
        let national = SpecificCharacterSet(stored: Array("GB18030".utf8))
        #expect(national.decode([0x81, 0x30, 0x84, 0x36], vr: .LO) == "¥")
        #expect(national.decode([0x90, 0x30, 0x81, 0x30], vr: .LO) == "\u{10000}")
        #expect(national.encode("😀홍é", vr: .LO).map { national.decode($0, vr: .LO) } == "😀홍é")
        #expect(national.decode([0xFE, 0x39, 0xFE, 0x39], vr: .LO) == "\u{FFFD}")
        #expect(SpecificCharacterSet(stored: Array("GBK".utf8)).encode("😀", vr: .LO) == nil)
    }
}
