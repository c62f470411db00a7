// Random bytes and random text in every set: nothing traps, and what was encoded is read back.

import DICOM
import Testing

/// SplitMix64: the same numbers from the same seed.
struct TextGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

@Suite("random text in every character set") struct TextFuzzTests {
    static let terms = [
        "", "ISO_IR 13", "ISO_IR 100", "ISO_IR 101", "ISO_IR 109", "ISO_IR 110", "ISO_IR 126", "ISO_IR 127",
        "ISO_IR 138",
        "ISO_IR 144", "ISO_IR 148", "ISO_IR 166", "ISO_IR 203", "ISO_IR 192", "GB18030", "GBK", "\\ISO 2022 IR 149",
        "\\ISO 2022 IR 58", "\\ISO 2022 IR 87\\ISO 2022 IR 159", "ISO 2022 IR 13\\ISO 2022 IR 87",
        "ISO 2022 IR 100\\ISO 2022 IR 144\\ISO 2022 IR 126\\ISO 2022 IR 87\\ISO 2022 IR 149", "nonsense",
    ]
    /// Bytes that matter, so that random text meets escapes and delimiters.
    static let frequent: [UInt8] = [0x1B, 0x24, 0x28, 0x29, 0x2D, 0x42, 0x43, 0x4A, 0x5C, 0x5E, 0x3D, 0x0D, 0x20, 0x81]

    @Test(arguments: terms) func `random bytes never trap, and read back as they were read`(term: String) {
        let set = SpecificCharacterSet(stored: Array(term.utf8))
        var generator = TextGenerator(state: 20_260_101)
        for _ in 0..<300 {
            let bytes = (0..<Int.random(in: 0...40, using: &generator)).map { _ in
                Bool.random(using: &generator)
                    ? Self.frequent.randomElement(using: &generator)! : UInt8.random(in: 0...255, using: &generator)
            }
            for vr in [VR.LO, .PN, .LT, .CS, .UN, .OB] {
                let text = set.decode(bytes, vr: vr)
                #expect(set.decodeValues(bytes, vr: vr).count <= bytes.count + 1)
                guard vr.usesSpecificCharacterSet, let encoded = set.encode(text, vr: vr) else { continue }
                #expect(Array(set.decode(encoded, vr: vr).utf8) == Array(text.utf8), "\(bytes) as \(vr)")
                #expect(encoded.count <= 12 * (text.unicodeScalars.count + 1))
            }
            _ = PersonName(set.decode(bytes, vr: .PN)).folded
        }
    }

    @Test func `every character a set has is read back`() {
        for term in Self.terms where term != "nonsense" {
            let set = SpecificCharacterSet(stored: Array(term.utf8))
            let scalars = (0xA0..<0x3000).compactMap(Unicode.Scalar.init(_:)) + "山田太郎洪吉洞张小东丂홍길동".unicodeScalars
            var text = String.UnicodeScalarView()
            for scalar in scalars where set.encode(String(scalar), vr: .LO) != nil { text.append(scalar) }
            let whole = String(text)
            #expect(
                set.encode(whole, vr: .LO).map { Array(set.decode($0, vr: .LO).utf8) } == Array(whole.utf8), "\(term)")
        }
    }
}
