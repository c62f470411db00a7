// A run's checksums made to hold over bytes that nobody wrote.

@testable import ArchiveIndex

extension Run {
    /// The bytes of a run, whose trailer says where its parts are, with the checksums of what they are now.
    static func withChecksums(_ written: [UInt8]) throws -> [UInt8] {
        var bytes = written
        func put(_ sum: UInt32, at offset: Int) {
            for shift in 0..<4 { bytes[offset + shift] = UInt8(truncatingIfNeeded: sum >> UInt32(8 * shift)) }
        }
        func putSums(of range: Range<Int>, from offset: Int) {
            for (index, start) in stride(from: range.lowerBound, to: range.upperBound, by: RunLayout.blockBytes)
                .enumerated()
            {
                let end = min(range.upperBound, start + RunLayout.blockBytes)
                put(checksum(Array(bytes[start..<end])), at: offset + 4 * index)
            }
        }
        let end = bytes.count - RunLayout.trailerBytes
        let trailer = try RunTrailer(decoding: Array(bytes[end...]), fileBytes: bytes.count, file: "run")
        let tail = trailer.tailOffset
        putSums(of: 0..<trailer.bodyBytes, from: trailer.bodyBytes)
        putSums(of: trailer.bodyBytes..<tail, from: tail + TableEntry.byteCount * Table.allCases.count)
        put(checksum(Array(bytes[tail..<end])), at: end + 4)
        put(checksum(Array(bytes[end..<(end + 52)])), at: end + 52)
        return bytes
    }
}
