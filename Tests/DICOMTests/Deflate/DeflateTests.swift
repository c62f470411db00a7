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

    /// What inflating throws; nil where it gives something.
    static func fault(inflating bytes: [UInt8], maximumBytes: Int) -> DeflateFault? {
        do throws(DeflateFault) {
            _ = try Deflate.inflate(bytes.rawSpan, maximumBytes: maximumBytes)
            return nil
        } catch {
            return error
        }
    }

    @Test func `a bomb stops at the limit, or at 1,000 bytes for one`() throws {
        let bomb = try Deflate.deflate([UInt8](repeating: 0, count: 8 << 20))
        for maximumBytes in [1 << 20, 1 << 30] {
            guard case .overLimit(let bytes)? = Self.fault(inflating: bomb, maximumBytes: maximumBytes) else {
                Issue.record("not over a limit of \(maximumBytes) bytes")
                continue
            }
            #expect(bytes < 8 << 20)
        }
    }

    @Test func `damage throws, or gives no more than the limit`() throws {
        let deflated = try Deflate.deflate(Self.plain)
        var thrown = 0
        for index in stride(from: 0, to: deflated.count, by: 17) {
            var damaged = deflated
            damaged[index] ^= 0x41
            do throws(DeflateFault) {
                // Nothing in raw deflate tells of a byte that became another.
                let result = try Deflate.inflate(damaged.rawSpan, maximumBytes: Self.plain.count)
                #expect(result.isWhole && result.bytes.count <= Self.plain.count)
            } catch {
                thrown += 1
                if case .overLimit(let bytes) = error { #expect(bytes <= Self.plain.count + 64 << 10) }
            }
        }
        #expect(thrown > 0)
        #expect(Self.fault(inflating: [UInt8](repeating: 0xFF, count: 64), maximumBytes: 1 << 20) == .damaged)
    }
}
