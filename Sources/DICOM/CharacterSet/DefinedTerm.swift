// The defined terms of Specific Character Set (0008,0005), PS3.3 §C.12.1.1.2, and how they are really written.

/// A defined term, without the difference between its forms with and without code extension.
enum DefinedTerm: Hashable, Sendable {
    /// `ISO_IR n` or `ISO 2022 IR n`, n a registration the standard knows.
    case registered(Int)
    case utf8, gb18030, gbk

    /// Reads one value of (0008,0005) without padding. Case and the choice among space, `_` and `-` don't count, as
    /// files have `ISO IR 100`, `ISO-IR-192` and `ISO2022 IR 87` as well; and some have the name that programs give the set
    /// instead, such as `latin1`, `ISO-8859-5` and `utf8`. Nil when it is none of the terms.
    init?(_ value: some Sequence<UInt8>) {
        let letters = String(
            decoding: value.filter { $0 != 0x20 && $0 != 0x5F && $0 != 0x2D }.map {
                (0x61...0x7A).contains($0) ? $0 - 0x20 : $0
            }, as: UTF8.self)
        switch letters {
        case "GB18030": self = .gb18030
        // GB 2312 with the high bits set, as programs have it, is a part of GBK.
        case "GBK", "GB2312", "EUCCN": self = .gbk
        case "ISOIR192", "ISO2022IR192", "UTF8": self = .utf8
        default:
            let digits =
                letters.hasPrefix("ISOIR")
                ? letters.dropFirst(5) : letters.hasPrefix("ISO2022IR") ? letters.dropFirst(9) : ""
            guard let number = Self.programNames[letters] ?? Int(digits), Self.sets(of: number) != nil else {
                return nil
            }
            self = .registered(number)
        }
    }

    /// Registrations by the names of programs.
    private static let programNames: [String: Int] = [
        "ASCII": 6, "USASCII": 6, "LATIN1": 100, "LATIN2": 101, "LATIN3": 109, "LATIN4": 110, "LATIN5": 148,
        "LATIN9": 203,
        "ISO88591": 100, "ISO88592": 101, "ISO88593": 109, "ISO88594": 110, "ISO88595": 144, "ISO88596": 127,
        "ISO88597": 126, "ISO88598": 138, "ISO88599": 148, "ISO885915": 203, "TIS620": 166,
    ]

    /// The sets that registration `number` brings to G0 and G1; nil when the standard doesn't know it.
    static func sets(of number: Int) -> (left: GraphicSet?, right: GraphicSet?)? {
        switch number {
        case 6: (.ascii, nil)
        case 13: (.romaji, .katakana)
        case 58: (nil, .chinese)
        case 87: (.kanji, nil)
        case 100: (nil, .latin1)
        case 101: (nil, .latin2)
        case 109: (nil, .latin3)
        case 110: (nil, .latin4)
        case 126: (nil, .greek)
        case 127: (nil, .arabic)
        case 138: (nil, .hebrew)
        case 144: (nil, .cyrillic)
        case 148: (nil, .latin5)
        case 149: (nil, .hangul)
        case 159: (.supplementaryKanji, nil)
        case 166: (nil, .thai)
        case 203: (nil, .latin9)
        default: nil
        }
    }

    /// The registrations the standard knows.
    static let registrations = [6, 13, 58, 87, 100, 101, 109, 110, 126, 127, 138, 144, 148, 149, 159, 166, 203]

    /// Two-byte sets exist only with code extension.
    var needsExtension: Bool {
        guard case .registered(let number) = self else { return false }
        return [58, 87, 149, 159].contains(number)
    }

    /// The term as the standard writes it.
    func text(withExtension: Bool) -> String {
        switch self {
        case .registered(let number): withExtension ? "ISO 2022 IR \(number)" : "ISO_IR \(number)"
        case .utf8: "ISO_IR 192"
        case .gb18030: "GB18030"
        case .gbk: "GBK"
        }
    }
}
