import Support
import Testing

@testable import ArchiveIndex

@Suite("Numbers of a page, FORMAT.md") struct NumberColumnTests {
    @Test func `golden: one number, a line, rests of two bits`() throws {
        #expect(try PageTrial.write([7, 7, 7]).column == [0x00, 0x0E])
        // Base 1,000, slope 768/256.
        let line = (0..<256).map { 1_000 + 3 * UInt64($0) }
        #expect(try PageTrial.write(line).column == [0x80, 0xD0, 0x0F, 0x80, 0x0C])
        #expect(try PageTrial.write([1, 4, 2]).column == [0x02, 0x02, 0b01_11_00])
        #expect(try PageTrial.write([UInt64.max]).column == [0x00, 0x01])
    }

    @Test(arguments: 0...64)
    func `numbers of every width come back, in as many bits as they need`(width: UInt64) throws {
        var generator = SeededGenerator(seed: width)
        for count in [1, 2, 3, 17, 255, 256] {
            let most: UInt64 = width == 0 ? 0 : .max >> (64 - width)
            // Numbers are near to each other where they are so with a sign: -1 and 1 are.
            let least = width == 64 ? .min : Int64.random(in: .min...(.max - Int64(most)), using: &generator)
            let base = UInt64(bitPattern: least)
            // The least and the farthest first; no line comes near to what is scattered.
            var values = [base, base &+ most].prefix(count)
            while values.count < count { values.append(base &+ UInt64.random(in: 0...most, using: &generator)) }
            let written = try PageTrial.write(Array(values))
            #expect(written.read == Array(values), "\(count) rows")
            let own = count == 1 ? 0 : Int(width)
            #expect(written.column.count <= 21 + (count * own + 7) / 8, "\(count) rows")
        }
    }

    @Test(arguments: [1, 255, 256, -1, -256, 12_345_678_901, -12_345_678_901, 1 << 46, -(1 << 46)] as [Int64])
    func `a line costs nothing but itself`(step: Int64) throws {
        for base in [0, 1, 1 << 40, .max, .max - 1_000, 1 << 63] as [UInt64] {
            let values = (0..<256).map { base &+ UInt64(bitPattern: step &* Int64($0)) }
            let written = try PageTrial.write(values)
            #expect(written.read == values)
            #expect(written.column.count <= 21, "\(written.column.count) bytes")
        }
    }

    @Test func `a slope is taken where it is worth its bytes, and only there`() throws {
        let noisy = (0..<256).map { UInt64($0) * 1_000 + UInt64($0 * 7 % 16) }
        let written = try PageTrial.write(noisy)
        #expect(written.read == noisy)
        #expect(written.column[0] >= 0x80)
        #expect(written.column.count < 256)
        let short = try PageTrial.write([10, 20, 30])
        #expect(short.read == [10, 20, 30])
        #expect(short.column[0] < 0x80)
    }

    @Test func `the ends of 64 bits come back`() throws {
        let middle: UInt64 = 1 << 63
        for values in [
            [0, .max], [.max, 0], [middle], [middle - 1, middle], [middle, middle - 1], [0, middle, .max, 1],
            Array(repeating: [0, .max, middle, middle - 1], count: 64).flatMap { $0 },
            (0..<256).map { UInt64($0) << 56 }, (0..<256).reversed().map { UInt64($0) << 56 },
            (0..<256).map { middle &+ UInt64(bitPattern: ($0 - 128) << 50) },
            [middle] + Array(repeating: 0, count: 254) + [middle - 1],
        ] as [[UInt64]] {
            #expect(try PageTrial.write(values).read == values)
        }
    }

    @Test(arguments: 0..<40 as Range<UInt64>)
    func `columns of any kind come back`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<10 {
            let values = PageTrial.numbers(Int.random(in: 1...256, using: &generator), &generator)
            #expect(try PageTrial.write(values).read == values, "seed \(seed)")
        }
    }

    @Test func `more than 64 bits, and every truncation, is refused`() throws {
        for width in 65...127 as ClosedRange<UInt8> {
            #expect(throws: PageFault.self) { try PageTrial.numbers([width, 0, 0, 0, 0, 0, 0, 0, 0, 0], 1) }
        }
        var column: [UInt8] = []
        NumberColumn.append((0..<30).map { $0 * 1_000 + $0 % 7 }, to: &column)
        #expect(try PageTrial.numbers(column, 30).count == 30)
        for length in column.indices {
            #expect(throws: PageFault.self) { try PageTrial.numbers(Array(column[..<length]), 30) }
        }
    }
}
