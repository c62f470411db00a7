// CRC-32C, the checksum of everything that the index writes.

import CPlatform

/// The CRC-32C (Castagnoli) of `bytes`, going on from `seed`: `crc32c(b, seed: crc32c(a))` is that of a and b together.
/// By SSE4.2 where the processor has it.
package func crc32c(_ bytes: RawSpan, seed: UInt32 = 0) -> UInt32 {
    unsafe bytes.withUnsafeBytes { source in
        guard let start = source.baseAddress else { return seed }
        return unsafe fr_crc32c(seed, start, source.count)
    }
}

/// The same without SSE4.2, for comparison.
package func crc32cPortable(_ bytes: RawSpan, seed: UInt32 = 0) -> UInt32 {
    unsafe bytes.withUnsafeBytes { source in
        guard let start = source.baseAddress else { return seed }
        return unsafe fr_crc32c_portable(seed, start, source.count)
    }
}

/// The CRC-32C of an array.
package func crc32c(_ bytes: [UInt8], seed: UInt32 = 0) -> UInt32 {
    crc32c(unsafe bytes.span.bytes, seed: seed)  // bytes have no padding
}
