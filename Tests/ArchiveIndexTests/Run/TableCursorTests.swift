// Rows found by number and by key over tables of several pages, against a search from the begin.

import DICOM
import Support
import Testing

@testable import ArchiveIndex

@Suite("Rows by number and by key") struct TableCursorTests {
    /// A run of some 1,100 instances, of which a few have so many bytes that pages are closed early.
    private static func run(_ seed: UInt64, large: Int) throws -> Run {
        var generator = SeededGenerator(seed: seed)
        var entries: [SignedEntry] = []
        for number in 0..<1_100 {
            var entry = Samples.regular(number * 3)
            if number % 5 == 4 { entry.fields.patientID = generator.text(0...6) }
            if number % 7 == 6 {
                entry.fields.study = Samples.set(
                    .study, [(.accessionNumber, .SH, "A\(number % 40)"), (.studyDate, .DA, "2024")])
            }
            if number % 11 < large {
                var image = AttributeSet.empty
                image.append(.imageType, .CS, generator.bytes(Int.random(in: 1_000...12_000, using: &generator)))
                entry.fields.image = image
            }
            entries.append(SignedEntry(entry: entry))
            // The same UID with another content: rows whose keys begin alike.
            if number % 13 == 0 {
                entry.fields.headerFingerprint += 1
                entry.fields.place.path += [0x62]
                entries.append(SignedEntry(entry: entry, isRemoval: number % 2 == 0))
            }
        }
        return try Run(entries, file: "run")
    }

    private static let tables: [Table] = [
        .instances, .files, .instanceFiles, .instanceUIDs, .series, .studies, .patients, .patientStudies,
        .accessionNumbers, .patientNames, .studySets,
    ]

    /// The keys of all rows, read one after the other.
    private static func keys(_ run: Run, _ table: Table) throws -> [[KeyValue]] {
        var keys: [[KeyValue]] = []
        var key: [KeyValue] = []
        var cursor = run.cursor(table)
        while try cursor.advance() {
            #expect(cursor.number == keys.count)
            try cursor.readKey(table.shape.key, into: &key)
            keys.append(key)
        }
        return keys
    }

    /// A key near `key`: itself, a little less, a little more, its begin.
    private static func near(_ key: [KeyValue], _ generator: inout SeededGenerator) -> [KeyValue] {
        var key = Array(key.prefix(Int.random(in: 0...key.count, using: &generator)))
        guard let last = key.indices.last, Bool.random(using: &generator) else { return key }
        switch key[last] {
        case .number(let number):
            key[last] = .number([number &- 1, number &+ 1, 0, .max].randomElement(using: &generator) ?? 0)
        case .text(let text):
            let other = [Array(text.dropLast()), text + [0], [], [0xFF], text + [0xFF]]
            key[last] = .text(other.randomElement(using: &generator) ?? [])
        }
        return key
    }

    @Test(arguments: [(1, 0), (2, 1), (3, 4)] as [(UInt64, Int)])
    func `the first row from a key on is that of a search from the begin`(seed: UInt64, large: Int) throws {
        let run = try Self.run(seed, large: large)
        var generator = SeededGenerator(seed: seed)
        for table in Self.tables {
            let keys = try Self.keys(run, table)
            #expect(keys.count == run.table(table).rowCount)
            func search(_ key: [KeyValue], _ rows: Range<Int>) throws {
                let expected = rows.first { !keys[$0].prefix(key.count).lexicographicallyPrecedes(key) }
                let cursor = try run.cursor(table, from: key, within: rows)
                #expect(cursor.next == expected ?? rows.upperBound, "\(table.name) \(key) in \(rows)")
                if rows == keys.indices { #expect(try run.cursor(table, from: key).next == cursor.next) }
            }
            for _ in 0..<25 {
                let key = Self.near(keys.randomElement(using: &generator) ?? [], &generator)
                try search(key, keys.indices)
                let bounds = (0..<2).map { _ in Int.random(in: 0...keys.count, using: &generator) }.sorted()
                try search(key, bounds[0]..<bounds[1])
            }
            // First and last rows of pages, and a row beside each.
            for index in run.table(table).pageIndices {
                let rows = try run.table(table).place(ofPage: index).rows
                for row in [rows.lowerBound - 1, rows.lowerBound, rows.upperBound - 1] where row >= 0 {
                    try search(keys[row], keys.indices)
                    try search(keys[row], row..<keys.count)
                    try search(keys[row], 0..<row)
                }
            }
        }
    }

    @Test func `of no rows there is none`() throws {
        let run = try Run([], file: "run")
        for table in Table.allCases {
            var cursor = try run.cursor(table, from: [])
            #expect(try !cursor.advance())
            #expect(throws: IndexFault.self) { _ = try run.row(0, of: table) }
        }
    }

    @Test func `pages are closed by rows and by bytes, and each row is found in its page`() throws {
        for (large, areFull) in [(0, true), (4, false)] {
            let run = try Self.run(9, large: large)
            let reader = run.table(.instances)
            var rows = 0
            for index in reader.pageIndices {
                let page = try reader.place(ofPage: index)
                #expect(page.rows.lowerBound == rows)
                rows = page.rows.upperBound
                if areFull, rows < reader.rowCount { #expect(page.rows.count == RunLayout.pageRows) }
                if !areFull { #expect(page.rows.count < RunLayout.pageRows) }
                for row in page.rows { #expect(try reader.pageIndex(ofRow: row) == index) }
            }
            #expect(rows == reader.rowCount)
            #expect(reader.pageIndices.count > 4)
        }
    }

    @Test func `a row is the same by number, by a jump and in order`() throws {
        var generator = SeededGenerator(seed: 10)
        let run = try Self.run(10, large: 3)
        for table in [Table.instances, .files, .patients] {
            let shape = table.shape
            var rows: [Row] = []
            var cursor = run.cursor(table)
            while try cursor.advance() {
                var row = Row(numbers: shape.numbers.indices.map { cursor.row.number($0) })
                for column in shape.texts.indices { row.texts.append(try cursor.text(column)) }
                row.attributes = try cursor.row.attributes()
                rows.append(row)
            }
            var jumping = run.cursor(table)
            for _ in 0..<100 {
                let number = Int.random(in: rows.indices, using: &generator)
                let stored = try run.row(number, of: table)
                let jumped = try jumping.row(number)
                #expect(jumping.next == number + 1)
                for (column, value) in rows[number].numbers.enumerated() {
                    #expect(stored.number(column) == value && jumped.number(column) == value)
                }
                for (column, value) in rows[number].texts.enumerated() {
                    #expect(try stored.text(column) == value && jumping.text(column) == value)
                }
                #expect(try stored.attributes() == rows[number].attributes)
                // From there on, and with a row held.
                if number + 1 < rows.count {
                    #expect(try jumping.advance())
                    jumping.hold()
                    #expect(try jumping.advance())
                    #expect(jumping.number == number + 1)
                    for (column, value) in rows[number + 1].texts.enumerated() {
                        #expect(try jumping.text(column) == value)
                    }
                }
            }
            for number in [-1, rows.count, .max, .min] {
                #expect(throws: IndexFault.self) { _ = try run.row(number, of: table) }
                #expect(throws: IndexFault.self) { _ = try jumping.row(number) }
                if number != rows.count { #expect(throws: IndexFault.self) { try jumping.seek(number) } }
            }
            try jumping.seek(rows.count)
            #expect(try !jumping.advance())
        }
    }
}
