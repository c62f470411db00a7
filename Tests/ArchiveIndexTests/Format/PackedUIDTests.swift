import ArchiveIndex
import DICOM
import Support
import Testing

@Suite("Packed UIDs, FORMAT.md") struct PackedUIDTests {
    @Test(arguments: ["1", "1.2", "1.2.840.10008.1.1", "1.2.0", "a", "1.2.X", "0", "1..2", "12345678901234567890.1"])
    func `every UID comes back`(text: String) throws {
        let uid = try #require(UID(text))
        #expect(UID(packed: uid.packed) == uid)
    }

    @Test func `1.23 is 31 45H, 1.2 is filled up`() throws {
        #expect(UID(literal: "1.23").packed == [0x31, 0x45])
        #expect(UID(literal: "1.2").packed == [0x31, 0x40])
    }

    @Test func `one UID has one packed form`() throws {
        for packed in [[0x30, 0x40], [0x3C], [0x00], [], [0xF0], [0xF0, 0x31], [0xF0, 0x58, 0x20], [0x31, 0x00]]
            as [[UInt8]]
        {
            #expect(UID(packed: packed) == nil)
        }
    }

    @Test func `packed order is the order of digits and dots`() throws {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<500 {
            let texts = (0..<2).map { _ in
                (0..<Int.random(in: 1...20, using: &generator)).map { _ in
                    "0123456789.".randomElement(using: &generator)!
                }
            }.map { String($0) }
            let pair = texts.map { UID($0)! }
            #expect((pair[0] < pair[1]) == pair[0].packed.lexicographicallyPrecedes(pair[1].packed))
        }
    }
}
