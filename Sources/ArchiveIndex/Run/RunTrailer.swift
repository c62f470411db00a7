// The trailer of a run: where everything else is found from.

/// The trailer of a run.
///
///     offset  size  field, little-endian
///          0     4  magic "FRRT"
///          4     4  crc of the tail
///          8     8  version
///         16     8  bodyBytes: prologue, pages and directories
///         24     8  tail offset
///         32     8  tail length
///         40     8  length of the file
///         48     4  zero
///         52     4  crc of bytes 0 ..< 52
struct RunTrailer: Equatable, Sendable {
    var tailCRC: UInt32
    var bodyBytes: Int
    var tailOffset: Int
    var tailBytes: Int
    var fileBytes: Int
    /// A newer minor version wrote it, which may have more tables and columns.
    var isNewer = false

    func encoded() -> [UInt8] {
        var bytes = RunLayout.trailerMagic
        bytes.appendLittleEndian(tailCRC)
        FormatVersion.append(to: &bytes)
        for number in [bodyBytes, tailOffset, tailBytes, fileBytes] { bytes.appendLittleEndian(UInt64(number)) }
        bytes.appendLittleEndian(UInt32(0))
        bytes.appendLittleEndian(checksum(bytes))
        return bytes
    }

    init(tailCRC: UInt32, bodyBytes: Int, tailOffset: Int, tailBytes: Int, fileBytes: Int) {
        self.tailCRC = tailCRC
        self.bodyBytes = bodyBytes
        self.tailOffset = tailOffset
        self.tailBytes = tailBytes
        self.fileBytes = fileBytes
    }

    /// - Parameter bytes: the last 56 bytes of a file of `fileBytes` bytes.
    init(decoding bytes: [UInt8], fileBytes: Int, file: String) throws(IndexFault) {
        let base = fileBytes - RunLayout.trailerBytes
        var reader = ByteReader(bytes, file: file, base: base)
        guard bytes.count == RunLayout.trailerBytes, try reader.array(4) == RunLayout.trailerMagic else {
            throw .damaged(file: file, byte: max(0, base), what: "it doesn't end as a run does")
        }
        tailCRC = try reader.littleEndian(UInt32.self)
        guard checksum(Array(bytes[..<52])) == littleEndian32(bytes, 52) else {
            throw reader.fault("the checksum of the trailer is wrong", at: 52)
        }
        isNewer = try !FormatVersion.check(&reader)
        var numbers: [Int] = []
        for _ in 0..<4 { numbers.append(Int(clamping: try reader.littleEndian(UInt64.self))) }
        bodyBytes = numbers[0]
        tailOffset = numbers[1]
        tailBytes = numbers[2]
        self.fileBytes = numbers[3]
        // Lengths that pass the file's end would overflow what is computed from them.
        guard numbers.allSatisfy({ $0 <= fileBytes }) else {
            throw reader.fault("a length passes the end of the file", at: 16)
        }
        let blocks = (bodyBytes + RunLayout.blockBytes - 1) / RunLayout.blockBytes
        guard numbers[3] == fileBytes, bodyBytes >= RunLayout.prologueBytes, bodyBytes <= base,
            tailOffset == bodyBytes + blocks * 4, tailOffset <= base, tailBytes == base - tailOffset,
            isNewer || littleEndian32(bytes, 48) == 0
        else { throw reader.fault("the trailer's lengths don't add up", at: 16) }
    }
}
