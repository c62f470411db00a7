// Raw deflate (RFC 1951), as Deflated Explicit VR Little Endian has it (PS3.5 §A.5), through zlib.

import CZlib

/// Why deflated bytes could not be inflated.
package enum DeflateFault: Error, Equatable, Sendable {
    /// Bytes that no compressor writes.
    case damaged
    /// The stream ends before its last block.
    case truncated
    /// More comes out than `maximumBytes`, or than 1,000 times what went in.
    case overLimit(bytes: Int)
    /// zlib found no memory.
    case outOfMemory
}

extension DeflateFault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .damaged: "it is damaged"
        case .truncated: "it ends too early"
        case .overLimit(let bytes): "it gives more than \(bytes) bytes, far more than it has"
        case .outOfMemory: "there is no memory for it"
        }
    }
}

/// Raw deflate streams, without zlib's header and checksum.
package enum Deflate {
    /// Most bytes that may come out for one that goes in; deflate itself reaches 1,032.
    static let maximumRatio = 1_000
    private static let stepBytes = 64 << 10

    /// Inflates `bytes` in steps of 64 KiB: all of it, or as much as `wantedBytes` where less is enough.
    ///
    /// - Returns: the bytes, and whether the stream's end was reached. A truncated stream gives what it holds when
    ///   `wantedBytes` is set.
    package static func inflate(
        _ bytes: RawSpan, maximumBytes: Int, wantedBytes: Int? = nil
    ) throws(DeflateFault) -> (bytes: [UInt8], isWhole: Bool) {
        var stream = unsafe z_stream()
        guard unsafe inflateInit2_(&stream, -15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            throw .outOfMemory
        }
        defer { _ = unsafe inflateEnd(&stream) }
        var output: [UInt8] = []
        var fault: DeflateFault?
        var isWhole = false
        var step = [UInt8](repeating: 0, count: stepBytes)
        unsafe bytes.withUnsafeBytes { input in
            // zlib reads from `next_in` only while inflate runs, inside this closure.
            unsafe stream.next_in = UnsafeMutablePointer(
                mutating: input.baseAddress?.assumingMemoryBound(to: UInt8.self))
            unsafe stream.avail_in = UInt32(clamping: input.count)
            while true {
                let result = unsafe step.withUnsafeMutableBufferPointer { room in
                    unsafe stream.next_out = room.baseAddress
                    unsafe stream.avail_out = UInt32(room.count)
                    return unsafe CZlib.inflate(&stream, Z_NO_FLUSH)
                }
                let made = stepBytes - Int(unsafe stream.avail_out)
                output += step[..<made]
                let taken = input.count - Int(unsafe stream.avail_in)
                if output.count > maximumBytes || output.count / maximumRatio > max(taken, 64) {
                    fault = .overLimit(bytes: output.count)
                    return
                }
                if result == Z_STREAM_END {
                    isWhole = true
                    return
                }
                if let wantedBytes, output.count >= wantedBytes { return }
                guard result == Z_OK || result == Z_BUF_ERROR else {
                    fault = .damaged
                    return
                }
                let isDrained = unsafe stream.avail_in == 0
                if made == 0 || isDrained && made < stepBytes {
                    if wantedBytes == nil { fault = .truncated }
                    return
                }
            }
        }
        if let fault { throw fault }
        return (output, isWhole)
    }

    /// Deflates `bytes`, padded to even length with a NUL (PS3.5 §A.5).
    package static func deflate(_ bytes: [UInt8]) throws(DeflateFault) -> [UInt8] {
        var stream = unsafe z_stream()
        let made = unsafe deflateInit2_(
            &stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        guard made == Z_OK else { throw .outOfMemory }
        defer { _ = unsafe deflateEnd(&stream) }
        guard bytes.count <= Int(UInt32.max) else { throw .overLimit(bytes: bytes.count) }
        var output = [UInt8](repeating: 0, count: Int(unsafe deflateBound(&stream, UInt(bytes.count))))
        let result = unsafe bytes.withUnsafeBufferPointer { input in
            unsafe output.withUnsafeMutableBufferPointer { room in
                unsafe stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
                unsafe stream.avail_in = UInt32(input.count)
                unsafe stream.next_out = room.baseAddress
                unsafe stream.avail_out = UInt32(clamping: room.count)
                return unsafe CZlib.deflate(&stream, Z_FINISH)
            }
        }
        guard result == Z_STREAM_END else { throw .outOfMemory }
        output.removeLast(output.count - Int(unsafe stream.total_out))
        if output.count % 2 == 1 { output.append(0) }
        return output
    }
}
