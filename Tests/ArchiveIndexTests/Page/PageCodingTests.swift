import DICOM
import Support
import Testing

@testable import ArchiveIndex

@Suite("Pages, FORMAT.md") struct PageCodingTests {
    @Test func `golden: a row of the patients`() {
        let row = Row(numbers: [1, 0, 0, 1], texts: [Array("A1".utf8), [], []])
        // Lengths; added is 1, removed and the first set are 0 in all rows, sets is 1; the patient ID.
        #expect(PageColumns.encode([row], .patients) == [2, 0, 0, 2, 3, 0, 0, 0, 2, 0, 2, 0, 0x41, 0x31])
    }

    @Test(arguments: Table.allCases)
    func `rows of every table come back`(table: Table) throws {
        var generator = SeededGenerator(seed: UInt64(table.rawValue))
        for count in [1, 2, 15, 16, 17, Int.random(in: 18...255, using: &generator), 256] {
            let rows = PageTrial.rows(table, count, &generator)
            #expect(try PageTrial.read(PageColumns.encode(rows, table), table, rows: count) == rows, "\(count) rows")
        }
    }

    /// A page with columns behind those that we know, as a newer minor version writes it.
    private static func newer(_ page: [UInt8], _ own: ColumnCounts, _ counts: ColumnCounts) throws -> [UInt8] {
        let parts = try PageColumns.parts(own, in: page.rawSpan)
        var lengths: [UInt8] = []
        var columns: [UInt8] = []
        func add(_ column: some Collection<UInt8>) {
            lengths.appendVarint(UInt64(column.count))
            columns += column
        }
        for part in parts[..<own.numbers] { add(page[part]) }
        for _ in own.numbers..<counts.numbers { add([0xFF, 0xFF, 0xFF]) }
        for part in parts[own.numbers..<(own.numbers + own.texts)] { add(page[part]) }
        for index in own.texts..<counts.texts { add(Array(repeating: 0xFF, count: index * 100)) }
        for part in parts[(own.numbers + own.texts)...] { add(page[part]) }
        for _ in own.attributes..<counts.attributes { add([0xFF]) }
        return lengths + columns
    }

    @Test(arguments: Table.allCases)
    func `columns that a newer minor version added are passed over`(table: Table) throws {
        var generator = SeededGenerator(seed: UInt64(table.rawValue) + 100)
        let own = ColumnCounts(table)
        let rows = PageTrial.rows(table, 20, &generator)
        let page = PageColumns.encode(rows, table)
        for (numbers, texts, attributes) in [(1, 0, 0), (0, 1, 0), (0, 0, 1), (3, 2, 1), (0, 0, 0)] {
            let counts = ColumnCounts(
                numbers: own.numbers + numbers, texts: own.texts + texts, attributes: own.attributes + attributes)
            let newer = try Self.newer(page, own, counts)
            #expect(try PageTrial.read(newer, table, rows: 20, counts) == rows)
        }
    }

    @Test func `every truncation, and every byte behind it, is refused`() throws {
        var generator = SeededGenerator(seed: 3)
        for table in [Table.patients, .instances, .sopClasses] {
            let page = PageColumns.encode(PageTrial.rows(table, 5, &generator), table)
            for length in page.indices {
                #expect(throws: PageFault.self) { try PageTrial.read(Array(page[..<length]), table, rows: 5) }
            }
            #expect(throws: PageFault.self) { try PageTrial.read(page + [0], table, rows: 5) }
        }
    }

    @Test func `a column that is longer than its rows is refused`() throws {
        let rows = (0..<3).map { Row(numbers: [UInt64($0)], texts: [[0x61, UInt8($0)]]) }
        let page = PageColumns.encode(rows, .studyDates)
        #expect(try PageTrial.read(page, .studyDates, rows: 3) == rows)
        let parts = try PageColumns.parts(ColumnCounts(.studyDates), in: page.rawSpan)
        var longer = page
        longer.insert(0, at: parts[0].upperBound)
        longer[0] += 1
        #expect(throws: PageFault.self) { try PageTrial.read(longer, .studyDates, rows: 3) }
    }
}
