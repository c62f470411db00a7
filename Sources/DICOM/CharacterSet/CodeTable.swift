// A coded character set as a table in both directions, filled once from iconv(3).
// A table is immutable, so threads share it without a lock, no conversion descriptor lives on, and a character costs
// one load. glibc has no names for the bare sets of ISO 2022; their codes are found in its EUC converters, one at a
// time.

import Glibc

/// Characters by code index and code indexes by character. Characters of ISO 646 are never taken from a converter: a
/// backslash, `^` or `=` in decoded text is always a delimiter.
struct CodeTable: Sendable {
    /// By index; 0 where the set has no character.
    private let scalars: [UInt32]
    /// Character in the high 32 bits, index in the low, ascending.
    private let byScalar: [UInt64]

    /// A table whose entry `i` is the character of index `i`, 0 for none. Of several codes for a character the first
    /// counts.
    init(_ scalars: [UInt32]) {
        self.scalars = scalars
        var pairs: [UInt64] = []
        pairs.reserveCapacity(scalars.count)
        for (index, scalar) in scalars.enumerated() where scalar != 0 {
            pairs.append(UInt64(scalar) << 32 | UInt64(index))
        }
        pairs.sort()
        byScalar = pairs
    }

    /// A table of `count` codes whose bytes in glibc's `converter` are given by `code`; empty when the host hasn't got
    /// the converter (its gconv modules are files).
    init(converter: String, count: Int, code: (Int) -> [UInt8]) {
        guard let converter = Converter(from: converter) else {
            self.init([])
            return
        }
        self.init(
            (0..<count).map { index in
                guard let scalar = converter.scalar(of: code(index)), scalar > 0x9F else { return 0 }
                return scalar
            })
    }

    /// The converter was there.
    var isUsable: Bool { !byScalar.isEmpty }

    /// The character of index `index`; nil when there is none. O(1).
    func scalar(at index: Int) -> Unicode.Scalar? {
        guard index < scalars.count, scalars[index] != 0 else { return nil }
        return Unicode.Scalar(scalars[index])
    }

    /// The lowest index of `scalar`; nil when the set hasn't got it. O(log n).
    func index(of scalar: Unicode.Scalar) -> Int? {
        let wanted = UInt64(scalar.value) << 32
        var low = 0
        var high = byScalar.count
        while low < high {
            let middle = (low + high) / 2
            if byScalar[middle] < wanted { low = middle + 1 } else { high = middle }
        }
        guard low < byScalar.count, byScalar[low] >> 32 == UInt64(scalar.value) else { return nil }
        return Int(truncatingIfNeeded: byScalar[low] & 0xFFFF_FFFF)
    }
}

/// An iconv conversion descriptor to UTF-32LE, closed with its owner. Safe because nothing but its methods sees the
/// descriptor.
@safe private struct Converter: ~Copyable {
    private let descriptor: iconv_t

    /// Nil when the host's iconv doesn't know `name`.
    init?(from name: String) {
        // iconv_open copies what it needs from the two strings.
        guard let descriptor = unsafe iconv_open("UTF-32LE", name), Int(bitPattern: descriptor) != -1 else {
            return nil
        }
        unsafe self.descriptor = descriptor
    }

    deinit {
        // Open since init, closed only here.
        unsafe _ = iconv_close(descriptor)
    }

    /// The one character that `code` is; nil when it is none, several, or only the beginning of one.
    borrowing func scalar(of code: [UInt8]) -> UInt32? {
        var input = code.map { CChar(bitPattern: $0) }
        var output = [CChar](repeating: 0, count: 16)
        var inputLeft = input.count
        var outputLeft = output.count
        // Null arguments put the descriptor back into its initial state.
        unsafe _ = iconv(descriptor, nil, nil, nil, nil)
        let result = unsafe input.withUnsafeMutableBufferPointer { source in
            unsafe output.withUnsafeMutableBufferPointer { target in
                // iconv advances these two within the buffers, whose lengths it is given.
                var sourceNext = source.baseAddress
                var targetNext = target.baseAddress
                return unsafe iconv(descriptor, &sourceNext, &inputLeft, &targetNext, &outputLeft)
            }
        }
        guard result == 0, inputLeft == 0, output.count - outputLeft == 4 else { return nil }
        return output[0..<4].reversed().reduce(0) { $0 << 8 | UInt32(UInt8(bitPattern: $1)) }
    }
}
