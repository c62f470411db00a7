// Every defined term of PS3.3 §C.12.1.1.2, Tables C.12-2 to C.12-5, character by character, against tables of another maker:
// counts and hashes of the codecs of Python 3.11, which share no table with glibc.

import DICOM
import Testing

/// A coded character set of the tables.
struct Repertoire: Sendable, CustomTestStringConvertible {
    /// Its ISO registration.
    let number: Int
    /// Behind the ESC.
    let escape: String
    /// It is in G1: its codes have the high bit.
    let isRight: Bool
    let isTwoByte: Bool
    let count: Int
    /// FNV-1a of code and scalar, 4 bytes little-endian, of each character.
    let hash: UInt32

    var testDescription: String { "ISO-IR \(number)" }

    init(_ number: Int, _ escape: String, right: Bool = true, twoByte: Bool = false, _ count: Int, _ hash: UInt32) {
        self.number = number
        self.escape = escape
        isRight = right
        isTwoByte = twoByte
        self.count = count
        self.hash = hash
    }

    static let all = [
        Repertoire(100, "-A", 96, 0xB838_4885), Repertoire(101, "-B", 96, 0xACEC_0412),
        Repertoire(109, "-C", 89, 0x38F3_7486), Repertoire(110, "-D", 96, 0xCECE_11BE),
        Repertoire(144, "-L", 96, 0xA869_6F84), Repertoire(127, "-G", 51, 0x7BEE_0155),
        Repertoire(126, "-F", 93, 0xF260_F38B), Repertoire(138, "-H", 60, 0xF1F3_CCBA),
        Repertoire(148, "-M", 96, 0x7394_A9E0), Repertoire(203, "-b", 96, 0x5E24_2FC0),
        Repertoire(166, "-T", 87, 0x5300_2C11), Repertoire(13, ")I", 63, 0x1FAC_4490),
        Repertoire(87, "$B", right: false, twoByte: true, 6_879, 0x96A_D91C),
        Repertoire(159, "$(D", right: false, twoByte: true, 6_066, 0x8CCA_4F7C),
        Repertoire(149, "$)C", twoByte: true, 8_225, 0x2737_F985),
        Repertoire(58, "$)A", twoByte: true, 7_445, 0xC3E7_FBF8),
    ]

    /// What glibc has beside the others: the tilde of JIS X 0212, and two Hangul signs of KS X 1001.
    private static let beside: [Int: Set<[UInt8]>] = [159: [[0x22, 0x37]], 149: [[0xA2, 0xE8], [0xA4, 0xD4]]]

    /// All codes of its form, but for those on which tables don't agree.
    var codes: [[UInt8]] {
        let high: UInt8 = isRight ? 0x80 : 0
        guard isTwoByte else { return (0x20...0x7F).map { [$0 | high] } }
        return (0x21...0x7E).flatMap { row in (0x21...0x7E).map { cell in [row | high, cell | high] } }
            .filter { Self.beside[number]?.contains($0) != true }
    }
}

/// FNV-1a of what a set's codes mean.
struct MeaningHash {
    private(set) var value: UInt32 = 2_166_136_261
    private(set) var count = 0

    mutating func add(_ code: [UInt8], _ scalar: Unicode.Scalar) {
        let meaning = (0..<4).map { UInt8(truncatingIfNeeded: scalar.value >> ($0 * 8)) }
        for byte in code + meaning { value = (value ^ UInt32(byte)) &* 16_777_619 }
        count += 1
    }
}

@Suite("Repertoires, PS3.3 §C.12.1.1.2") struct RepertoireTests {
    static func set(_ terms: String) -> SpecificCharacterSet { SpecificCharacterSet(stored: Array(terms.utf8)) }

    @Test(arguments: Repertoire.all)
    func `Table C.12-3, C.12-4: each code of a set means its character behind the set's escape`(set: Repertoire) {
        var found = MeaningHash()
        let extended = Self.set("\\ISO 2022 IR \(set.number)")
        for code in set.codes {
            let text = extended.decode([0x1B] + Array(set.escape.utf8) + code, vr: .LT).unicodeScalars
            guard text.count == 1, let scalar = text.first, scalar != "\u{FFFD}", scalar.value > 0x9F else { continue }
            found.add(code, scalar)
        }
        #expect(found.count == set.count)
        #expect(found.value == set.hash)
    }

