// A deflated data set that arrives in pieces, inflated a step at a time: what comes out is looked at, and never held.

import CZlib

/// Inflates one raw deflate stream (RFC 1951). Used by one thread; memory is zlib's window and a step.
@safe
package final class InflatingStream {
    private static let stepBytes = 64 << 10

    /// At one address: zlib's state points back to it.
    private let stream: UnsafeMutablePointer<z_stream>
    private var step = [UInt8](repeating: 0, count: stepBytes)
    private let maximumBytes: Int
    private var takenBytes = 0
    private var madeBytes = 0
    /// The last block has been read; what follows is padding.
    package private(set) var isAtEnd = false

    /// - Parameter maximumBytes: more may not come out.
    package init(maximumBytes: Int) throws(DeflateFault) {
        self.maximumBytes = maximumBytes
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        guard unsafe inflateInit2_(stream, -15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            throw .outOfMemory
        }
    }

    deinit {
        _ = unsafe inflateEnd(stream)
        unsafe stream.deallocate()
    }

    /// Takes the next bytes, and gives what they inflate to, a step at a time.
    ///
    /// - Throws: `.damaged` for what no compressor writes, `.overLimit` for more than `maximumBytes` or 1,000 times what went in.
    ///   The stream is over then.
    package func take(_ bytes: RawSpan, _ give: (RawSpan) -> Void) throws(DeflateFault) {
        takenBytes += bytes.byteCount
        var fault: DeflateFault?
        unsafe bytes.withUnsafeBytes { input in
            // zlib reads from `next_in` only while inflate runs, inside this closure.
            unsafe stream.pointee.next_in = UnsafeMutablePointer(
                mutating: input.baseAddress?.assumingMemoryBound(to: UInt8.self))
            unsafe stream.pointee.avail_in = UInt32(clamping: input.count)
            while !isAtEnd, fault == nil {
                let result = unsafe step.withUnsafeMutableBufferPointer { room in
                    unsafe stream.pointee.next_out = room.baseAddress
                    unsafe stream.pointee.avail_out = UInt32(room.count)
                    return unsafe CZlib.inflate(stream, Z_NO_FLUSH)
                }
                let made = Self.stepBytes - Int(unsafe stream.pointee.avail_out)
                madeBytes += made
                give(step.rawSpan.extracting(0..<made))
                isAtEnd = result == Z_STREAM_END
                if result != Z_OK, result != Z_STREAM_END, result != Z_BUF_ERROR { fault = .damaged }
                if madeBytes > maximumBytes || madeBytes / Deflate.maximumRatio > max(takenBytes, 64) {
                    fault = .overLimit(bytes: madeBytes)
                }
                // All that these bytes give has come out.
                if made < Self.stepBytes { break }
            }
        }
        if let fault { throw fault }
    }
}
