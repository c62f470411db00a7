// Hostile text: escapes, wildcards and long values cost time and memory in proportion to their length (hardening).

import DICOM
import Testing

@testable import ArchiveIndex

@Suite("Hostile text, PS3.5 §6.1.2.5, PS3.4 §C.2.2.2") struct HostileTextTests {
    static let length = 1 << 16

    /// 64 KiB of a few bytes again and again.
    static func repeated(_ bytes: [UInt8]) -> [UInt8] { (0..<length).map { bytes[$0 % bytes.count] } }

    static let patterns: [[UInt8]] = [
        [0x1B], [0x1B, 0x24], [0x1B, 0x24, 0x42], [0x1B, 0x24, 0x28, 0x44],
        [0x1B, 0x2D, 0x4C, 0xBB, 0x1B, 0x2D, 0x41, 0xFC],
        [0x5E], [0x3D], [0x5C], [0x5E, 0x1B, 0x24, 0x42], [0x81], [0x81, 0x30], [0xFF], [0xC3], [0xF0, 0x9F],
        [0x1B, 0x24, 0x29, 0x43, 0xFB],
    ]

    @Test(arguments: patterns)
    func `64 KiB of anything decodes to no more characters than bytes, in each scheme`(pattern: [UInt8]) {
        let bytes = Self.repeated(pattern)
        for terms in ["ISO 2022 IR 100\\ISO 2022 IR 144\\ISO 2022 IR 87", "ISO_IR 192", "GB18030"] {
            let set = SpecificCharacterSet(stored: Array(terms.utf8))
            let text = set.decode(bytes, vr: .PN)
            #expect(text.unicodeScalars.count <= bytes.count && text.utf8.count <= 3 * bytes.count)
            #expect(PersonName(text).groups.count == 3)
        }
    }

    @Test func `switching sets at each character costs a few bytes each, not more`() throws {
        let text = String(repeating: "éЛ山^", count: Self.length / 8)
        let set = SpecificCharacterSet(stored: Array("ISO 2022 IR 100\\ISO 2022 IR 144\\ISO 2022 IR 87".utf8))
        let coded = try #require(set.encode(text, vr: .PN))
        #expect(coded.count <= 6 * text.unicodeScalars.count)
        #expect(set.decode(coded, vr: .PN) == text)
    }

    @Test func `a stored name of 64 KiB is matched in time that grows with its length`() throws {
        let stored = [UInt8](repeating: 0x61, count: Self.length)
        for key in ["a*a*a*a*a*b", "*aaaaaaaaaaaaaaaab", "?*?*?*?*b", String(repeating: "a", count: Self.length) + "b"]
        {
            #expect(try !Trial.matches(.PN, Array(key.utf8), in: "ISO_IR 192", stored, in: "ISO_IR 100"))
        }
        #expect(try Trial.matches(.PN, Array("*a".utf8), in: "ISO_IR 192", stored, in: "ISO_IR 100"))
    }

    @Test(arguments: [VR.PN, .LO, .UT, .CS])
    func `a wildcard key of over 1,024 bytes is refused, each value for itself`(vr: VR) throws {
        let long = "*" + String(repeating: "a", count: 1_024)
        let fault = #expect(throws: QueryFault.self) { try Trial.matcher(vr, long) }
        #expect(fault?.kind == .overLimit)
        _ = try Trial.matcher(vr, String(long.dropLast()))
        _ = try Trial.matcher(vr, String(repeating: "a", count: 4_096))
        if vr != .UT { _ = try Trial.matcher(vr, Array(repeating: "ab*", count: 1_000).joined(separator: "\\")) }
    }

    @Test func `wildcard values of over 8,192 bytes together are refused, others don't count`() throws {
        let eight = Array(repeating: "*" + String(repeating: "a", count: 1_023), count: 8)
        _ = try Trial.matcher(.LO, (eight + [String(repeating: "b", count: 4_096)]).joined(separator: "\\"))
        let fault = #expect(throws: QueryFault.self) {
            try Trial.matcher(.LO, (eight + ["*b"]).joined(separator: "\\"))
        }
        #expect(fault?.kind == .overLimit)
    }

    @Test func `a value that no response can carry is returned empty, and the others are returned, PS3.5 §7.1.2`()
        throws
    {
        // 40,000 characters are 80,000 bytes in UTF-8, and 40,000 in ISO_IR 100.
        let name = [UInt8](repeating: 0xFC, count: 40_000)
        let file = Shelf.instance().with(.specificCharacterSet, "ISO_IR 100").with(.patientName, bytes: name)
        for (asked, expected) in [("ISO_IR 100", name.count), ("ISO_IR 192", 0), ("ISO_IR 144", 0)] {
            let identifier = DataSet.keys("STUDY", [.patientName: "", .studyInstanceUID: ""]).with(
                .specificCharacterSet, asked)
            let found = try #require(try Shelf([file]).responses(to: identifier).first)
            #expect(found.bytes(.patientName)?.count == expected)
            #expect(found.text(.studyInstanceUID) == "1.2.1")
            _ = try found.encoded(as: .explicitLittle)
        }
    }
}
