// Names whatever their accents (PS3.4 §C.2.2.2.1.1), and that look-ups by their beginnings miss none.

import DICOM
import Foundation
import Support
import Testing

@testable import ArchiveIndex

@Suite("Names whatever their accents, PS3.4 §C.2.2.2.1.1") struct PlainLettersTests {
    static func matches(_ key: String, _ stored: String) throws -> Bool {
        var options = MatchingOptions()
        options.ignoresAccents = true
        return try Trial.matches(.PN, key, stored, options: options)
    }

    @Test(arguments: [
        ("MULLER*", "Müller^Jürgen"), ("müller*", "MULLER^JURGEN"), ("Muller", "Mu\u{308}ller"),
        ("M?ller", "Mu\u{308}ller"),
        ("garcon", "Garçon"), ("soren", "Søren"), ("lodz", "Łódź"), ("nguyen*", "NGUYỄN^VĂN"),
        ("παπαδοπουλος", "Παπαδόπουλος"),
        ("семенов", "Семёнов"), ("MUL*=*", "Müller=山田"), ("*len", "Jérôme^Hélèn"),
    ])
    func `letters match those with marks, either way`(key: String, stored: String) throws {
        #expect(try Self.matches(key, stored))
        #expect(try !Trial.matches(.PN, key, stored))
    }

    @Test(arguments: [
        ("MUELLER", "Müller"), ("MULLER", "Möller"), ("カ", "ガ"), ("홍", "호"), ("กา", "ก"), ("STRASSE", "Straße"),
    ])
    func `other letters are others`(key: String, stored: String) throws { #expect(try !Self.matches(key, stored)) }

    @Test func `text of another VR keeps its accents`() throws {
        var options = MatchingOptions()
        options.ignoresAccents = true
        #expect(try !Trial.matches(.LO, "Muller", "Müller", options: options))
    }

    @Test func `a letter with marks is what Unicode's decomposition begins with`() {
        var count = 0
        for value in [0xC0...0x24F, 0x370...0x52F, 0x1E00...0x1FFF].joined() {
            guard let scalar = Unicode.Scalar(UInt32(value)), foldedCase(scalar) == scalar else { continue }
            let plain = PlainLetter.of(scalar)
            #expect(PlainLetter.of(plain) == plain && PlainLetter.variants(of: plain).contains(scalar))
            let parts = String(scalar).decomposedStringWithCanonicalMapping.unicodeScalars
            guard parts.count > 1, parts.dropFirst().allSatisfy({ PlainLetter.isMark($0) || $0.value == 0x345 }),
                let first = parts.first, first.properties.isAlphabetic, scalar.properties.isLowercase
            else { continue }
            #expect(plain == PlainLetter.of(foldedCase(first)), "\(scalar)")
            count += 1
        }
        #expect(count > 400)
    }

    /// Spellings of a few names, with marks of both kinds, and other scripts between them.
    static func spelling(_ generator: inout SeededGenerator) -> String {
        let letters = [
            "a", "á", "ä", "a\u{301}", "b", "m", "u", "ü", "u\u{308}", "\u{301}", "^", "з", "é", "e", "ё", "е", "山",
            "ü\u{308}\u{301}", "z", "~", "ガ", "ắ",
        ]
        return (0..<Int.random(in: 0...5, using: &generator)).map { _ in letters.randomElement(using: &generator)! }
            .joined()
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `leaping through sorted names finds all that begin so, and leaps ahead only`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let names = Set((0..<400).map { _ in coarseFold(Self.spelling(&generator)) }).sorted {
            $0.lexicographicallyPrecedes($1)
        }
        for _ in 0..<60 {
            let wanted = plainLetters(Self.spelling(&generator))
            guard !wanted.isEmpty else { continue }
            let prefix = PlainPrefix(wanted)
            func begins(_ text: [UInt8]) -> Bool {
                Array(plainLetters(String(decoding: text, as: UTF8.self)).utf8).starts(with: Array(wanted.utf8))
            }
            var found: [[UInt8]] = []
            var next: [UInt8] = []
            var asked = 0
            search: for name in names where !name.lexicographicallyPrecedes(next) {
                asked += 1
                switch prefix.judge(name) {
                case .begins(let byteCount):
                    found.append(name)
                    let spelt = plainLetters(String(decoding: name.prefix(byteCount), as: UTF8.self))
                    #expect(spelt.unicodeScalars.elementsEqual(wanted.unicodeScalars), "seed \(seed)")
                case .leap(let target):
                    #expect(name.lexicographicallyPrecedes(target), "seed \(seed) \(wanted) \(name)")
                    next = target
                case .over: break search
                }
            }
            #expect(found == names.filter(begins), "seed \(seed) \(wanted)")
            #expect(asked <= names.count)
        }
    }

    @Test func `a beginning is looked up among many names without reading them`() throws {
        let families = ["Müller", "Muller", "MU\u{308}LLER", "Mul", "Mullen", "Nagy", "山田", "Łukasz"]
        let dataSets = (0..<families.count).map { number in
            Shelf.instance(study: number).with(.patientName, families[number] + "^A")
        }
        let shelf = Shelf(dataSets)
        var options = MatchingOptions()
        options.ignoresAccents = true
        for (key, studies) in [
            ("mull*", [0, 1, 2, 4]), ("müllér*", [0, 1, 2]), ("L*", [7]), ("山*", [6]), ("*ULL*", [0, 1, 2, 4]),
            ("n*", [5]),
        ] {
            for runs in 1...3 {
                let found = try shelf.matches(.keys("STUDY", [.patientName: key]), options: options, runs: runs)
                #expect(found == studies.map { "1.2.\($0)" }, "\(key)")
            }
        }
        let snapshot = try shelf.snapshot(runs: 2)
        #expect(try snapshot.estimate(of: .nameLetters(PlainPrefix("muller"))) == 3)
        #expect(try snapshot.estimate(of: .nameLetters(PlainPrefix("x"))) == 0)
    }
}