    @Test(arguments: Repertoire.all.filter { !$0.isTwoByte })
    func `Table C.12-2: without code extension the right half needs no escape`(set: Repertoire) {
        var found = MeaningHash()
        for code in set.codes {
            guard let scalar = Self.set("ISO_IR \(set.number)").decode(code, vr: .LO).unicodeScalars.first,
                scalar != "\u{FFFD}"
            else { continue }
            found.add(code, scalar)
        }
        #expect(found.count == set.count)
        #expect(found.value == set.hash)
    }

    @Test(arguments: Repertoire.all)
    func `each character of a set is encoded with its escape, and read back`(set: Repertoire) throws {
        let extended = Self.set("\\ISO 2022 IR \(set.number)")
        let escape = [0x1B] + Array(set.escape.utf8)
        var all = ""
        for code in set.codes {
            let text = extended.decode(escape + code, vr: .LO)
            guard !text.unicodeScalars.contains("\u{FFFD}"), text.unicodeScalars.allSatisfy({ $0.value > 0x9F }) else {
                continue
            }
            let coded = try #require(extended.encode(text, vr: .LO))
            #expect(coded.starts(with: escape), "\(text)")
            #expect(extended.decode(coded, vr: .LO).unicodeScalars.elementsEqual(text.unicodeScalars))
            all.unicodeScalars.append(contentsOf: text.unicodeScalars)
        }
        let whole = try #require(extended.encode(all, vr: .LT))
        #expect(extended.decode(whole, vr: .LT).unicodeScalars.elementsEqual(all.unicodeScalars))
    }

    @Test func `ISO_IR 13: the left half is JIS X 0201 romaji, ESC ( J`() {
        for set in [Self.set("ISO_IR 13"), Self.set("ISO 2022 IR 13")] {
            for code in UInt8(0x20)..<0x7F where code != 0x5C && code != 0x7E {
                #expect(set.decode([code], vr: .LT) == String(Unicode.Scalar(code)))
                #expect(set.encode(String(Unicode.Scalar(code)), vr: .LT) == [code])
            }
        }
        #expect(Self.set("\\ISO 2022 IR 13").decode([0x1B, 0x28, 0x4A, 0x7E, 0x1B, 0x28, 0x42, 0x7E], vr: .LO) == "‾~")
    }

    /// Codes of GB18030 that moved out of the Private Use Area in its editions of 2005 and 2022.
    static let moved: Set<UInt16> = [
        0xA6D9, 0xA6DA, 0xA6DB, 0xA6DC, 0xA6DD, 0xA6DE, 0xA6DF, 0xA6EC, 0xA6ED, 0xA6F3, 0xA8BC, 0xFE51, 0xFE52, 0xFE53,
        0xFE59, 0xFE61, 0xFE66, 0xFE67, 0xFE6C, 0xFE6D, 0xFE76, 0xFE7E, 0xFE90, 0xFE91, 0xFEA0,
    ]

    @Test(arguments: [("GBK", 21_791, 0x7638_9B29), ("GB18030", 21_872, 0xC231_2F17)] as [(String, Int, UInt32)])
    func `Table C.12-5: GBK and GB18030, two bytes`(terms: String, count: Int, hash: UInt32) {
        var found = MeaningHash()
        let set = Self.set(terms)
        for lead in UInt8(0x81)...0xFE {
            for trail in UInt8(0x40)...0xFE where trail != 0x7F {
                let text = set.decode([lead, trail], vr: .LO).unicodeScalars
                guard text.count == 1, let scalar = text.first, scalar != "\u{FFFD}",
                    !(0xE000...0xF8FF).contains(scalar.value),
                    !Self.moved.contains(UInt16(lead) << 8 | UInt16(trail)) || terms == "GBK"
                else { continue }
                found.add([lead, trail], scalar)
            }
        }
        #expect(found.count == count)
        #expect(found.value == hash)
    }

    @Test(arguments: ["ISO_IR 192", "GB18030"])
    func `Table C.12-5: UTF-8 and GB18030 carry all of Unicode but private characters`(terms: String) throws {
        let set = Self.set(terms)
        var text = String.UnicodeScalarView()
        text.append(contentsOf: [0xA0...0xDFFF, 0xF900...0xFFFF].joined().compactMap { Unicode.Scalar(UInt32($0)) })
        text.append(
            contentsOf: stride(from: 0x10000, through: 0x10FFFF, by: 0x101).compactMap { Unicode.Scalar(UInt32($0)) })
        let coded = try #require(set.encode(String(text), vr: .UT))
        #expect(set.decode(coded, vr: .UT).unicodeScalars.elementsEqual(text))
    }
}
