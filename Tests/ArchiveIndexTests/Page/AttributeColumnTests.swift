import DICOM
import Support
import Testing

@testable import ArchiveIndex

@Suite("Attribute sets of a page, FORMAT.md") struct AttributeColumnTests {
    private static func set(_ values: [(DICOM.Tag, VR, String)]) -> AttributeSet {
        var set = AttributeSet.empty
        for (tag, vr, text) in values { set.append(tag, vr, Array(text.utf8)) }
        return set
    }

    /// The sets that the column of `sets` gives, and each value that it gives for itself.
    private static func roundTrip(_ sets: [AttributeSet]) throws -> [AttributeSet] {
        var page: [UInt8] = []
        AttributeColumn.append(sets, to: &page)
        let bytes = page.rawSpan
        var reader = SpanReader(bytes, to: page.count)
        let column = page.isEmpty ? AttributeColumn.empty : try AttributeColumn(rows: sets.count, from: &reader)
        var read: [AttributeSet] = []
        for (row, set) in sets.enumerated() {
            for tag in [.specificCharacterSet, .patientName, .rows, .imageType, .instanceNumber] as [DICOM.Tag] {
                let value = try column.value(tag, row, in: bytes)
                #expect(value?.vr == set.value(tag)?.vr)
                #expect(value?.bytes == set.value(tag).map { Array($0.bytes) })
            }
            read.append(try column.set(row, in: bytes))
        }
        return read
    }

    @Test func `golden: one attribute that all rows have, one that the second has`() throws {
        var page: [UInt8] = []
        AttributeColumn.append(
            [Self.set([(.patientName, .PN, "A")]), Self.set([(.patientName, .PN, "A"), (.rows, .US, "")])], to: &page)
        #expect(
            page == [
                2, 0x10, 0x00, 0x10, 0x00, 0x4E, 0x50, 3, 0x10, 0x00, 0x28, 0x00, 0x53, 0x55, 2,  // heads
                0, 0, 0x41,  // in all rows; one text
                1, 0b10,  // in the second; no text
            ])
    }

    @Test func `sets without attributes take nothing`() throws {
        var page: [UInt8] = []
        AttributeColumn.append([.empty, .empty], to: &page)
        #expect(page.isEmpty)
        #expect(try Self.roundTrip([.empty, .empty]) == [.empty, .empty])
    }

    @Test(arguments: [1, 7, 8, 9, 255, 256])
    func `an attribute of some rows is theirs`(count: Int) throws {
        for pattern in [1, 2, 3, 8, 300] {
            let sets = (0..<count).map { row in
                row % pattern == 0 ? Self.set([(.patientName, .PN, "N\(row)"), (.rows, .US, "")]) : .empty
            }
            #expect(try Self.roundTrip(sets) == sets, "each \(pattern)th")
        }
    }

    @Test func `one tag may have two VRs, and an empty value is one`() throws {
        let sets = [
            Self.set([(.imageType, .CS, "A"), (.rows, .US, "ab")]), Self.set([(.rows, .SS, "ab")]),
            Self.set([(.imageType, .CS, "")]), .empty, Self.set([(.instanceNumber, .IS, "7"), (.rows, .SS, "")]),
        ]
        #expect(try Self.roundTrip(sets) == sets)
    }

    @Test(arguments: 0..<30 as Range<UInt64>)
    func `sets of any kind come back byte for byte`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for count in [1, Int.random(in: 2...256, using: &generator)] {
            let sets = PageTrial.sets(count, &generator)
            #expect(try Self.roundTrip(sets).map(\.bytes) == sets.map(\.bytes), "seed \(seed)")
        }
    }

    private static func column(_ bytes: [UInt8], rows: Int) throws(PageFault) -> AttributeSet {
        var reader = SpanReader(bytes.rawSpan, to: bytes.count)
        return try AttributeColumn(rows: rows, from: &reader).set(0, in: bytes.rawSpan)
    }

    @Test func `what attributes cost adds up to the column`() throws {
        var generator = SeededGenerator(seed: 12)
        for count in [1, 100, 256] {
            var sets = PageTrial.sets(count, &generator)
            sets[0] = Self.set([(.patientName, .PN, String(repeating: "N", count: 300))])
            var page: [UInt8] = []
            AttributeColumn.append(sets, to: &page)
            let sizes = try AttributeColumn.sizes(of: 0..<page.count, in: page.rawSpan)
            #expect(sizes.reduce(1) { $0 + $1.byteCount } == page.count)
            #expect(sizes.map(\.tag) == sizes.map(\.tag).sorted())
            #expect(sizes.contains { $0.tag == .patientName })
        }
        #expect(try AttributeColumn.sizes(of: 0..<0, in: [UInt8]().rawSpan).isEmpty)
    }

    @Test func `attributes out of order, of no VR, or twice in a row are refused`() throws {
        let name: [UInt8] = [0x10, 0x00, 0x10, 0x00, 0x4E, 0x50, 1]
        let us: [UInt8] = [0x10, 0x00, 0x28, 0x00, 0x53, 0x55, 1]
        let ss: [UInt8] = [0x10, 0x00, 0x28, 0x00, 0x53, 0x53, 1]
        let none: [UInt8] = [0x10, 0x00, 0x10, 0x00, 0x58, 0x58, 1]
        #expect(try Self.column([2] + name + us + [0, 0], rows: 1).attribute(at: 10)?.tag == .rows)
        for bad in [[2] + us + name + [0, 0], [2] + name + name + [0, 0], [1] + none + [0], [2] + ss + us + [0, 0]]
            as [[UInt8]]
        {
            #expect(throws: PageFault.self) { try Self.column(bad, rows: 1) }
        }
    }
}
