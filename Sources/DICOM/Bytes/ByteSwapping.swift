// Numbers from little endian to big endian and back (PS3.5 §7.3), many at a time.

extension [UInt8] {
    /// Turns the byte order of each whole word from `start` on around; a rest shorter than a word stays. O(n).
    ///
    /// - Parameter wordBytes: 1, 2, 4 or 8.
    package mutating func swapWords(of wordBytes: Int, from start: Int = 0) {
        switch wordBytes {
        case 2: swapEach(UInt16.self, from: start)
        case 4: swapEach(UInt32.self, from: start)
        case 8: swapEach(UInt64.self, from: start)
        default: break
        }
    }

    private mutating func swapEach<T: FixedWidthInteger & BitwiseCopyable>(_ type: T.Type, from start: Int) {
        precondition(start >= 0 && start <= count, "no such bytes")
        unsafe withUnsafeMutableBytes { bytes in
            let size = MemoryLayout<T>.size
            var at = start
            // Each word is in bounds by this condition; any bit pattern is a valid integer.
            while size <= bytes.count - at {
                let word = unsafe bytes.loadUnaligned(fromByteOffset: at, as: T.self)
                unsafe bytes.storeBytes(of: word.byteSwapped, toByteOffset: at, as: T.self)
                at += size
            }
        }
    }
}
