// Pages with bytes that nobody wrote: whatever they say, they are read or refused, and take no more than they have.

import DICOM
import Platform
import Support
import Testing

@testable import ArchiveIndex

@Suite("Hostile pages, hardening.md R8") struct HostilePageTests {
    /// Of each table; more with FILEROOM_SEEDS, in release.
    static let pages = Program.environment("FILEROOM_SEEDS").flatMap { Int($0) } ?? 12
    static let mutantsOfAPage = 60

    /// Reads every value of a page in every way that there is, where none of it may trap.
    ///
    /// - Returns: whether it could be read; the longest of its values; an answer that isn't what another way gave.
    private static func read(
        _ page: [UInt8], _ table: Table, _ rows: Int, _ counts: ColumnCounts
    ) -> (isRead: Bool, longest: Int, doubt: String?) {
        let bytes = page.rawSpan
        var longest = 0
        var isRead = true
        do throws(PageFault) {
            let columns = try PageColumns(table, rows: rows, counts, in: bytes)
            for column in columns.numbers {
                for row in 0..<rows { _ = column.number(row, in: bytes) }
            }
            for column in columns.texts {
                var held = HeldText()
                // In order, where some may be refused in between; then back and forth.
                for step in 0..<(rows * 2) {
                    let row = step < rows ? step : step * 31 % rows
                    let alone = try? column.text(row, in: bytes)
                    let sequential: [UInt8]?
                    do throws(PageFault) {
                        try column.read(row, into: &held, in: bytes)
                        sequential = held.bytes
                    } catch {
                        sequential = nil
                    }
                    if alone != sequential { return (true, longest, "row \(row): \(alone ?? []) or \(held.bytes)") }
                    longest = max(longest, alone?.count ?? 0)
                    if alone == nil { isRead = false }
                }
            }
            for row in 0..<rows {
                guard let set = try? columns.attributes.set(row, in: bytes) else {
                    isRead = false
                    continue
                }
                longest = max(longest, set.bytes.count)
                _ = try columns.attributes.value(.patientName, row, in: bytes)
            }
            if table.shape.hasAttributes {
                let part = try PageColumns.parts(counts, in: bytes)[counts.numbers + counts.texts]
                _ = try AttributeColumn.sizes(of: part, in: bytes)
            }
        } catch {
            // Where it is said to be wrong is in the page, for the file's byte to be named.
            if error.offset < 0 || error.offset > page.count { return (false, longest, "at \(error.offset)") }
            isRead = false
        }
        return (isRead, longest, nil)
    }

    private static func mutated(_ page: [UInt8], _ generator: inout SeededGenerator) -> [UInt8] {
        var page = page
        for _ in 0..<Int.random(in: 1...3, using: &generator) {
            guard !page.isEmpty else { return page }
            let at = Int.random(in: page.indices, using: &generator)
            switch Int.random(in: 0..<8, using: &generator) {
            case 0: page[at] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            case 1: page.insert(UInt8.random(in: 0...255, using: &generator), at: at)
            case 2: page.remove(at: at)
            case 3: page.removeSubrange(at...)
            case 4: page[at] = UInt8.random(in: 0...255, using: &generator)
            // What numbers have at their ends.
            case 5: page[at] = [0x00, 0x01, 0x3F, 0x40, 0x7F, 0x80, 0xC0, 0xFF].randomElement(using: &generator) ?? 0
            case 6:
                let long = [UInt8](repeating: 0xFF, count: 9) + [UInt8.random(in: 0...2, using: &generator)]
                page.replaceSubrange(at..<min(page.count, at + 10), with: long)
            default:
                let count = min(page.count - at, 8)
                page.replaceSubrange(at..<(at + count), with: generator.bytes(count))
            }
        }
        return page
    }

    @Test(arguments: Table.allCases)
    func `are read or refused, and give no more than they have`(table: Table) {
        var generator = SeededGenerator(seed: UInt64(table.rawValue) &* 7_919)
        var counts = (read: 0, refused: 0)
        let own = ColumnCounts(table)
        for _ in 0..<Self.pages {
            let rowCount = Int.random(in: 1...40, using: &generator)
            let page = PageColumns.encode(PageTrial.rows(table, rowCount, &generator), table)
            for _ in 0..<Self.mutantsOfAPage {
                let mutant = Self.mutated(page, &generator)
                // The directory may lie as well.
                let isOther = Int.random(in: 0..<4, using: &generator) == 0
                let rows = isOther ? Int.random(in: 1...256, using: &generator) : rowCount
                let read = Self.read(mutant, table, rows, own)
                if read.isRead { counts.read += 1 } else { counts.refused += 1 }
                if read.doubt != nil || read.longest > 64 + 8 * mutant.count {
                    Issue.record("\(read): \(table.name), \(rows) rows: \(mutant)")
                    return
                }
            }
        }
        // Both happen, or nothing was tried.
        #expect(counts.read > 0 && counts.refused > 0, "\(counts)")
    }

    @Test func `of nothing but chance are read or refused`() {
        var generator = SeededGenerator(seed: 17)
        for number in 0..<(Self.pages * 200) {
            let table = Table.allCases[number % Table.allCases.count]
            let own = ColumnCounts(table)
            // Lengths that add up, so that something is read; columns of any bytes.
            let parts = (0..<own.all).map { _ in generator.bytes(Int.random(in: 0...40, using: &generator)) }
            var page: [UInt8] = parts.map { UInt8($0.count) }
            for part in parts {
                var part = part
                if !part.isEmpty, Bool.random(using: &generator) { part[0] &= 0x83 }
                page += part
            }
            let read = Self.read(page, table, Int.random(in: 1...256, using: &generator), own)
            if read.doubt != nil {
                Issue.record("\(read): \(table.name): \(page)")
                return
            }
        }
    }
}
