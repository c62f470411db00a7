// The native pixel data that RLE Lossless is decoded to (PS3.5 §8.1, §8.2.2, §G.2): how many bytes, in which order.

/// A checked shape: all its products fit, and none of them is what memory is allocated by.
struct NativePixels: Equatable {
    let bytesPerSample: Int
    let samples: Int
    /// Bytes of one segment of a frame: one for each pixel; where Bits Allocated is 1, one for 8 pixels.
    let planeBytes: Int
    let frames: Int
    let isByPlane: Bool
    /// OB up to 8 bits, else OW (PS3.5 §A.2).
    let vr: VR

    /// RLE Lossless has at most so many segments in a frame (PS3.5 §G.5).
    static let segmentsMaximum = 15

    var segments: Int { samples * bytesPerSample }
    var frameBytes: Int { planeBytes * segments }
    /// Of all frames, without what makes them even.
    var byteCount: Int { frameBytes * frames }

    init(_ shape: ImageShape) throws(RunLengthFault) {
        guard let rows = shape.rows, rows > 0 else { throw .shape(.rows) }
        guard let columns = shape.columns, columns > 0 else { throw .shape(.columns) }
        guard shape.frames > 0 else { throw .shape(.numberOfFrames) }
        guard let bits = shape.bitsAllocated, [1, 8, 16, 32, 64].contains(bits) else { throw .shape(.bitsAllocated) }
        samples = shape.samplesPerPixel
        bytesPerSample = max(1, bits / 8)
        guard samples > 0, samples <= Self.segmentsMaximum / bytesPerSample else { throw .shape(.samplesPerPixel) }
        // Each is at most 65,535.
        let pixels = rows * columns
        // Frames of single bits follow one another without a gap (PS3.5 §8.1.1); these would have to be shifted.
        if bits == 1, samples != 1 || pixels % 8 != 0 && shape.frames != 1 { throw .shape(.bitsAllocated) }
        planeBytes = bits == 1 ? (pixels + 7) / 8 : pixels
        frames = shape.frames
        isByPlane = shape.planarConfiguration == 1 && samples > 1
        vr = bits > 8 ? .OW : .OB
        let (total, isOver) = (planeBytes * samples * bytesPerSample).multipliedReportingOverflow(by: frames)
        guard !isOver, total < Int(UInt32.max) else { throw .tooLong }
    }
}
