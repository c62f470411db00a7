// Letters without case and accents, for names that are to match whatever their accents (PS3.4 §C.2.2.2.1.1), and for fuzzy ones.

import DICOM

/// Text without case and accents: of the Latin, Greek and Cyrillic alphabets each letter with marks is the letter (`é`, `ø`, `ά`,
/// `ё`), and combining marks are left out. Other scripts stay as they are: their marks make other words. O(n).
func plainLetters(_ text: String) -> String {
    let folded = foldedCaseKey(text)
    if folded.utf8.allSatisfy({ $0 < 0x80 }) { return folded }
    var plain = String.UnicodeScalarView()
    for scalar in folded.unicodeScalars where !PlainLetter.isMark(scalar) { plain.append(PlainLetter.of(scalar)) }
    return String(plain)
}

/// Which letter a folded letter with marks is.
enum PlainLetter {
    /// The combining marks of those alphabets.
    static let firstMark: Unicode.Scalar = "\u{300}"
    static let lastMark: Unicode.Scalar = "\u{36F}"

    static func isMark(_ scalar: Unicode.Scalar) -> Bool { scalar >= firstMark && scalar <= lastMark }

    /// The letter of a scalar whose case is folded; the scalar itself where it has no marks. O(1).
    static func of(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        scalar < firstLetter || scalar > lastLetter ? scalar : letters[scalar] ?? scalar
    }

    /// The folded scalars that are `letter`, itself among them, ascending.
    static func variants(of letter: Unicode.Scalar) -> [Unicode.Scalar] { all[letter] ?? [letter] }

    private static let firstLetter: Unicode.Scalar = "\u{C0}"
    private static let lastLetter: Unicode.Scalar = "\u{1FFF}"
    private static let blocks: [ClosedRange<UInt32>] = [
        0x61...0x7A, 0xC0...0x2AF, 0x370...0x3FF, 0x400...0x52F, 0x1E00...0x1EFF, 0x1F00...0x1FFF,
    ]
    private static let alphabets = ["LATIN SMALL LETTER ", "GREEK SMALL LETTER ", "CYRILLIC SMALL LETTER "]
    /// Cyrillic letters with marks whose names don't say so.
    private static let named: [Unicode.Scalar: Unicode.Scalar] = [
        "ё": "е", "й": "и", "ї": "і", "ў": "у", "ѓ": "г", "ќ": "к",
    ]

    /// By Unicode's names: LATIN SMALL LETTER E WITH ACUTE is LATIN SMALL LETTER E.
    private static let letters: [Unicode.Scalar: Unicode.Scalar] = {
        var byName: [String: Unicode.Scalar] = [:]
        for value in blocks.joined() {
            guard let scalar = Unicode.Scalar(value), let name = scalar.properties.name else { continue }
            byName[name] = scalar
        }
        var letters = named
        for (name, scalar) in byName where foldedCase(scalar) == scalar && letters[scalar] == nil {
            guard alphabets.contains(where: name.hasPrefix) else { continue }
            // The words before the first WITH.
            let words = name.split(separator: " ").prefix { $0 != "WITH" }
            let plain = words.joined(separator: " ")
            if plain != name, let letter = byName[plain] { letters[scalar] = foldedCase(letter) }
        }
        // SHORT I WITH TAIL is SHORT I, which is I.
        return letters.mapValues { letters[$0] ?? $0 }
    }()

    private static let all: [Unicode.Scalar: [Unicode.Scalar]] = {
        var all: [Unicode.Scalar: [Unicode.Scalar]] = [:]
        for (scalar, letter) in letters { all[letter, default: [letter]].append(scalar) }
        return all.mapValues { $0.sorted() }
    }()
}
