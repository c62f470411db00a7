// How much of a disk stays free.

import Testing

@testable import Configuration

@Suite("MinimumFreeSpace") struct FreeSpaceReserveTests {
    private func reserve(_ text: String) throws -> FreeSpaceReserve {
        try settings("MinimumFreeSpace = \(text)").storage.minimumFreeSpace
    }

    @Test func `is the larger of 1 GiB and 1 % unless told otherwise`() {
        #expect(FreeSpaceReserve.standard.bytes(ofTotal: 10 << 30) == 1 << 30)
        #expect(FreeSpaceReserve.standard.bytes(ofTotal: 1_000_000_000_000) == 10_000_000_000)
        #expect(FreeSpaceReserve.standard.bytes(ofTotal: 0) == 1 << 30)
    }

    @Test(arguments: [
        ("2%", 1_000, 20), ("0.5%", 1_000, 5), ("0.05%", 10_000, 5), ("99.99%", 10_000, 9_999), ("10%", 99, 9),
        ("0", 1_000, 0), ("0%", 1_000, 0), ("1kb", 1_000_000, 1_024), ("500", 1_000, 500), ("1kb 50%", 1_000, 1_024),
        ("1kb 50%", 10_000, 5_000), ("2%", -5, 0), ("99.99%", .max, 9_222_449_699_651_090_329),
    ])
    func `is a size, a share, or the larger of both`(text: String, total: Int, expected: Int) throws {
        #expect(try reserve(text).bytes(ofTotal: total) == expected)
    }
}
