// One segment of a frame in RLE Lossless (PS3.5 §G.3): runs of bytes, of one byte plane.

/// Decodes one segment, a part of it at a time.
struct RunLengthSegment {
    private static let bufferBytes = 8 << 10

    /// In the frame: of the next byte to be read into `buffer`, and behind the last.
    private var position: Int
    private let end: Int
    private var buffer: [UInt8]
    private var held = 0..<0
    /// What is left of the run that was begun: bytes as they stand, or one byte again and again.
    private var literals = 0
    private var repeats = 0
    private var repeated: UInt8 = 0

    init(_ range: Range<Int>) {
        position = range.lowerBound
        end = range.upperBound
        buffer = [UInt8](repeating: 0, count: min(Self.bufferBytes, range.count))
    }

    /// A run was begun that isn't over.
    var isWithinRun: Bool { literals > 0 || repeats > 0 }

    /// Decodes the next `count` bytes to every `stride`th place of `out` from `start` on.
    ///
    /// - Returns: false when the segment ends before.
    mutating func decode(
        _ count: Int, to out: inout [UInt8], from start: Int, stride: Int, of frame: FrameBytes, _ read: DataSetReading
    ) throws(ConversionFault) -> Bool {
        var left = count
        var at = start
        while left > 0 {
            guard try beginRun(of: frame, read) else { return false }
            let isRepeat = repeats > 0
            let step = isRepeat ? min(repeats, left) : min(literals, left, held.count)
            if isRepeat {
                for _ in 0..<step {
                    out[at] = repeated
                    at += stride
                }
                repeats -= step
            } else {
                for index in held.lowerBound..<(held.lowerBound + step) {
                    out[at] = buffer[index]
                    at += stride
                }
                held = (held.lowerBound + step)..<held.upperBound
                literals -= step
            }
            left -= step
        }
        return true
    }

    /// The same without the bytes: runs are passed over.
    mutating func pass(_ count: Int, of frame: FrameBytes, _ read: DataSetReading) throws(ConversionFault) -> Bool {
        var left = count
        while left > 0 {
            guard try beginRun(of: frame, read) else { return false }
            let isRepeat = repeats > 0
            let step = isRepeat ? min(repeats, left) : min(literals, left, held.count)
            if isRepeat {
                repeats -= step
            } else {
                held = (held.lowerBound + step)..<held.upperBound
                literals -= step
            }
            left -= step
        }
        return true
    }

    /// Sees to it that a run is there, and of bytes as they stand at least one; false at the end of the segment.
    private mutating func beginRun(of frame: FrameBytes, _ read: DataSetReading) throws(ConversionFault) -> Bool {
        while !isWithinRun {
            guard let control = try next(of: frame, read) else { return false }
            switch control {
            case 0...127: literals = Int(control) + 1
            case 129...255:
                guard let byte = try next(of: frame, read) else { return false }
                repeated = byte
                repeats = 257 - Int(control)
            default: break  // 128 says nothing (PS3.5 §G.3.2)
            }
        }
        return literals == 0 || !held.isEmpty ? true : try fill(of: frame, read)
    }

    private mutating func next(of frame: FrameBytes, _ read: DataSetReading) throws(ConversionFault) -> UInt8? {
        if held.isEmpty, try !fill(of: frame, read) { return nil }
        defer { held = (held.lowerBound + 1)..<held.upperBound }
        return buffer[held.lowerBound]
    }

    private mutating func fill(of frame: FrameBytes, _ read: DataSetReading) throws(ConversionFault) -> Bool {
        guard position < end else { return false }
        let got = try frame.read(at: position, count: end - position, into: &buffer, read)
        guard got > 0 else {
            throw .data(.truncated(offset: position, neededBytes: end - position, availableBytes: 0))
        }
        position += got
        held = 0..<got
        return true
    }
}
