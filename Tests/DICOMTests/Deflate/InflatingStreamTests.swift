// Deflated data sets that arrive in pieces.

import Support
import Testing

@testable import DICOM

@Suite("Deflate streams in pieces, RFC 1951") struct InflatingStreamTests {
    /// What comes out of pieces of so many bytes.
    static func inflated(
        _ bytes: [UInt8], pieces: Int = .max, maximumBytes: Int = 1 << 30
    ) throws(DeflateFault) -> (bytes: [UInt8], isAtEnd: Bool) {
        let stream = try InflatingStream(maximumBytes: maximumBytes)
        var output: [UInt8] = []
        var start = 0
        while start < bytes.count {
            let end = min(bytes.count - start, pieces) + start
            try stream.take(bytes.rawSpan.extracting(start..<end)) { output.append(copying: $0) }
            start = end
        }
        return (output, stream.isAtEnd)
    }

    @Test(arguments: [1, 7, 1_000, 65_536, .max]) func `come out whole, in any pieces`(pieces: Int) throws {
        var generator = SeededGenerator(seed: 7)
        for count in [0, 1, 1_000, 65_536, 200_001] {
            // Four bits of each byte, so that there is something to compress.
            let bytes = generator.bytes(count).map { $0 & 15 }
            let found = try Self.inflated(Deflate.deflate(bytes), pieces: pieces)
            #expect(found.bytes == bytes && found.isAtEnd, "\(count)")
        }
    }

    @Test func `a cut is no end, and padding behind it is passed over`() throws {
        let bytes = [UInt8](repeating: 5, count: 100_000)
        let stream = try Deflate.deflate(bytes)
        #expect(try !Self.inflated(Array(stream.dropLast(3))).isAtEnd)
        let padded = try Self.inflated(stream + [0, 0, 0], pieces: 5)
        #expect(padded.bytes == bytes && padded.isAtEnd)
    }

    @Test func `damage and bombs are told`() throws {
        #expect(throws: DeflateFault.damaged) { try Self.inflated([0x07, 0xFF, 0xFF]) }
        let zeros = try Deflate.deflate([UInt8](repeating: 0, count: 4 << 20))
        #expect(throws: DeflateFault.self) { try Self.inflated(zeros, pieces: 100) }
        #expect(throws: DeflateFault.self) { try Self.inflated(zeros, maximumBytes: 1_000) }
    }
}
