// The checksum of all files of an index, and numbers that are read where they stand.

import Platform

/// The CRC-32C of bytes, as all of the index uses it.
func checksum(_ bytes: [UInt8]) -> UInt32 { crc32c(bytes) }

func littleEndian32(_ bytes: [UInt8], _ offset: Int) -> UInt32 {
    UInt32(bytes[offset]) | UInt32(bytes[offset + 1]) << 8 | UInt32(bytes[offset + 2]) << 16
        | UInt32(bytes[offset + 3]) << 24
}
