// Fuzzy matching of names, where it was agreed on (PS3.4 §C.2.2.2.1.1): word by word, in any order, without case and accents.

import DICOM

/// A name key as words: each of them matches a word of the name, or its beginning.
package struct FuzzyNameKey: Hashable, Sendable {
    private let words: [TextPattern]

    /// From decoded text.
    init(_ text: String) {
        words = Self.words(of: text).filter { $0 != "*" }.map { TextPattern($0 + "*") }
    }

    /// Nothing is asked.
    var isEmpty: Bool { words.isEmpty }

    /// Whether all words are found within one component group.
    func matches(_ name: PersonName) -> Bool {
        name.groups.contains { group in
            let found = Self.words(of: group.text)
            return !found.isEmpty && words.allSatisfy { word in found.contains { word.matches($0) } }
        }
    }

    private static func words(of text: String) -> [String] {
        plainLetters(text).split { " ^=,-.'".contains($0) }.map { String($0) }
    }
}

/// Text without case and accents: each letter that is one with a mark is the letter, and marks of their own are left out.
func plainLetters(_ text: String) -> String {
    var plain = String.UnicodeScalarView()
    for scalar in foldedCaseKey(text).unicodeScalars {
        if scalar.isASCII {
            plain.append(scalar)
        } else if scalar.properties.generalCategory != .nonspacingMark {
            plain.append(letter(of: scalar) ?? scalar)
        }
    }
    return String(plain)
}

/// The Latin letter that a letter with marks is made of, by its Unicode name; nil where it isn't such a one.
private func letter(of scalar: Unicode.Scalar) -> Unicode.Scalar? {
    let start = "LATIN SMALL LETTER "
    guard let name = scalar.properties.name, name.hasPrefix(start) else { return nil }
    let rest = name.dropFirst(start.count)
    guard let first = rest.unicodeScalars.first, first.isASCII,
        rest.count == 1 || rest.dropFirst().hasPrefix(" WITH ") || rest == "O WITH STROKE"
    else { return nil }
    return foldedCase(first)
}
