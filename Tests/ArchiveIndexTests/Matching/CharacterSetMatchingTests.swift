// Keys and values in different character sets (PS3.4 §C.2.2.2, PS3.5 §6.1): compared as decoded characters.

import DICOM
import Testing

@testable import ArchiveIndex

@Suite("Character sets of key and value, PS3.5 §6.1") struct CharacterSetMatchingTests {
    /// Yamada^Tarou=山田^太郎 as PS3.5 §H.3.1 writes it.
    static let yamada =
        Array("Yamada^Tarou=".utf8) + [0x1B] + Array("$B;3ED".utf8) + [0x1B] + Array("(B^".utf8) + [0x1B]
        + Array("$BB@O:".utf8) + [0x1B] + Array("(B".utf8)
    static let japanese = "\\ISO 2022 IR 87"

    /// JIS X 0208 characters between escapes.
    static func kanji(_ codes: [UInt8]) -> [UInt8] { [0x1B, 0x24, 0x42] + codes + [0x1B, 0x28, 0x42] }

    @Test(arguments: ["müller^jürgen", "Müller^*", "M?ller^J?rgen", "*ü*ü*"])
    func `a key in UTF-8 matches Latin-1 that is stored`(key: String) throws {
        let stored: [UInt8] = [0x4D, 0xFC, 0x6C, 0x6C, 0x65, 0x72, 0x5E, 0x4A, 0xFC, 0x72, 0x67, 0x65, 0x6E]
        #expect(try Trial.matches(.PN, Array(key.utf8), in: "ISO_IR 192", stored, in: "ISO_IR 100"))
        #expect(try !Trial.matches(.PN, Array("Mu*".utf8), in: "ISO_IR 192", stored, in: "ISO_IR 100"))
        #expect(try !Trial.matches(.PN, Array("M??ller*".utf8), in: "ISO_IR 192", stored, in: "ISO_IR 100"))
    }

