// A data set deflated as it is made (PS3.5 §A.5): memory is zlib's window.

import CZlib

/// Makes one raw deflate stream (RFC 1951), padded to even length. Used by one thread.
@safe
package final class DeflatingStream {
    private static let stepBytes = 64 << 10

    /// At one address: zlib's state points back to it.
    private let stream: UnsafeMutablePointer<z_stream>

    package init() throws(DeflateFault) {
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        let made = unsafe deflateInit2_(
            stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        guard made == Z_OK else { throw .outOfMemory }
    }

    deinit {
        _ = unsafe deflateEnd(stream)
        unsafe stream.deallocate()
    }

    /// Takes the next bytes, and appends to `out` what they give; the last ones end the stream.
    package func take(_ bytes: [UInt8], isLast: Bool, into out: inout [UInt8]) throws(DeflateFault) {
        var taken = 0
        var result = Z_OK
        repeat {
            let start = out.count
            out.append(contentsOf: repeatElement(0, count: Self.stepBytes))
            let left = min(bytes.count - taken, Int(UInt32.max))
            unsafe bytes.withUnsafeBufferPointer { input in
                unsafe out.withUnsafeMutableBufferPointer { output in
                    // zlib uses both only while deflate runs, inside these closures.
                    unsafe stream.pointee.next_in = UnsafeMutablePointer(
                        mutating: input.baseAddress.map { unsafe $0 + taken })
                    unsafe stream.pointee.avail_in = UInt32(left)
                    unsafe stream.pointee.next_out = output.baseAddress.map { unsafe $0 + start }
                    unsafe stream.pointee.avail_out = UInt32(Self.stepBytes)
                    result = unsafe CZlib.deflate(stream, isLast ? Z_FINISH : Z_NO_FLUSH)
                    taken += left - Int(unsafe stream.pointee.avail_in)
                }
            }
            let isFull = unsafe stream.pointee.avail_out == 0
            out.removeLast(Int(unsafe stream.pointee.avail_out))
            if result == Z_STREAM_ERROR { throw .damaged }
            if result == Z_STREAM_END || !isLast && taken == bytes.count && !isFull { break }
        } while true
        if isLast, unsafe stream.pointee.total_out % 2 == 1 { out.append(0) }
    }
}
