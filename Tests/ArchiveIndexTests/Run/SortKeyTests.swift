import Support
import Testing

@testable import ArchiveIndex

@Suite("Sort keys") struct SortKeyTests {
    @Test func `golden: a text, a text with NULs, a number`() {
        var writer = SortKeyWriter()
        writer.append([0x61])
        writer.append([0x00, 0x62, 0x00])
        writer.append(258)
        #expect(
            writer.bytes == [0x61, 0, 0, 0, 1, 0x62, 0, 1, 0, 0] + [0, 0, 0, 0, 0, 0, 1, 2])
    }

    /// Texts whose bytes are what the coding is made of.
    private static func text(_ generator: inout SeededGenerator) -> [UInt8] {
        (0..<Int.random(in: 0...5, using: &generator)).map { _ in
            [0, 0, 1, 2, 0x61, 0xFE, 0xFF].randomElement(using: &generator) ?? 0
        }
    }

    @Test func `fields come back as they went in`() {
        var generator = SeededGenerator(seed: 1)
        for _ in 0..<500 {
            let texts = (0..<3).map { _ in Self.text(&generator) }
            let numbers = [0, .max, generator.next()] as [UInt64]
            let ints = [0, -1, .min, .max, Int.random(in: .min ... .max, using: &generator)]
            var writer = SortKeyWriter()
            for (text, number) in zip(texts, numbers) {
                writer.append(text)
                writer.append(number)
            }
            for int in ints { writer.append(int) }
            var reader = SortKeyReader(writer.bytes)
            for (text, number) in zip(texts, numbers) {
                #expect(reader.text() == text)
                #expect(reader.number() == number)
            }
            for int in ints { #expect(reader.int() == int) }
            #expect(reader.offset == writer.bytes.count)
        }
    }

    @Test func `the order of the bytes is that of the fields, one after the other`() {
        var generator = SeededGenerator(seed: 2)
        func key(_ first: [UInt8], _ number: UInt64, _ second: [UInt8]) -> [UInt8] {
            var writer = SortKeyWriter()
            writer.append(first)
            writer.append(number)
            writer.append(second)
            return writer.bytes
        }
        for _ in 0..<3_000 {
            let texts = (0..<4).map { _ in Self.text(&generator) }
            let numbers = (0..<2).map { _ in (generator.next() & 3) << (generator.next() & 63) }
            // Equal fields in front, so that the ones behind decide.
            let isSame = generator.next() & 1 == 0
            let left: [KeyValue] = [.text(texts[0]), .number(numbers[0]), .text(texts[1])]
            let right: [KeyValue] = [.text(isSame ? texts[0] : texts[2]), .number(numbers[1]), .text(texts[3])]
            let leftBytes = key(texts[0], numbers[0], texts[1])
            let rightBytes = key(isSame ? texts[0] : texts[2], numbers[1], texts[3])
            #expect(
                left.lexicographicallyPrecedes(right) == leftBytes.lexicographicallyPrecedes(rightBytes),
                "\(left) \(right)")
        }
    }
}
