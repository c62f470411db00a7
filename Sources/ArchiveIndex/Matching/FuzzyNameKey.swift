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
