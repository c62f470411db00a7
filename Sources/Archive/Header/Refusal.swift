// Why a file is no instance of the archive: foreign files are passed over, DICOM files that can't be managed are refused.

import DICOM

/// The reason that a file isn't indexed.
package enum Refusal: Error, Equatable, Sendable {
    case notDICOM
    /// A DICOMDIR: an index of files, no instance.
    case directory
    case damaged(DecodingFault)
    case deflate(DeflateFault)
    /// No instance can be managed without its UIDs (PS3.4 §C.2.2.1.1), or sent without its transfer syntax.
    case missing(Tag)
    /// The value of a UID that is none: longer than 64 bytes, or with other characters than text.
    case invalid(Tag)

    /// A foreign file is counted, a refused one is listed with its reason.
    package var isForeign: Bool { self == .notDICOM || self == .directory }

    /// What the index remembers of it: 1–255, never another meaning.
    package var code: UInt8 {
        switch self {
        case .notDICOM: 1
        case .directory: 2
        case .damaged: 3
        case .deflate: 4
        case .missing(let tag): 5 + Self.position(of: tag)
        case .invalid(let tag): 10 + Self.position(of: tag)
        }
    }

    /// The UIDs that may be missing, in the order of their codes.
    private static let uids: [Tag] = [
        .sopClassUID, .studyInstanceUID, .seriesInstanceUID, .sopInstanceUID, .transferSyntaxUID,
    ]

    private static func position(of tag: Tag) -> UInt8 { UInt8(uids.firstIndex(of: tag) ?? 0) }

    /// Whether a remembered code is that of a foreign file.
    package static func isForeign(code: UInt8) -> Bool { code <= 2 }

    /// What a remembered code says.
    package static func words(code: UInt8) -> String {
        switch code {
        case 1: "not DICOM"
        case 2: "a DICOMDIR"
        case 3: "damaged"
        case 4: "damaged deflated data set"
        case 5..<10: Refusal.missing(uids[Int(code) - 5]).description
        case 10..<15: Refusal.invalid(uids[Int(code) - 10]).description
        default: "refused"
        }
    }
}

extension Refusal: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notDICOM: "not DICOM"
        case .directory: "a DICOMDIR, which lists files and is no instance"
        case .damaged(let fault): "damaged: \(fault)"
        case .deflate(let fault): "the deflated data set can't be inflated: \(fault)"
        case .missing(let tag): "no \(DataDictionary.entry(for: tag)?.name ?? "") \(tag)"
        case .invalid(let tag): "\(DataDictionary.entry(for: tag)?.name ?? "") \(tag) is no UID"
        }
    }
}
