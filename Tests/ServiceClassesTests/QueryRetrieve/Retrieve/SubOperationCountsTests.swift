// Counts of sub-operations and the final status that follows from them.

import DICOM
import DIMSE
import Testing

@testable import ServiceClasses

@Suite("Sub-operations and final statuses, PS3.4 §C.4.2.1.5, §C.4.3.1.4") struct SubOperationCountsTests {
    /// What C-STOREs answered, in order; 0 stands for one that couldn't be sent at all.
    static func counts(_ statuses: [UInt16?], total: Int? = nil) -> SubOperationCounts {
        var counts = SubOperationCounts(total: total ?? statuses.count)
        for (number, status) in statuses.enumerated() {
            let uid = Sample.uid("1.2.\(number + 1)")
            if let status {
                counts.record(Status(rawValue: status), of: uid)
            } else {
                counts.fail(uid, because: "file: gone")
            }
        }
        return counts
    }

    @Test(
        arguments: [
            ([], 0x0000), ([0x0000], 0x0000), ([0x0000, 0x0000], 0x0000),
            // Some failed, or were stored with a warning.
            ([0x0000, 0xA700], 0xB000), ([0x0000, nil], 0xB000), ([0x0000, 0xB000], 0xB000),
            ([0xB007, 0xA900], 0xB000),
            // All stored with a warning.
            ([0xB000, 0xB006, 0xB007], 0xB000), ([0x0001], 0xB000),
            // All failed, however.
            ([0xA700], 0xA702), ([0xC000, 0x0122, nil], 0xA702), ([nil, nil], 0xA702), ([0x0111], 0xA702),
        ] as [([UInt16?], UInt16)])
    func `the final status follows from all outcomes`(statuses: [UInt16?], final: UInt16) {
        let counts = Self.counts(statuses)
        #expect(counts.remaining == 0)
        #expect(counts.finalStatus(wasCancelled: false) == Status(rawValue: final))
    }

    @Test func `a cancelled retrieval says so while something remains`() {
        for done in [[], [0x0000], [0xA700, 0xA700], [0xB000, nil]] as [[UInt16?]] {
            let counts = Self.counts(done, total: 5)
            #expect(counts.remaining == 5 - done.count)
            #expect(counts.finalStatus(wasCancelled: true) == .cancel)
        }
    }

    @Test func `a cancel that came when nothing remained changes nothing`() {
        #expect(Self.counts([0x0000, 0x0000]).finalStatus(wasCancelled: true) == .success)
        #expect(Self.counts([0xA700]).finalStatus(wasCancelled: true) == .unableToPerformSubOperations)
    }

    @Test func `every instance ends in exactly one of completed, warning and failed`() {
        for raw in 0...UInt16.max {
            let counts = Self.counts([raw])
            #expect(counts.completed + counts.warning + counts.failed == 1 && counts.remaining == 0)
            #expect((counts.completed == 1) == (raw == 0))
            #expect(counts.failedInstances.isEmpty == (counts.failed == 0))
        }
        let mixed = Self.counts([0x0000, 0xB006, 0xB007, nil, 0xA700, 0xFE00], total: 10)
        #expect(mixed.completed == 1 && mixed.warning == 2 && mixed.failed == 3 && mixed.remaining == 4)
    }

    @Test func `a duplicate is a failure, a coercion a warning`() {
        #expect(Self.counts([0x0111]).failed == 1)
        #expect(Self.counts([0xB000]).warning == 1)
    }

    @Test func `one reason stands for all: of what failed, else of the warnings`() {
        let counts = Self.counts([0x0000, 0xB000, nil, 0xA700])
        #expect(counts.reason == "file: gone")
        #expect(Self.counts([0xA700, nil]).reason == "the destination answered A700H out of resources")
        #expect(Self.counts([0xB000, 0xB000, 0xA700]).reason == "the destination answered A700H out of resources")
        #expect(Self.counts([0x0000, 0xB007]).reason == "stored with a warning: B007H")
        #expect(Self.counts([0x0000, 0x0000]).reason == nil)
    }

    @Test func `a count over 65,535 stays there`() {
        #expect(SubOperationCounts.saturated(0) == 0 && SubOperationCounts.saturated(65_535) == 65_535)
        #expect(SubOperationCounts.saturated(65_536) == 65_535 && SubOperationCounts.saturated(10_000_000) == 65_535)
    }

    // MARK: Failed SOP Instance UID List (0008,0058)

    @Test func `lists the failed instances and no others, none where none failed`() throws {
        #expect(Self.counts([0x0000, 0xB000]).failedInstanceList == nil)
        let list = try #require(Self.counts([0x0000, 0xA700, 0xB000, nil]).failedInstanceList)
        #expect(list.elements.count == 1)
        #expect(
            list[.failedSOPInstanceUIDList]
                == DataElement(.failedSOPInstanceUIDList, .UI, .bytes(Array("1.2.2\\1.2.4\0".utf8))))
    }

    @Test(arguments: [1, 999, 1_000, 1_008, 1_009, 20_000])
    func `the list ends with the last UID that a 16-bit length has room for`(count: Int) throws {
        var counts = SubOperationCounts(total: count)
        // 64 characters each: 1,008 of them and their backslashes take 65,519 bytes.
        let uids = (0..<count).map { number in
            let digits = String(100_000 + number)
            return Sample.uid("1." + String(repeating: "2", count: 64 - 3 - digits.utf8.count) + "." + digits)
        }
        for uid in uids { counts.fail(uid, because: "") }
        let list = try #require(counts.failedInstanceList)
        let value = try #require(list.text(.failedSOPInstanceUIDList))
        #expect(value.split(separator: "\\").map(String.init) == uids.prefix(1_008).map(\.text))
        #expect(counts.failed == count, "the number goes on")
        let bytes = try list.encoded(as: .explicitLittle)
        #expect(bytes[4...5].elementsEqual("UI".utf8), "a longer value would go out as UN")
        #expect(bytes.count <= 8 + 65_534)
    }

    // 3,855 UIDs of 16 characters and their backslashes take 65,534 bytes; 4,096 of 15 would take 65,535.
    @Test(arguments: [(16, 3_855, 65_534), (15, 4_095, 65_520)])
    func `fills the value to its last byte`(length: Int, fitting: Int, bytes: Int) throws {
        var counts = SubOperationCounts(total: 10_000)
        for number in 0..<10_000 {
            let stem = String(repeating: "2", count: length - 8)
            counts.fail(Sample.uid("1.\(stem).\(10_000 + number)"), because: "")
        }
        let list = try #require(counts.failedInstanceList)
        #expect(list.text(.failedSOPInstanceUIDList)?.split(separator: "\\").count == fitting)
        #expect(list.bytes(.failedSOPInstanceUIDList)?.count == bytes)
        #expect(try list.encoded(as: .explicitLittle)[4...5].elementsEqual("UI".utf8))
    }
}
