// The person names of PS3.5 Annexes H to K and their kin in the one-byte sets: decoded, and encoded to the same bytes.

import DICOM
import Testing

/// One example: (0008,0005), the bytes, the text.
struct GoldenText: Sendable, CustomTestStringConvertible {
    let terms: String
    let bytes: [UInt8]
    let text: String
    var testDescription: String { "\(terms): \(text)" }

    /// `parts`: characters stand for their ISO 646 codes, numbers for bytes.
    init(_ terms: String, _ text: String, _ parts: [any Sendable]) {
        self.terms = terms
        self.text = text
        bytes = parts.flatMap { part -> [UInt8] in
            if let text = part as? String { return Array(text.utf8) }
            if let number = part as? Int { return [UInt8(number)] }
            return []
        }
    }

    static let all: [GoldenText] = [
        // PS3.5 §H.3.1 and §H.3.2
        GoldenText(
            "\\ISO 2022 IR 87", "Yamada^Tarou=山田^太郎=やまだ^たろう",
            [
                "Yamada^Tarou=", 0x1B, "$B;3ED", 0x1B, "(B^", 0x1B, "$BB@O:", 0x1B, "(B=", 0x1B, "$B$d$^$@", 0x1B,
                "(B^",
                0x1B, "$B$?$m$&", 0x1B, "(B",
            ]),
        GoldenText(
            "ISO 2022 IR 13\\ISO 2022 IR 87", "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう",
            [
                0xD4, 0xCF, 0xC0, 0xDE, "^", 0xC0, 0xDB, 0xB3, "=", 0x1B, "$B;3ED", 0x1B, "(J^", 0x1B, "$BB@O:", 0x1B,
                "(J=",
                0x1B, "$B$d$^$@", 0x1B, "(J^", 0x1B, "$B$?$m$&", 0x1B, "(J",
            ]),
        // PS3.5 §I.2
        GoldenText(
            "\\ISO 2022 IR 149", "Hong^Gildong=洪^吉洞=홍^길동",
            [
                "Hong^Gildong=", 0x1B, "$)C", 0xFB, 0xF3, "^", 0x1B, "$)C", 0xD1, 0xCE, 0xD4, 0xD7, "=", 0x1B, "$)C",
                0xC8,
                0xAB, "^", 0x1B, "$)C", 0xB1, 0xE6, 0xB5, 0xBF,
            ]),
        // PS3.5 §J.1, §J.3
        GoldenText(
            "ISO_IR 192", "Wang^XiaoDong=王^小東=",
            ["Wang^XiaoDong=", 0xE7, 0x8E, 0x8B, "^", 0xE5, 0xB0, 0x8F, 0xE6, 0x9D, 0xB1, "="]),
        GoldenText(
            "GB18030", "Wang^XiaoDong=王^小东=", ["Wang^XiaoDong=", 0xCD, 0xF5, "^", 0xD0, 0xA1, 0xB6, 0xAB, "="]),
        GoldenText("GBK", "Wang^XiaoDong=王^小东=", ["Wang^XiaoDong=", 0xCD, 0xF5, "^", 0xD0, 0xA1, 0xB6, 0xAB, "="]),
        // PS3.5 §K.2
        GoldenText(
            "\\ISO 2022 IR 58", "Zhang^XiaoDong=张^小东=",
            ["Zhang^XiaoDong=", 0x1B, "$)A", 0xD5, 0xC5, "^", 0x1B, "$)A", 0xD0, 0xA1, 0xB6, 0xAB, "="]),
        // one-byte sets
        GoldenText("ISO_IR 100", "Äneas^Rüdiger", [0xC4, "neas^R", 0xFC, "diger"]),
        GoldenText("ISO_IR 100", "Buc^Jérôme", ["Buc^J", 0xE9, "r", 0xF4, "me"]),
        GoldenText("ISO_IR 101", "Wałęsa^Łódź", ["Wa", 0xB3, 0xEA, "sa^", 0xA3, 0xF3, "d", 0xBC]),
        GoldenText("ISO_IR 109", "Ħal^Ġorġ", [0xA1, "al^", 0xD5, "or", 0xF5]),
        GoldenText("ISO_IR 110", "Bērziņš", ["B", 0xBA, "rzi", 0xF1, 0xB9]),
        GoldenText("ISO_IR 126", "Διονυσιος", [0xC4, 0xE9, 0xEF, 0xED, 0xF5, 0xF3, 0xE9, 0xEF, 0xF2]),
        GoldenText(
            "ISO_IR 127", "قباني^لنزار", [0xE2, 0xC8, 0xC7, 0xE6, 0xEA, "^", 0xE4, 0xE6, 0xD2, 0xC7, 0xD1]),
        GoldenText("ISO_IR 138", "שרון^דבורה", [0xF9, 0xF8, 0xE5, 0xEF, "^", 0xE3, 0xE1, 0xE5, 0xF8, 0xE4]),
        GoldenText("ISO_IR 144", "Люкceмбypг", [0xBB, 0xEE, 0xDA, "ce", 0xDC, 0xD1, "yp", 0xD3]),
        GoldenText("ISO_IR 148", "Çavuşoğlu", [0xC7, "avu", 0xFE, "o", 0xF0, "lu"]),
        GoldenText("ISO_IR 166", "นามสกุล", [0xB9, 0xD2, 0xC1, 0xCA, 0xA1, 0xD8, 0xC5]),
        GoldenText("ISO_IR 203", "Bœuf^€", ["B", 0xBD, "uf^", 0xA4]),
        GoldenText("ISO_IR 13", "ﾔﾏﾀﾞ^ﾀﾛｳ", [0xD4, 0xCF, 0xC0, 0xDE, "^", 0xC0, 0xDB, 0xB3]),
        // several one-byte sets: back to value 1's before `^`
        GoldenText(
            "ISO 2022 IR 100\\ISO 2022 IR 144", "Müller^Люк",
            ["M", 0xFC, "ller^", 0x1B, "-L", 0xBB, 0xEE, 0xDA, 0x1B, "-A"]),
        // JIS X 0212 beside JIS X 0208
        GoldenText(
            "\\ISO 2022 IR 87\\ISO 2022 IR 159", "=丂山", ["=", 0x1B, "$(D0!", 0x1B, "$B;3", 0x1B, "(B"]),
    ]
}

@Suite("text in the sets of PS3.3 §C.12.1.1.2") struct GoldenTextTests {
    @Test(arguments: GoldenText.all) func `decodes the golden bytes`(golden: GoldenText) {
        let set = SpecificCharacterSet(stored: Array(golden.terms.utf8))
        #expect(Array(set.decode(golden.bytes, vr: .PN).unicodeScalars) == Array(golden.text.unicodeScalars))
        #expect(set.unknownTerms.isEmpty)
    }

    @Test(arguments: GoldenText.all) func `encodes to the golden bytes`(golden: GoldenText) {
        let set = SpecificCharacterSet(stored: Array(golden.terms.utf8))
        #expect(set.encode(golden.text, vr: .PN) == golden.bytes)
        #expect(set.storedValue == Array(golden.terms.utf8))
    }

    @Test(arguments: GoldenText.all) func `every truncation decodes to something`(golden: GoldenText) {
        let set = SpecificCharacterSet(stored: Array(golden.terms.utf8))
        for length in 0..<golden.bytes.count {
            _ = set.decode(Array(golden.bytes[..<length]), vr: .PN)
            _ = set.decodeValues(Array(golden.bytes[..<length]), vr: .LO)
        }
    }
}