    @Test func `a key in Latin-1 matches UTF-8 that is stored, a byte in it being no character`() throws {
        let stored = Array("Müller".utf8)
        #expect(
            try Trial.matches(.LO, [0x4D, 0xFC, 0x6C, 0x6C, 0x65, 0x72], in: "ISO_IR 100", stored, in: "ISO_IR 192"))
        #expect(try Trial.matches(.LO, Array("M?ller".utf8), in: "", stored, in: "ISO_IR 192"))
        #expect(try !Trial.matches(.LO, Array("M??ller".utf8), in: "", stored, in: "ISO_IR 192"))
    }

    @Test func `the same bytes in two sets are two texts`() throws {
        // ü of ISO 8859-1 is ь of ISO 8859-5.
        #expect(try !Trial.matches(.LO, [0xFC], in: "ISO_IR 100", [0xFC], in: "ISO_IR 144"))
        #expect(try Trial.matches(.LO, Array("ќ".utf8), in: "ISO_IR 192", [0xFC], in: "ISO_IR 144"))
    }

    @Test(arguments: ["山田^太郎", "=山田*", "yamada*=山?^*", "山*郎", "YAMADA^TAROU"])
    func `a key in UTF-8 matches ISO 2022 Japanese that is stored`(key: String) throws {
        #expect(try Trial.matches(.PN, Array(key.utf8), in: "ISO_IR 192", Self.yamada, in: Self.japanese))
    }

    @Test func `a key in ISO 2022 Japanese matches UTF-8 that is stored`() throws {
        let stored = Array("Yamada^Tarou=山田^太郎".utf8)
        #expect(try Trial.matches(.PN, Self.yamada, in: Self.japanese, stored, in: "ISO_IR 192"))
        let anyTarou = Array("*^".utf8) + Self.kanji([0x42, 0x40, 0x4F, 0x3A])
        #expect(try Trial.matches(.PN, anyTarou, in: Self.japanese, stored, in: "ISO_IR 192"))
        let oneThenTa = Self.kanji([0x3B, 0x33]) + Array("?^*".utf8)
        #expect(try Trial.matches(.PN, oneThenTa, in: Self.japanese, stored, in: "ISO_IR 192"))
        #expect(try !Trial.matches(.PN, Array("Y".utf8) + oneThenTa, in: Self.japanese, stored, in: "ISO_IR 192"))
    }

    @Test(
        arguments: [
            ([0x3F, 0x37], "新"), ([0x30, 0x2A], "葵"), ([0x3D, 0x55], "春"), ([0x47, 0x5C], "倍"),
            ([0x30, 0x5E], "緯"), ([0x3D, 0x3D], "十"),
        ] as [([UInt8], String)])
    func `bytes of wildcards and delimiters within a two-byte character are none`(code: [UInt8], text: String) throws {
        let coded = Self.kanji(code)
        // Twice the character: as a wildcard the byte would match more, as a delimiter it would cut.
        #expect(try Trial.matches(.PN, coded, in: Self.japanese, Array(text.utf8), in: "ISO_IR 192"))
        #expect(try Trial.matches(.LO, coded, in: Self.japanese, Array(text.utf8), in: "ISO_IR 192"))
        #expect(try Trial.matches(.LO, Array(text.utf8), in: "ISO_IR 192", coded, in: Self.japanese))
        #expect(try !Trial.matches(.LO, coded, in: Self.japanese, Array("田".utf8), in: "ISO_IR 192"))
    }

    @Test func `Chinese in GB18030 and GBK is split at its own backslashes only`() throws {
        // The second byte of 誠 is 5C.
        for terms in ["GB18030", "GBK"] {
            let stored: [UInt8] = [0xD5, 0x5C, 0x41]
            let text = SpecificCharacterSet(stored: Array(terms.utf8)).decode(stored, vr: .LO)
            #expect(text.unicodeScalars.count == 2)
            #expect(try Trial.matches(.LO, Array(text.utf8), in: "ISO_IR 192", stored, in: terms))
            #expect(try Trial.matches(.LO, Array("?A".utf8), in: "", stored, in: terms))
            #expect(try !Trial.matches(.LO, Array("A".utf8), in: "", stored, in: terms))
            #expect(try Trial.matches(.LO, stored + [0x5C, 0x42], in: terms, Array("B".utf8), in: ""))
        }
    }

    @Test func `Korean is matched across sets`() throws {
        let stored =
            Array("Hong^Gildong=".utf8) + [0x1B, 0x24, 0x29, 0x43, 0xFB, 0xF3, 0x5E, 0x1B, 0x24, 0x29, 0x43]
            + [0xD1, 0xCE, 0xD4, 0xD7]
        #expect(
            try Trial.matches(.PN, Array("洪^吉?".utf8), in: "ISO_IR 192", stored, in: "\\ISO 2022 IR 149"))
        #expect(try Trial.matches(.PN, Array("hong*".utf8), in: "ISO_IR 100", stored, in: "\\ISO 2022 IR 149"))
    }

    @Test func `half-width katakana of JIS X 0201 matches itself in UTF-8`() throws {
        #expect(
            try Trial.matches(
                .PN, Array("ﾔﾏﾀﾞ^ﾀﾛｳ".utf8), in: "ISO_IR 192",
                [0xD4, 0xCF, 0xC0, 0xDE, 0x5E, 0xC0, 0xDB, 0xB3], in: "ISO_IR 13"))
    }

    @Test func `bytes of the right half without a declared set are read as Latin-1, in keys and values`() throws {
        #expect(try Trial.matches(.LO, Array("ü".utf8), in: "ISO_IR 192", [0xFC], in: ""))
        #expect(try Trial.matches(.LO, [0xFC], in: "", Array("ü".utf8), in: "ISO_IR 192"))
    }

    @Test(arguments: [VR.CS, .AE, .UR])
    func `VRs that no character set governs are the default repertoire`(vr: VR) throws {
        #expect(try Trial.matches(vr, Array("A~B".utf8), in: "ISO_IR 192", Array("A~B".utf8), in: "ISO_IR 13"))
        #expect(try Trial.matches(vr, [0xFC], in: "ISO_IR 144", [0xFC], in: "ISO_IR 100"))
    }
}
