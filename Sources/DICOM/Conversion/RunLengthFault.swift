// Why pixel data in RLE Lossless can't be decoded (PS3.5 Annex G).

/// What is wrong with it. Frames count from 1.
package enum RunLengthFault: Error, Equatable, Sendable {
    /// Rows, Columns, Samples per Pixel, Bits Allocated or Number of Frames is absent, or nothing that RLE can hold.
    case shape(Tag)
    /// Native, it would pass a 32-bit length.
    case tooLong
    /// The fragments don't say which of them make which frame.
    case frames(found: Int, expected: Int)
    /// A frame of more fragments than are followed.
    case tooManyFragments(frame: Int)
    /// Not one segment for each byte of a pixel.
    case segments(frame: Int, found: Int, expected: Int)
    /// A segment begins outside its frame, or before the one in front of it ends.
    case offset(frame: Int)
    /// A segment ends before the last pixel.
    case tooShort(frame: Int)
    /// A run goes on past the last pixel.
    case runPastEnd(frame: Int)
}

extension RunLengthFault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .shape(let tag): "\(DataDictionary.entry(for: tag)?.name ?? tag.description) is none that it can have"
        case .tooLong: "decoded, it passes a 32-bit length"
        case .frames(let found, let expected): "\(found) fragments for \(expected) frames"
        case .tooManyFragments(let frame): "frame \(frame) has too many fragments"
        case .segments(let frame, let found, let expected): "frame \(frame) has \(found) segments, not \(expected)"
        case .offset(let frame): "a segment of frame \(frame) lies outside it"
        case .tooShort(let frame): "frame \(frame) ends too early"
        case .runPastEnd(let frame): "frame \(frame) has more pixels than fit"
        }
    }
}
