// CRC-32C against the values of RFC 3720 §B.4, by processor and by table.

import Platform
import Support
import Testing

@Suite("CRC-32C, RFC 3720 §B.4") struct ChecksumTests {
    @Test func `golden values`() {
        #expect(crc32c([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
        #expect(crc32c([UInt8](repeating: 0xFF, count: 32)) == 0x62A8_AB43)
        #expect(crc32c((0..<32).map { UInt8($0) }) == 0x46DD_794E)
        #expect(crc32c(Array("123456789".utf8)) == 0xE306_9283)
        #expect(crc32c([]) == 0)
    }

    @Test func `processor and table agree at every length and start, and parts chain`() throws {
        var generator = SeededGenerator.fresh()
        let bytes = generator.bytes(300)
        let mapping = Mapping(copying: bytes)
        let span = mapping.bytes
        for start in 0..<9 {
            for end in stride(from: start, to: 300, by: 7) {
                let part = span.extracting(start..<end)
                let expected = crc32cPortable(part)
                #expect(crc32c(part) == expected)
                let middle = (start + end) / 2
                let first = crc32c(span.extracting(start..<middle))
                #expect(crc32c(span.extracting(middle..<end), seed: first) == expected)
            }
        }
    }

    @Test func `random bytes differ`() {
        #expect(randomBytes(32) != randomBytes(32))
        #expect(randomBytes(0).isEmpty)
    }
}
