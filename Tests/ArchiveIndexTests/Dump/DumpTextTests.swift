// Bytes in a dump: printable where they can be, never lost, always on their line.

import DICOM
import Support
import Testing

@testable import ArchiveIndex

@Suite("Bytes in a dump") struct DumpTextTests {
    static func text(_ bytes: [UInt8], _ surroundings: DumpText.Surroundings = .cell) -> String {
        var text: [UInt8] = []
        DumpText.append(bytes[...], in: surroundings, to: &text)
        return String(validating: text, as: UTF8.self) ?? "no UTF-8"
    }

    @Test(arguments: [
        ("SMITH^JOHN", "SMITH^JOHN"), ("a\tb\nc\rd\u{0}", "a%09b%0Ac%0Dd%00"), ("100%", "100%25"),
        ("Müller=山田", "Müller=山田"), ("\u{85}\u{2028}\u{202E}x", "%C2%85%E2%80%A8%E2%80%AEx"),
        ("CT\\MR \"a\"", "CT\\MR \"a\""), ("\u{7F}", "%7F"), ("", ""),
    ])
    func `printable UTF-8 stands for itself`(stored: String, shown: String) {
        #expect(Self.text(Array(stored.utf8)) == shown)
    }

    @Test(arguments: [
        ([0x4D, 0xFC, 0x6C], "M%FCl"), ([0xE2, 0x80], "%E2%80"), ([0xC0, 0x80], "%C0%80"),
        ([0xED, 0xA0, 0x80], "%ED%A0%80"), ([0xF5, 0x80, 0x80, 0x80], "%F5%80%80%80"), ([0x1B, 0x24, 0x42], "%1B$B"),
    ])
    func `what is no UTF-8 is given in hexadecimal`(stored: [UInt8], shown: String) {
        #expect(Self.text(stored) == shown)
    }

    @Test func `JSON and items get their own delimiters`() {
        #expect(Self.text(Array("a\"b\\c".utf8), .json) == "a\\\"b\\\\c")
        #expect(Self.text(Array("a;b={c}".utf8), .item) == "a%3Bb%3D%7Bc%7D")
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `any bytes come back`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<500 {
            let bytes = (0..<Int.random(in: 0..<40, using: &generator)).map { _ in
                Bool.random(using: &generator) ? UInt8.random(in: 0...255, using: &generator) : 0xE2
            }
            let text = Array(Self.text(bytes).utf8)
            #expect(!text.contains { $0 < 0x20 || $0 == 0x7F })
            #expect(DumpTrial.stored(text[...]) == bytes)
        }
    }

    @Test func `sequences are items in braces, numbers decimal`() {
        var item = DataSet()
        item.set(.requestedProcedureID, .SH, text: "R;12")
        var set = DataSet()
        set[.requestAttributesSequence] = DataElement(.requestAttributesSequence, .SQ, .items([item, DataSet()]))
        set[.rows] = DataElement(.rows, .US, .bytes([0x00, 0x02]))
        let series = HeldSets(of: set).series
        #expect(
            DumpText.cell(series)
                == .written(Array("{RequestAttributesSequence SQ={RequestedProcedureID SH=R%3B12}{}}".utf8)))
        let image = HeldSets(of: set).image
        #expect(DumpText.cell(image) == .written(Array("{Rows US=512}".utf8)))
        #expect(DumpText.cell(.US, [1]) == .bytes([1]))
    }

    @Test func `an empty value isn't a missing one, and isn't two quotation marks`() {
        let sheet = DumpSheet(["a", "b", "c", "d"], .table)
        var lines: [UInt8] = []
        sheet.append([.absent, .bytes([]), .text("\"\""), .number(5)], to: &lines)
        #expect(String(decoding: lines, as: UTF8.self) == "\t\"\"\t%22%22\t5\n")
        let json = DumpSheet(["a", "b", "c", "d"], .json)
        lines = []
        json.append([.absent, .bytes([]), .text("\"\""), .wide("5")], to: &lines)
        json.append([.absent, .absent, .absent, .absent], to: &lines)
        #expect(
            String(decoding: lines, as: UTF8.self) == #"{"b": "", "c": "\"\"", "d": "5"}"# + "\n{}\n")
    }
}
