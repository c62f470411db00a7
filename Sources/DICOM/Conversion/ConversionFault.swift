// Why a data set can't go out in another transfer syntax.

/// A fault in the data set, or in having it. Nothing of it is guessed: what can't be converted whole isn't converted.
package enum ConversionFault: Error, Equatable, Sendable {
    /// Its bytes can't be had any more; why, in words.
    case unreadable(String)
    case data(DecodingFault)
    case deflate(DeflateFault)
    /// Its pixel data is in fragments, which no uncompressed transfer syntax has (PS3.5 §A.4), and not in RLE Lossless.
    case fragments
    case runLength(RunLengthFault)
    /// The value doesn't fit a 32-bit length.
    case tooLong(Tag)
}

extension ConversionFault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unreadable(let words): words
        case .data(let fault): "\(fault)"
        case .deflate(let fault): "\(fault)"
        case .fragments: "its pixel data is in fragments"
        case .runLength(let fault): "RLE: \(fault)"
        case .tooLong(let tag): "\(tag) is too long"
        }
    }
}
