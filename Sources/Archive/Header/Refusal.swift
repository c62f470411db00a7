// Why a file is no instance of the archive: foreign files are passed over, DICOM files that can't be managed are refused.

import ArchiveIndex
import DICOM

/// The reason that a file isn't indexed.
package enum Refusal: Error, Equatable, Sendable {
    case notDICOM
    /// A DICOMDIR: an index of files, no instance.
    case directory
    case damaged(DecodingFault)
    case deflate(DeflateFault)
    /// Neither does it name its transfer syntax, nor is its data set like any.
    case withoutTransferSyntax
    case missing(RequiredUID)
    /// The value is no UID: longer than 64 bytes, or with bytes that are no text.
    case invalid(RequiredUID)
    /// It was taken out of the index on purpose.
    case takenOut

    /// A foreign file is counted, a refused one is listed with its reason.
    package var isForeign: Bool { self == .notDICOM || self == .directory }

    /// What the index remembers of it: 1–255, never another meaning.
    package var code: UInt8 {
        switch self {
        case .notDICOM: 1
        case .directory: 2
        case .damaged: 3
        case .deflate: 4
        // 5 was any missing UID.
        case .withoutTransferSyntax: 6
        case .missing(let uid): Self.firstMissing + uid.rawValue
        case .invalid(let uid): Self.firstInvalid + uid.rawValue
        case .takenOut: ForeignFile.takenOut
        }
    }

    private static let firstMissing: UInt8 = 7
    private static let firstInvalid: UInt8 = 11

    /// Whether a remembered code is that of a foreign file.
    package static func isForeign(code: UInt8) -> Bool { code <= 2 }

    /// What a remembered code says.
    package static func words(code: UInt8) -> String {
        switch code {
        case 1: return "not DICOM"
        case 2: return "a DICOMDIR"
        case 3: return "damaged"
        case 4: return "damaged deflated data set"
        case 5: return "without the UIDs of an instance"
        case 6: return Refusal.withoutTransferSyntax.description
        case ForeignFile.takenOut: return Refusal.takenOut.description
        default:
            let missing = code < firstMissing ? nil : RequiredUID(rawValue: code - firstMissing)
            let invalid = code < firstInvalid ? nil : RequiredUID(rawValue: code - firstInvalid)
            return missing.map { Refusal.missing($0).description }
                ?? invalid.map { Refusal.invalid($0).description } ?? "refused"
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
        case .withoutTransferSyntax: "no Transfer Syntax UID (0002,0010), and elements that are like none"
        case .missing(let uid): "no \(uid)"
        case .invalid(let uid): "\(uid) is no UID"
        case .takenOut: "taken out of the index on purpose"
        }
    }
}
