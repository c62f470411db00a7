// Columns and pages of all forms from a seed, written and read again.

import DICOM
import Support

@testable import ArchiveIndex

enum PageTrial {
    // MARK: Values

    /// Numbers as columns have them: all the same, along a line, scattered in so many bits, or any.
    static func numbers(_ count: Int, _ generator: inout SeededGenerator) -> [UInt64] {
        let base = generator.next() >> UInt64.random(in: 0..<64, using: &generator)
        let slope = Int64(bitPattern: generator.next()) >> Int64.random(in: 0..<64, using: &generator)
        let width = UInt64.random(in: 0...64, using: &generator)
        let kind = Int.random(in: 0..<5, using: &generator)
        return (0..<count).map { row in
            let scattered = width == 0 ? 0 : generator.next() >> (64 - width)
            switch kind {
            case 0: return 0
            case 1: return base
            case 2: return base &+ UInt64(bitPattern: slope &* Int64(row))
            case 3: return base &+ scattered
            default: return base &+ UInt64(bitPattern: slope &* Int64(row)) &+ scattered & 0xF
            }
        }
    }

    /// Texts as columns have them: all the same, counted, a few that recur, neighbours alike, or any.
    static func texts(_ count: Int, _ generator: inout SeededGenerator) -> [[UInt8]] {
        let begin = generator.text(0...12)
        let end = generator.text(0...4)
        let few = (0..<3).map { _ in generator.text(0...30) }
        let first = Int.random(in: 0..<120, using: &generator)
        let kind = Int.random(in: 0..<6, using: &generator)
        return (0..<count).map { row in
            switch kind {
            case 0: return []
            case 1: return begin
            case 2: return begin + Array(String(first + row).utf8) + end
            case 3: return few.randomElement(using: &generator) ?? []
            case 4: return begin + generator.text(0...3) + end
            default: return generator.bytes(Int.random(in: 0...20, using: &generator))
            }
        }
    }

    private static let attributes: [(tag: DICOM.Tag, vr: VR)] = [
        (.specificCharacterSet, .CS), (.imageType, .CS), (.patientName, .PN), (.instanceNumber, .IS), (.rows, .US),
        (.rows, .SS),
    ]

    /// Sets, each of some of a few attributes; one tag has two VRs, though not in one set.
    static func sets(_ count: Int, _ generator: inout SeededGenerator) -> [AttributeSet] {
        var sets = Array(repeating: AttributeSet.empty, count: count)
        for (index, attribute) in attributes.enumerated() {
            let kind = Int.random(in: 0..<4, using: &generator)
            let values = texts(count, &generator)
            for row in 0..<count {
                let isThere = kind == 0 || kind < 3 && Bool.random(using: &generator)
                if index == attributes.count - 1, sets[row].value(attribute.tag) != nil { continue }
                if isThere { sets[row].append(attribute.tag, attribute.vr, values[row]) }
            }
        }
        return sets
    }

    static func rows(_ table: Table, _ count: Int, _ generator: inout SeededGenerator) -> [Row] {
        let shape = table.shape
        let numbers = shape.numbers.map { _ in Self.numbers(count, &generator) }
        let texts = shape.texts.map { _ in Self.texts(count, &generator) }
        let sets = shape.hasAttributes ? Self.sets(count, &generator) : Array(repeating: .empty, count: count)
        return (0..<count).map { row in
            Row(numbers: numbers.map { $0[row] }, texts: texts.map { $0[row] }, attributes: sets[row])
        }
    }

    // MARK: Reading back

    /// All rows of a page.
    static func read(
        _ page: [UInt8], _ table: Table, rows: Int, _ counts: ColumnCounts? = nil
    ) throws(PageFault) -> [Row] {
        let bytes = page.rawSpan
        let columns = try PageColumns(table, rows: rows, counts ?? ColumnCounts(table), in: bytes)
        var read: [Row] = []
        for row in 0..<rows {
            var one = Row()
            for column in columns.numbers { one.numbers.append(column.number(row, in: bytes)) }
            for column in columns.texts { one.texts.append(try column.text(row, in: bytes)) }
            one.attributes = try columns.attributes.set(row, in: bytes)
            read.append(one)
        }
        return read
    }

    /// The column of `values`, and what is read of it where it stands between other bytes.
    static func write(_ values: [UInt64]) throws -> (column: [UInt8], read: [UInt64]) {
        var column: [UInt8] = []
        NumberColumn.append(values, to: &column)
        let read = try Self.numbers(column, values.count)
        // What stands around a column is none of its business.
        for around in [[0xFF], Array(repeating: 0xFF, count: 9)] as [[UInt8]] {
            if try Self.numbers(column, values.count, before: around, behind: around) != read { return (column, []) }
        }
        return (column, read)
    }

    static func numbers(
        _ column: [UInt8], _ rows: Int, before: [UInt8] = [], behind: [UInt8] = []
    ) throws(PageFault) -> [UInt64] {
        let page = before + column + behind
        let bytes = page.rawSpan
        var reader = SpanReader(bytes, from: before.count, to: before.count + column.count)
        let numbers = try NumberColumn(rows: rows, from: &reader)
        return (0..<rows).map { numbers.number($0, in: bytes) }
    }

    /// The column of `texts`, and what is read of it, each text for itself.
    static func write(_ texts: [[UInt8]]) throws -> (column: [UInt8], read: [[UInt8]]) {
        var column: [UInt8] = []
        TextColumn.append(texts, to: &column)
        return (column, try Self.texts(column, texts.count, of: Array(texts.indices)))
    }

    /// Texts of the rows `order`, one after the other; with `held`, each goes on from the one before.
    static func texts(
        _ column: [UInt8], _ rows: Int, of order: [Int], isHeld: Bool = false
    ) throws(PageFault) -> [[UInt8]] {
        let page = [0xFF] + column + [0xFF]
        let bytes = page.rawSpan
        var reader = SpanReader(bytes, from: 1, to: page.count - 1)
        let texts = column.isEmpty ? TextColumn.empty : try TextColumn(rows: rows, from: &reader)
        var held = HeldText()
        var read: [[UInt8]] = []
        for row in order {
            if isHeld { try texts.read(row, into: &held, in: bytes) }
            read.append(isHeld ? held.bytes : try texts.text(row, in: bytes))
        }
        return read
    }
}

extension SeededGenerator {
    /// Characters that texts are made of: digits among them, so that counted ones have digits around.
    mutating func text(_ lengths: ClosedRange<Int>) -> [UInt8] {
        (0..<Int.random(in: lengths, using: &self)).map { _ in "0123456789./AXé".utf8.randomElement(using: &self) ?? 0 }
    }
}
