import Support
import Testing

@testable import ArchiveIndex

@Suite("Texts of a page, FORMAT.md") struct TextColumnTests {
    private static func texts(_ texts: [String]) -> [[UInt8]] { texts.map { Array($0.utf8) } }

    /// The first byte of a column.
    private static func form(_ texts: [[UInt8]]) throws -> UInt8? {
        let written = try PageTrial.write(texts)
        #expect(written.read == texts)
        return written.column.first
    }

    @Test func `golden: nothing, one text, counted texts`() throws {
        #expect(try PageTrial.write(Self.texts(["", "", ""])).column == [])
        #expect(try PageTrial.write(Self.texts(["ab", "ab"])).column == [0, 0x61, 0x62])
        // "I", ".d", 2 digits, numbers: base 8, slope 1 would cost more than 2 bits a row.
        #expect(
            try PageTrial.write(Self.texts(["I08.d", "I09.d", "I10.d"])).column
                == [2, 1, 0x49, 2, 0x2E, 0x64, 2, 0x02, 0x10, 0b10_01_00])
    }

    @Test func `golden: what differs from the neighbour`() throws {
        // Prefixes 0, 1; suffixes 0, 1; middles of 3 and 2 bytes; the one group begins at 0.
        #expect(
            try PageTrial.write(Self.texts(["abc", "axyc"])).column
                == [1, 0x01, 0, 0b10, 0x01, 0, 0b10, 0x01, 4, 0b01, 0x00, 0] + Array("abcxy".utf8))
    }

    @Test func `golden: a list`() throws {
        var texts: [String] = []
        for index in 0..<16 { texts.append(["CT ABDOMEN", "MR HEAD"][index & 1]) }
        let column = try PageTrial.write(Self.texts(texts)).column
        // Two texts; numbers of one bit from 0 on; then the texts, ascending.
        #expect(column.prefix(6) == [3, 2, 0x01, 0, 0b1010_1010, 0b1010_1010])
        #expect(column.suffix(17) == Array("CT ABDOMENMR HEAD".utf8)[...])
    }

    @Test(arguments: [
        (0...299).map { "IM\($0).dcm" }, (995...1_005).map { "IM\($0)" }, (0...40).map { "\($0)" },
        (0...40).map { "1.2.\($0).3" }, ["7", "0", "12"], ["000", "999", "123"], ["00", "01", "02"],
        ["a000000000000000001", "a999999999999999999"], ["9/x5", "10/x5", "11/x5"],
    ])
    func `counted texts come back`(texts: [String]) throws {
        for part in [texts.prefix(256), texts.suffix(256)] {
            #expect(try Self.form(Self.texts(Array(part))) == 2)
        }
    }

    @Test(arguments: [
        // Of two widths, and not as numbers are written.
        ["00", "1"], ["01", "002"], ["x0", "x", "x1"],
        // More digits than a number has room for.
        ["0000000000000000000", "0000000000000000001"], ["9999999999999999999", "1"],
        // What begins and ends them runs into each other.
        ["aa", "aaa", "aaaa"], ["ab", "a1b"], ["1a1", "1a11a1"], ["", "a"], ["a", ""], ["", "5"],
        ["12", "1²", "13"],
    ])
    func `texts that are no numbers come back`(texts: [String]) throws {
        #expect(try Self.form(Self.texts(texts)) == 1)
    }

    @Test func `digits around the number are kept apart from it`() throws {
        for texts in [
            ["a1b", "a11b", "a111b"], ["1a1", "1a2"], ["10", "11", "12"], ["x10y9", "x11y9"], ["5", "55"],
        ] {
            _ = try Self.form(Self.texts(texts))
        }
    }

    @Test func `what recurs is listed once, empty texts among them`() throws {
        var generator = SeededGenerator(seed: 5)
        let few = Self.texts(["", "AXIAL ABDOMEN WITH CONTRAST", "LOCALIZER", "CORONAL THORAX", "\u{0}\u{0}"])
        for count in [40, 255, 256] {
            let texts = (0..<count).map { _ in few.randomElement(using: &generator)! }
            #expect(try Self.form(texts) == 3)
        }
    }

    @Test func `long texts, and one alone, come back`() throws {
        var generator = SeededGenerator(seed: 6)
        let long = generator.bytes(70_000)
        for texts in [
            [long], [[]], [[0]], [long, []], [[], long], [long, long + [0]], [long, Array(long.reversed())],
        ] {
            #expect(try PageTrial.write(texts).read == texts)
        }
    }

    @Test(arguments: 0..<40 as Range<UInt64>)
    func `texts of any kind come back, in whatever order they are read`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for count in [1, 2, 16, 17, Int.random(in: 1...256, using: &generator), 256] {
            let texts = PageTrial.texts(count, &generator)
            let written = try PageTrial.write(texts)
            #expect(written.read == texts, "seed \(seed), \(count) rows")
            let ascending = Array(0..<count)
            let any = (0..<count).map { _ in Int.random(in: 0..<count, using: &generator) }
            for order in [ascending, ascending.reversed(), ascending.shuffled(using: &generator), any] {
                let held = try PageTrial.texts(written.column, count, of: order, isHeld: true)
                #expect(held == order.map { texts[$0] }, "seed \(seed), \(count) rows")
            }
        }
    }

    @Test(arguments: [["a", "b", "cd"], ["x01", "x02", "x03"], ["same", "same", "same"]])
    func `every truncation is refused, or another text`(texts: [String]) throws {
        let column = try PageTrial.write(Self.texts(texts)).column
        for length in 1..<column.count {
            let read = try? PageTrial.texts(Array(column[..<length]), 3, of: [0, 1, 2])
            #expect(read != Self.texts(texts))
        }
    }

    @Test func `forms that there are not are refused`() throws {
        for form in 4...255 as ClosedRange<UInt8> {
            #expect(throws: PageFault.self) { try PageTrial.texts([form, 0, 0, 0, 0, 0, 0], 1, of: []) }
        }
    }

    @Test func `a number that is none of the list, and one of too many digits, is refused`() throws {
        let listed: [UInt8] = [0, 0, 0, 0, 0, 2, 0, 0, 0x61]
        #expect(try PageTrial.texts([3, 1, 0, 0] + listed, 2, of: [1]) == [[0x61]])
        #expect(throws: PageFault.self) { try PageTrial.texts([3, 1, 0, 2] + listed, 2, of: [1]) }
        var column: [UInt8] = [2, 0, 0, 0]
        NumberColumn.append([999_999_999_999_999_999, 1_000_000_000_000_000_000], to: &column)
        #expect(try PageTrial.texts(column, 2, of: [0]) == [Array("999999999999999999".utf8)])
        #expect(throws: PageFault.self) { try PageTrial.texts(column, 2, of: [1]) }
    }
}
