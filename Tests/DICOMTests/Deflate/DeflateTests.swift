// Deflated data sets, and bombs among them.

import DICOM
import Testing

@Suite("Deflate, PS3.5 §A.5") struct DeflateTests {
    static let plain = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 / 7) }

    @Test func `what is deflated is inflated`() throws {
        let deflated = try Deflate.deflate(Self.plain)
        #expect(deflated.count % 2 == 0 && deflated.count < Self.plain.count)
        let result = try Deflate.inflate(deflated.rawSpan, maximumBytes: 1 << 20)
        #expect(result.bytes == Self.plain && result.isWhole)
    }

    @Test func `a wanted prefix needs no more than itself`() throws {
        let deflated = try Deflate.deflate(Self.plain)
        let cut = Array(deflated[..<(deflated.count / 2)])
        let result = try Deflate.inflate(cut.rawSpan, maximumBytes: 1 << 20, wantedBytes: 1_000)
        #expect(result.bytes.count >= 1_000)
        #expect(Self.plain.starts(with: result.bytes))
        #expect(throws: DeflateFault.truncated) { try Deflate.inflate(cut.rawSpan, maximumBytes: 1 << 20) }
    }

    @Test func `a bomb stops at the limit`() throws {
        let bomb = try Deflate.deflate([UInt8](repeating: 0, count: 8 << 20))
        #expect(throws: DeflateFault.self) { try Deflate.inflate(bomb.rawSpan, maximumBytes: 1 << 20) }
        #expect(throws: DeflateFault.self) { try Deflate.inflate(bomb.rawSpan, maximumBytes: 1 << 30) }
    }

    @Test func `damage is said`() throws {
        var deflated = try Deflate.deflate(Self.plain)
        for index in stride(from: 0, to: deflated.count, by: 17) {
            deflated[index] ^= 0x41
            _ = try? Deflate.inflate(deflated.rawSpan, maximumBytes: 1 << 20)
        }
        #expect(throws: DeflateFault.self) {
            try Deflate.inflate([UInt8](repeating: 0xFF, count: 64).rawSpan, maximumBytes: 1 << 20)
        }
    }
}
