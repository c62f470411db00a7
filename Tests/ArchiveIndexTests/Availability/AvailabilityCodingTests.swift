// Frames of marks, FORMAT.md 5.5: golden bytes, round trips, and what is no such frame.

import DICOM
import Support
import Testing

@testable import ArchiveIndex

@Suite("Marks in a journal, FORMAT.md 5.5") struct AvailabilityCodingTests {
    static func mark(
        _ study: String, _ series: String, _ instance: String, places: UInt32 = 300, isUnavailable: Bool = true
    ) -> AvailabilityMark {
        AvailabilityMark(
            AvailabilityMark.Instance(study: UID(study)!, series: UID(series)!, instance: UID(instance)!),
            places: places, isUnavailable: isUnavailable)
    }

    static let marks = [
        mark("1.2", "1.2.3", "1.2.3.4"), mark("1.2", "1.2.3", "1.2.3.5", isUnavailable: false),
        mark("1.2", "1.2.6", "1.2.6.7", places: 1), mark("1.9", "1.2.6", "1.9.1"),
    ]
    static let golden: [UInt8] = [
        4,
        1, 2, 0x31, 0x40, 3, 0x31, 0x41, 0x50, 4, 0x31, 0x41, 0x51, 0x60, 0xAC, 2,
        6, 4, 0x31, 0x41, 0x51, 0x70, 0xAC, 2,
        3, 3, 0x31, 0x41, 0x80, 4, 0x31, 0x41, 0x81, 0x90, 1,
        1, 2, 0x31, 0xB0, 3, 0x31, 0x41, 0x80, 3, 0x31, 0xB1, 0x30, 0xAC, 2,
    ]

    static func decode(_ bytes: [UInt8]) throws -> [AvailabilityMark] {
        try AvailabilityCoding.decode(bytes, file: "journal-1", base: 0)
    }

    @Test func `decodes and encodes the golden bytes`() throws {
        #expect(AvailabilityCoding.encode(Self.marks) == Self.golden)
        #expect(try Self.decode(Self.golden) == Self.marks)
        #expect(try Self.decode([0]).isEmpty)
    }

    @Test(arguments: 0..<golden.count) func `throws on every truncation`(length: Int) {
        #expect(throws: IndexFault.self) { try Self.decode(Array(Self.golden[..<length])) }
    }

    @Test(arguments: 0..<golden.count) func `a flipped bit is refused, or another mark; never a trap`(at: Int) {
        for bit in 0..<8 {
            var bytes = Self.golden
            bytes[at] ^= 1 << UInt8(bit)
            if let marks = try? Self.decode(bytes) { #expect(marks != Self.marks) }
        }
    }

    @Test func `flags that mean nothing, and what refers to no mark before, are refused`() {
        for flags: UInt8 in [2, 4, 6, 8, 0x81] {
            var bytes = Self.golden
            bytes[1] = flags
            #expect(throws: IndexFault.self, "flags \(flags)") { try Self.decode(bytes) }
        }
        #expect(throws: IndexFault.self) { try Self.decode(Self.golden + [0]) }
    }

    @Test func `as many as go into one frame fit it at their worst`() {
        let long = "x" + String(repeating: "y", count: 63)
        let marks = (0..<AvailabilityCoding.marksMaximum).map { number in
            let tail = "\(10_000 + number)"
            return Self.mark(
                "\(tail)" + long.dropFirst(5), "\(tail)" + long.dropFirst(5), "\(tail)" + long.dropFirst(5),
                places: .max)
        }
        #expect(AvailabilityCoding.encode(marks).count <= JournalFrame.payloadMaximumBytes)
    }

    @Test func `all marks that can stand take less than makes a fold due, or each fold would be followed by one (8.5)`()
        throws
    {
        // Letters, which UIDs may not have and some have, take a byte each.
        let worst = (1...UnavailableInstances.maximum / 1_024).map { number in
            let tail = String(repeating: "A", count: 56) + "\(10_000_000 + number)"
            return Self.mark(tail, tail, tail, places: .max)
        }
        let bytes = AvailabilityCoding.encode(worst).count
        #expect(bytes > 200 * worst.count, "as long as marks get")
        #expect((bytes + 1_024) * 1_024 < IndexFolder.markBytes)
    }
}
