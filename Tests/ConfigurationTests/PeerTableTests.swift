// The PeerTable: names of both other tables, peers by title and host, and what is wrong with a row.

import DICOM
import Testing

@testable import Configuration

@Suite("The PeerTable") struct PeerTableTests {
    /// Two hosts and a vendor, then `rows` from line 9 on.
    private func text(_ rows: String...) -> String {
        ([
            "HostTable BEGIN", "one = (ONE, host1, 104)", "two = (TWO, host2, 104)", "HostTable END",
            "VendorTable BEGIN",
        ]
            + [
                "\"The Vendor\" = one, two",
                "VendorTable END", "PeerTable BEGIN",
            ]
            + rows + ["PeerTable END"]).joined(separator: "\n")
    }

    private func fallback(_ read: Settings, _ calling: String, at host: String) -> String? {
        read.fallbackCharacterSet(calling: title(calling), isCallersHost: { $0 == host })?.description
    }

    @Test func `gives peers of vendors and of symbolic names a character set, by title and host`() throws {
        let read = try settings(
            text("\"The Vendor\" FallbackCharacterSet = \"ISO_IR 144\"", "one FallbackCharacterSet GBK"))
        #expect(fallback(read, "ONE", at: "host1") == "ISO_IR 144", "the first row counts")
        #expect(fallback(read, "TWO", at: "host2") == "ISO_IR 144")
        #expect(fallback(read, "TWO", at: "host1") == nil && fallback(read, "THREE", at: "host1") == nil)
        let later = try settings(text("one FallbackCharacterSet GBK"))
        #expect(fallback(later, "ONE", at: "host1") == "GBK" && fallback(later, "TWO", at: "host2") == nil)
    }

    @Test(arguments: [
        ("nobody FallbackCharacterSet = GBK", "neither the VendorTable"), ("one", "without a parameter"),
        ("one MaxBytes = 1gb", "of a peer"), ("one FallbackCharacterSet = latin1", "latin1"),
        ("one FallbackCharacterSet = GBK, GBK", "after the value"), ("one FallbackCharacterSet", "without a value"),
        ("\"The Vendr\" FallbackCharacterSet = GBK", "The Vendr"),
    ])
    func `refuses what it can't mean, with its line`(row: String, found: String) {
        let faults = faults(text(row))
        #expect(faults.map(\.line) == [9] && faults[0].found.contains(found), "\(faults)")
    }
}
