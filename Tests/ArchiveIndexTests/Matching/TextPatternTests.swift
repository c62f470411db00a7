// Wildcard patterns over characters (PS3.4 §C.2.2.2.4): golden cases, and random ones against the definition itself.

import DICOM
import Support
import Testing

@testable import ArchiveIndex

@Suite("Wildcard patterns, PS3.4 §C.2.2.2.4") struct TextPatternTests {
    @Test(arguments: [
        ("*", ""), ("*", "A"), ("A*", "A"), ("A*", "AB"), ("*A", "A"), ("*A", "BA"), ("A*B", "AB"), ("A*B", "AXXB"),
        ("*A*", "A"), ("*A*", "XAX"), ("A**B", "AB"), ("***", ""), ("A*B*C", "ABBCXBC"),
    ])
    func `a star is any run of characters, the empty one included`(pattern: String, text: String) {
        #expect(TextPattern(pattern).matches(text))
    }

    @Test(arguments: [("A*", "BA"), ("*A", "AB"), ("A*B", "AX"), ("*A*", ""), ("A*B*C", "ACB"), ("*AB", "ABA")])
    func `a star doesn't replace what stands beside it`(pattern: String, text: String) {
        #expect(!TextPattern(pattern).matches(text))
    }

    @Test(arguments: [("?", "A"), ("A?C", "ABC"), ("???", "ABC"), ("?*", "A"), ("*?", "ABC"), ("?*?", "AB")])
    func `a question mark is one character`(pattern: String, text: String) {
        #expect(TextPattern(pattern).matches(text))
    }

    @Test(arguments: [("?", ""), ("?", "AB"), ("A?", "A"), ("??", "A"), ("?*?", "A"), ("A?C", "AC")])
    func `a question mark is neither none nor two characters`(pattern: String, text: String) {
        #expect(!TextPattern(pattern).matches(text))
    }

    @Test(arguments: ["ü", "я", "山", "한", "𠮷", "é", "ﾔ"])
    func `a question mark is one character however many bytes it takes`(character: String) {
        #expect(TextPattern("A?B").matches("A\(character)B"))
        #expect(!TextPattern("A??B").matches("A\(character)B"))
    }

    @Test func `characters are compared as scalars: a composed letter is not its parts`() {
        #expect(!TextPattern("\u{E9}").matches("e\u{301}"))
        #expect(TextPattern("??").matches("e\u{301}"))
        // One Character to Swift, two to DICOM.
        #expect(TextPattern("\r\n").matches("\r\n"))
        #expect(TextPattern("?\n").matches("\r\n"))
        #expect(TextPattern("A*").matches("A\u{301}"))
    }

    @Test(arguments: ["a_c", "a%c", "a.c", "a[b]c", "a\\c", "a^c", "a$", "(a)", "a+"])
    func `nothing but star and question mark is special`(text: String) {
        #expect(TextPattern(text).matches(text))
        #expect(!TextPattern(text).matches("abc"))
        #expect(!TextPattern(text).hasWildcards)
    }

    @Test func `without wildcards all of the text must be the same, case included`() {
        #expect(TextPattern("ABC").matches("ABC"))
        for other in ["abc", "AB", "ABCD", "XABC", "", " ABC"] { #expect(!TextPattern("ABC").matches(other)) }
        #expect(TextPattern("").matches(""))
        #expect(!TextPattern("").matches("A"))
    }

    @Test func `the prefix is what every match begins with`() {
        #expect(TextPattern("AB*C").prefix == "AB")
        #expect(TextPattern("AB?C").prefix == "AB")
        #expect(TextPattern("*AB").prefix.isEmpty)
        #expect(TextPattern("Müller^*").prefix == "Müller^")
        #expect(TextPattern("ABC").prefix == "ABC")
    }

    @Test func `a pattern of many stars doesn't take for ever`() {
        // Exponential for a matcher that tries every star again.
        let text = String(repeating: "a", count: 20_000)
        #expect(!TextPattern(String(repeating: "a*", count: 100) + "b").matches(text))
        #expect(TextPattern(String(repeating: "*a", count: 100) + "*").matches(text))
    }

    /// The definition: what is left of the pattern matches what is left of the text.
    static func defined(_ pattern: ArraySlice<Unicode.Scalar>, _ text: ArraySlice<Unicode.Scalar>) -> Bool {
        guard let first = pattern.first else { return text.isEmpty }
        if first == "*" {
            return (text.startIndex...text.endIndex).contains { defined(pattern.dropFirst(), text[$0...]) }
        }
        guard let character = text.first else { return false }
        return (first == "?" || first == character) && defined(pattern.dropFirst(), text.dropFirst())
    }

    @Test func `random patterns match what the definition matches`() {
        var generator = SeededGenerator.fresh()
        func random(_ characters: [Character], _ maximum: Int) -> String {
            String(
                (0..<Int.random(in: 0...maximum, using: &generator)).map { _ in
                    characters.randomElement(using: &generator) ?? "A"
                })
        }
        for _ in 0..<4_000 {
            let pattern = random(["*", "?", "A", "B", "ü"], 7)
            let text = random(["A", "B", "ü"], 8)
            let expected = Self.defined(Array(pattern.unicodeScalars)[...], Array(text.unicodeScalars)[...])
            #expect(TextPattern(pattern).matches(text) == expected, "\(pattern) on \(text), \(generator)")
        }
    }
}
