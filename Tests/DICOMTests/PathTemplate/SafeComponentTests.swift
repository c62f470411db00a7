// Any text as one safe component of a path (T1).

import DICOM
import Support
import Testing

@Suite("Safe path components, T1") struct SafeComponentTests {
    private func name(_ text: String) -> String { String(decoding: SafeComponent(text).bytes, as: UTF8.self) }

    @Test(arguments: [
        ("1.2.840.10008.1", "1.2.840.10008.1"), ("Müller^Jörg=山田", "Müller^Jörg=山田"), ("a b.c-d_e+f", "a b.c-d_e+f"),
        ("", "_"), ("_", "%5F"), ("__", "__"), (".", "%2E"), ("..", "%2E%2E"), ("...", "%2E.%2E"),
        (".incoming", "%2Eincoming"), ("../../etc", "%2E.%2F..%2Fetc"), ("/etc/x", "%2Fetc%2Fx"), ("a\\b", "a%5Cb"),
        ("100%", "100%25"), ("%2E", "%252E"), (" a ", "%20a%20"), (" ", "%20"), ("a.", "a%2E"),
        ("a:b*c?d\"e<f>g|h", "a%3Ab%2Ac%3Fd%22e%3Cf%3Eg%7Ch"), ("a\0b\u{1}\n\u{7F}\u{85}", "a%00b%01%0A%7F%C2%85"),
        ("a\u{202E}b\u{200B}\u{FEFF}", "a%E2%80%AEb%E2%80%8B%EF%BB%BF"), ("a\u{A0}b\u{2028}", "a%C2%A0b%E2%80%A8"),
        ("\u{3164}\u{E0041}", "%E3%85%A4%F3%A0%81%81"),
    ])
    func `encodes what is unsafe, and only that`(text: String, expected: String) {
        #expect(name(text) == expected)
    }

    @Test func `keeps 200 bytes, and cuts beyond at a character`() {
        let full = String(repeating: "x", count: 200)
        #expect(name(full) == full)
        #expect(name(full + "x") == String(repeating: "x", count: 183) + "~" + "3631500D06F3BBA7")
        // Two bytes each: 183 is in the middle of one.
        let long = name(String(repeating: "é", count: 101))
        #expect(long.hasPrefix(String(repeating: "é", count: 91) + "~") && long.utf8.count == 182 + 17)
        // Never in the middle of %XX.
        let slashes = name(String(repeating: "/", count: 67))
        #expect(slashes.hasPrefix(String(repeating: "%2F", count: 61) + "~"))
        #expect(name(String(repeating: "/", count: 66)).utf8.count == 198)
    }

    @Test func `what looks like a cut name isn't one`() {
        let cut = name(String(repeating: "x", count: 201))
        #expect(name(cut) != cut && name(cut).utf8.count <= SafeComponent.maximumBytes)
        #expect(
            name("a~0123456789ABCDEF") == "a%7E0123456789ABCDEF" && name("a~0123456789ABCDE") == "a~0123456789ABCDE")
        #expect(name("a~0123456789abcdef") == "a~0123456789abcdef")
    }

    /// Pieces of which hostile values are made.
    private static let pieces = [
        ".", "..", "/", "../", "/etc/passwd", "\\", "\0", "%", "%2F", "%00", "~", "~0123456789ABCDEF", " ", "_",
        ".incoming", "con", "a", "Z", "9", "é", "e\u{301}", "山", "😀", "\u{202E}", "\u{200D}", "\u{FEFF}", "\u{FFFD}",
        "\u{A0}", "\n", "\u{7F}", "\u{9B}", ":", "*", "?", "\"", "<", ">", "|", "1.2.840.", "{PatientID}", "$(x)",
        "`x`",
    ]

    @Test func `T1 10,000 hostile values are each one safe name of their own`() {
        var generator = SeededGenerator.fresh()
        var owners: [[UInt8]: [UInt8]] = [:]
        for round in 0..<10_000 {
            // Short ones mostly, so that near-equal ones meet; every eighth long, every fourth of any bytes.
            let count = Int.random(in: 0...(round % 8 == 0 ? 150 : 5), using: &generator)
            var text = ""
            for _ in 0..<count { text += Self.pieces.randomElement(using: &generator) ?? "" }
            if round % 4 == 0 { text += String(decoding: generator.bytes(Int(generator.next() % 12)), as: UTF8.self) }
            let bytes = SafeComponent(text).bytes
            let shown = "\(generator): \(Array(text.utf8))"
            #expect((1...SafeComponent.maximumBytes).contains(bytes.count), "\(shown)")
            #expect(bytes.first != 0x2E && bytes.first != 0x20 && bytes.last != 0x2E && bytes.last != 0x20, "\(shown)")
            #expect(!bytes.contains { $0 < 0x20 || $0 == 0x7F || Array("/\\:*?\"<>|".utf8).contains($0) }, "\(shown)")
            guard let name = String(validating: bytes, as: UTF8.self) else {
                Issue.record("not UTF-8: \(shown)")
                continue
            }
            let isVisible = name.unicodeScalars.allSatisfy {
                ![.control, .format].contains($0.properties.generalCategory)
                    && ($0 == " " || !$0.properties.isWhitespace)
            }
            #expect(isVisible, "\(shown)")
            let owner = owners.updateValue(Array(text.utf8), forKey: bytes)
            #expect(owner == nil || owner == Array(text.utf8), "two values, one name: \(shown)")
            if let decoded = decoded(bytes) { #expect(decoded == Array(text.utf8), "\(shown)") }
        }
    }

    /// The text of a name that wasn't cut; nil for those that were.
    private func decoded(_ name: [UInt8]) -> [UInt8]? {
        if name == [0x5F] { return [] }
        let tail = name.suffix(17)
        if tail.count == 17, tail.first == UInt8(ascii: "~"),
            tail.dropFirst().allSatisfy({ Array("0123456789ABCDEF".utf8).contains($0) })
        {
            return nil
        }
        var text: [UInt8] = []
        var index = 0
        while index < name.count {
            if name[index] == UInt8(ascii: "%") {
                text.append(UInt8(String(decoding: name[(index + 1)...(index + 2)], as: UTF8.self), radix: 16) ?? 0)
                index += 3
            } else {
                text.append(name[index])
                index += 1
            }
        }
        return text
    }
}
