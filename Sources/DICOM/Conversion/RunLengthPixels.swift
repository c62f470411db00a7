// Pixel data in RLE Lossless (PS3.5 §A.4.2, Annex G) to native pixel data, a part of a frame at a time.

/// Decodes the frames of one Pixel Data element. A frame is never held: each of its segments is read where it lies, through a
/// buffer of its own, so that no number of rows or columns decides what memory is taken.
struct RunLengthPixels {
    /// A frame of this or less is decoded in one step.
    private static let stepBytes = 64 << 10
    /// Number of segments and their offsets (PS3.5 §G.5).
    private static let headBytes = 64

    let pixels: NativePixels
    /// Behind the delimiter of the fragments.
    var end: Int { frames.end }
    private var frames: FragmentedFrames
    private var frame = FrameBytes([])
    private var segments: [RunLengthSegment] = []
    /// How much of each segment of `samples` is decoded: of all samples, or by plane of the one that is being decoded.
    private var done = 0
    private var samples = 0..<0

    /// - Parameters:
    ///   - offset: where the first item begins.
    ///   - limit: where the data set or item around the pixel data ends.
    init(_ shape: ImageShape, at offset: Int, limit: Int, _ read: DataSetReading) throws(ConversionFault) {
        do throws(RunLengthFault) { pixels = try NativePixels(shape) } catch { throw .runLength(error) }
        frames = try FragmentedFrames(at: offset, limit: limit, frames: pixels.frames, read)
    }

    /// Decodes everything and keeps nothing.
    ///
    /// - Throws: what `append` would.
    mutating func check(_ read: DataSetReading) throws(ConversionFault) {
        while try nextFrame(read) {
            for index in segments.indices {
                guard try segments[index].pass(pixels.planeBytes, of: frame, read) else {
                    throw .runLength(.tooShort(frame: frames.frame))
                }
                try checkEnd(of: index)
            }
        }
    }

    /// Appends some of the pixel data, little endian; false when all of it was.
    mutating func append(to out: inout [UInt8], _ read: DataSetReading) throws(ConversionFault) -> Bool {
        if done == pixels.planeBytes || samples.isEmpty {
            done = 0
            if pixels.isByPlane, !samples.isEmpty, samples.upperBound < pixels.samples {
                samples = samples.upperBound..<(samples.upperBound + 1)
            } else {
                guard try nextFrame(read) else { return false }
                samples = 0..<(pixels.isByPlane ? 1 : pixels.samples)
            }
        }
        let width = pixels.bytesPerSample
        let stride = samples.count * width
        let count = min(pixels.planeBytes - done, max(1, Self.stepBytes / stride))
        let start = out.count
        out.append(contentsOf: repeatElement(0, count: count * stride))
        for sample in samples {
            for byte in 0..<width {
                // The most significant byte comes first (PS3.5 §G.2).
                let index = sample * width + (width - 1 - byte)
                let place = start + (sample - samples.lowerBound) * width + byte
                guard
                    try segments[index].decode(count, to: &out, from: place, stride: stride, of: frame, read)
                else { throw .runLength(.tooShort(frame: frames.frame)) }
                if done + count == pixels.planeBytes { try checkEnd(of: index) }
            }
        }
        done += count
        return true
    }

    /// Runs end where the plane does; what comes behind them makes the segment even.
    private func checkEnd(of segment: Int) throws(ConversionFault) {
        if segments[segment].isWithinRun { throw .runLength(.runPastEnd(frame: frames.frame)) }
    }

    /// Reads the next frame's head; false behind the last.
    private mutating func nextFrame(_ read: DataSetReading) throws(ConversionFault) -> Bool {
        guard let fragments = try frames.next(read) else { return false }
        frame = FrameBytes(fragments)
        let number = frames.frame
        guard frame.count >= Self.headBytes else { throw .runLength(.tooShort(frame: number)) }
        var head: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: Self.headBytes)
        while head.count < Self.headBytes {
            let got = try frame.read(at: head.count, count: Self.headBytes - head.count, into: &piece, read)
            guard got > 0 else { throw .runLength(.tooShort(frame: number)) }
            head += piece[..<got]
        }
        let numbers = (0...NativePixels.segmentsMaximum).map { index in
            (0..<4).reduce(0) { $0 | Int(head[4 * index + $1]) << (8 * $1) }
        }
        guard numbers[0] == pixels.segments else {
            throw .runLength(.segments(frame: number, found: numbers[0], expected: pixels.segments))
        }
        let bounds = Array(numbers[1...pixels.segments]) + [frame.count]
        guard bounds[0] >= Self.headBytes, zip(bounds, bounds.dropFirst()).allSatisfy({ $0 < $1 }) else {
            throw .runLength(.offset(frame: number))
        }
        segments = zip(bounds, bounds.dropFirst()).map { RunLengthSegment($0..<$1) }
        return true
    }
}
