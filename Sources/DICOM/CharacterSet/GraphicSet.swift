// The graphic character sets of PS3.3 §C.12.1.1.2: their half, their escape sequence, their codes.

/// A graphic character set that a defined term of Specific Character Set brings in, ISO 646 and the two halves of
/// JIS X 0201 apart. The raw value counts on and is stored nowhere.
enum GraphicSet: UInt8, CaseIterable, Sendable {
    /// ISO 646, ISO-IR 6.
    case ascii
    /// JIS X 0201 romaji, ISO-IR 14, and katakana, ISO-IR 13.
    case romaji, katakana
    /// The right halves of ISO 8859-1, -2, -3, -4, -5, -6, -7, -8, -9, -15, and TIS 620.
    case latin1, latin2, latin3, latin4, cyrillic, arabic, greek, hebrew, latin5, latin9, thai
    /// JIS X 0208, JIS X 0212, KS X 1001, GB 2312: 94 × 94 characters, two bytes each.
    case kanji, supplementaryKanji, hangul, chinese

    /// Two bytes a character.
    var isTwoByte: Bool { rawValue >= GraphicSet.kanji.rawValue }

    /// DICOM designates it to G1, so that its bytes have the high bit; else to G0 (PS3.3 Tables C.12-3 and C.12-4).
    var isRight: Bool {
        switch self {
        case .ascii, .romaji, .kanji, .supplementaryKanji: false
        default: true
        }
    }

    /// The escape sequence that designates it, without the ESC.
    var designation: [UInt8] {
        switch self {
        case .ascii: Array("(B".utf8)
        case .romaji: Array("(J".utf8)
        case .katakana: Array(")I".utf8)
        case .latin1: Array("-A".utf8)
        case .latin2: Array("-B".utf8)
        case .latin3: Array("-C".utf8)
        case .latin4: Array("-D".utf8)
        case .cyrillic: Array("-L".utf8)
        case .arabic: Array("-G".utf8)
        case .greek: Array("-F".utf8)
        case .hebrew: Array("-H".utf8)
        case .latin5: Array("-M".utf8)
        case .latin9: Array("-b".utf8)
        case .thai: Array("-T".utf8)
        case .kanji: Array("$B".utf8)
        case .supplementaryKanji: Array("$(D".utf8)
        case .hangul: Array("$)C".utf8)
        case .chinese: Array("$)A".utf8)
        }
    }

    /// What its codes mean; nil for ISO 646, which needs no table. The first use of each builds it.
    ///
    /// A table's index is the code's offset: code − A0H of a one-byte set, 94 × (row − 1) + cell − 1 of a two-byte set.
    var table: CodeTable? {
        switch self {
        case .ascii: nil
        case .romaji: Tables.romaji
        case .katakana: Tables.katakana
        case .latin1: Tables.latin1
        case .latin2: Tables.latin2
        case .latin3: Tables.latin3
        case .latin4: Tables.latin4
        case .cyrillic: Tables.cyrillic
        case .arabic: Tables.arabic
        case .greek: Tables.greek
        case .hebrew: Tables.hebrew
        case .latin5: Tables.latin5
        case .latin9: Tables.latin9
        case .thai: Tables.thai
        case .kanji: Tables.kanji
        case .supplementaryKanji: Tables.supplementaryKanji
        case .hangul: Tables.hangul
        case .chinese: Tables.chinese
        }
    }

    /// The character of a one-byte code, whichever half it came in; nil when there is none.
    func scalar(_ byte: UInt8) -> Unicode.Scalar? {
        let code = byte & 0x7F
        guard code >= 0x20 else { return nil }
        guard let table else { return Unicode.Scalar(code) }
        return table.scalar(at: Int(code) - 0x20)
    }

    /// The character of a two-byte code, whichever half it came in; nil when there is none.
    func scalar(_ first: UInt8, _ second: UInt8) -> Unicode.Scalar? {
        let row = Int(first & 0x7F) - 0x21
        let cell = Int(second & 0x7F) - 0x21
        guard (0..<94).contains(row), (0..<94).contains(cell) else { return nil }
        return table?.scalar(at: row * 94 + cell)
    }

    /// Appends the code of `scalar` in the half DICOM uses for this set; false when the set doesn't have it.
    func append(_ scalar: Unicode.Scalar, to bytes: inout [UInt8]) -> Bool {
        let high: UInt8 = isRight ? 0x80 : 0
        guard let table else {
            guard (0x20...0x7F).contains(scalar.value) else { return false }
            bytes.append(UInt8(scalar.value))
            return true
        }
        guard let index = table.index(of: scalar) else { return false }
        if isTwoByte {
            bytes.append(UInt8(index / 94 + 0x21) | high)
            bytes.append(UInt8(index % 94 + 0x21) | high)
        } else {
            bytes.append(UInt8(index + 0x20) | high)
        }
        return true
    }
}

/// The tables, each built at its first use.
private enum Tables {
    /// JIS X 0201: ISO 646 but for the yen sign and the overline.
    static let romaji = CodeTable(
        (0..<96).map { offset in
            switch offset + 0x20 {
            case 0x5C: 0xA5
            case 0x7E: 0x203E
            default: UInt32(offset + 0x20)
            }
        })
    /// JIS X 0201: A1H–DFH are the half-width katakana in Unicode's order.
    static let katakana = CodeTable((0..<96).map { (1...63).contains($0) ? 0xFF60 + UInt32($0) : 0 })
    static let latin1 = CodeTable((0..<96).map { 0xA0 + UInt32($0) })
    static let latin2 = rightHalf("ISO-8859-2")
    static let latin3 = rightHalf("ISO-8859-3")
    static let latin4 = rightHalf("ISO-8859-4")
    static let cyrillic = rightHalf("ISO-8859-5")
    static let arabic = rightHalf("ISO-8859-6")
    static let greek = rightHalf("ISO-8859-7")
    static let hebrew = rightHalf("ISO-8859-8")
    static let latin5 = rightHalf("ISO-8859-9")
    static let latin9 = rightHalf("ISO-8859-15")
    static let thai = rightHalf("TIS-620")
    static let kanji = square("EUC-JP")
    static let supplementaryKanji = square("EUC-JP", after: [0x8F])
    static let hangul = square("EUC-KR")
    static let chinese = square("EUC-CN")

    private static func rightHalf(_ converter: String) -> CodeTable {
        CodeTable(converter: converter, count: 96) { [UInt8($0 + 0xA0)] }
    }

    private static func square(_ converter: String, after prefix: [UInt8] = []) -> CodeTable {
        CodeTable(converter: converter, count: 94 * 94) { prefix + [UInt8($0 / 94 + 0xA1), UInt8($0 % 94 + 0xA1)] }
    }
}
