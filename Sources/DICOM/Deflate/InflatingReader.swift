// A deflated data set read as if it weren't: forward, as many bytes as are asked for (PS3.5 §A.5).

import CZlib

/// Inflates one raw deflate stream (RFC 1951) on demand. Used by one thread; memory is zlib's window and two steps.
@safe
package final class InflatingReader {
    private static let stepBytes = 64 << 10

    /// At one address: zlib's state points back to it.
    private let stream: UnsafeMutablePointer<z_stream>
    private let maximumBytes: Int
    /// What was read and isn't inflated yet.
    private var input = [UInt8](repeating: 0, count: stepBytes)
    private var held = 0..<0
    private var takenBytes = 0
    /// How much has come out: the offset of the next byte.
    private var madeBytes = 0
    private var isAtEnd = false
    /// What is passed over comes out here.
    private var passed: [UInt8] = []

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

    /// Reads up to `count` inflated bytes from `offset`, which is never before one that was read; fewer only at the end.
    ///
    /// - Parameters:
    ///   - byteCount: of the deflated bytes, which `read` gives.
    /// - Throws: `.deflate`, also where the deflated bytes end before the stream does; `.data(.truncated)` where `offset` is past the end.
    package func read(
        at offset: Int, count: Int, into buffer: inout [UInt8], from index: Int, ofBytes byteCount: Int,
        _ read: DataSetReading
    ) throws(ConversionFault) -> Int {
        precondition(offset >= madeBytes, "what was inflated is gone")
        while madeBytes < offset {
            if passed.isEmpty { passed = [UInt8](repeating: 0, count: Self.stepBytes) }
            let step = min(offset - madeBytes, passed.count)
            guard try inflate(into: &passed, from: 0, count: step, byteCount, read) > 0 else {
                throw .data(.truncated(offset: offset, neededBytes: offset - madeBytes, availableBytes: 0))
            }
        }
        var got = 0
        while got < count {
            let step = try inflate(into: &buffer, from: index + got, count: count - got, byteCount, read)
            if step == 0 { break }
            got += step
        }
        return got
    }

    /// Inflates at least a byte and at most `count`; 0 at the end of the stream.
    private func inflate(
        into buffer: inout [UInt8], from index: Int, count: Int, _ byteCount: Int, _ read: DataSetReading
    ) throws(ConversionFault) -> Int {
        precondition(index >= 0 && count > 0 && count <= buffer.count - index, "no room for what is to be inflated")
        while !isAtEnd {
            if held.isEmpty {
                let wanted = min(input.count, byteCount - takenBytes)
                let got = wanted > 0 ? try read(takenBytes, wanted, &input, 0) : 0
                guard got > 0 else { throw .deflate(.truncated) }
                takenBytes += got
                held = 0..<got
            }
            let room = min(count, Self.stepBytes)
            let (result, taken, made) = step(into: &buffer, from: index, count: room)
            held = (held.lowerBound + taken)..<held.upperBound
            madeBytes += made
            isAtEnd = result == Z_STREAM_END
            if result != Z_OK, result != Z_STREAM_END, result != Z_BUF_ERROR { throw .deflate(.damaged) }
            if madeBytes > maximumBytes || madeBytes / Deflate.maximumRatio > max(takenBytes, 64) {
                throw .deflate(.overLimit(bytes: madeBytes))
            }
            if made > 0 { return made }
            // zlib wants neither bytes nor room, and gives none.
            if taken == 0, !held.isEmpty { throw .deflate(.damaged) }
        }
        return 0
    }

    private func step(into buffer: inout [UInt8], from index: Int, count: Int) -> (Int32, taken: Int, made: Int) {
        let held = held
        return unsafe input.withUnsafeMutableBufferPointer { input in
            unsafe buffer.withUnsafeMutableBufferPointer { output in
                // zlib uses both only while inflate runs, inside these closures.
                unsafe stream.pointee.next_in = input.baseAddress.map { unsafe $0 + held.lowerBound }
                unsafe stream.pointee.avail_in = UInt32(held.count)
                unsafe stream.pointee.next_out = output.baseAddress.map { unsafe $0 + index }
                unsafe stream.pointee.avail_out = UInt32(count)
                let result = unsafe CZlib.inflate(stream, Z_NO_FLUSH)
                let taken = held.count - Int(unsafe stream.pointee.avail_in)
                return (result, taken, count - Int(unsafe stream.pointee.avail_out))
            }
        }
    }
}
