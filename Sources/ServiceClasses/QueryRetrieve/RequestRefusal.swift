// Why a Query/Retrieve request ends with a failure before anything was searched or sent.

import ArchiveIndex
import DICOM
import DIMSE
import Platform
import UpperLayer

/// A status, its Error Comment (0000,0902) and its Offending Elements (0000,0901).
struct RequestRefusal: Error {
    let status: Status
    let comment: String
    let offending: [Tag]
    /// More than a peer should hear, for the log.
    private(set) var detail: String?

    init(_ status: Status, _ comment: String, _ offending: [Tag] = []) {
        self.status = status
        self.comment = comment
        self.offending = offending
    }

    /// - Parameter overLimit: A700H for C-FIND, A701H for a retrieval, which has no A700H (PS3.4 Tables C.4-1 to C.4-3).
    init(_ fault: QueryFault, overLimit: Status) {
        let status: Status =
            switch fault.kind {
            case .identifierDoesNotMatch: .identifierDoesNotMatchSOPClass
            case .overLimit: overLimit
            case .framesNotExtracted: .unableToExtractFrames
            case .invalidFrameRequest: .invalidFrameRequest
            }
        self.init(status, fault.comment, fault.offending)
    }

    /// The index can't be read: nothing that the request could do better.
    init(_ fault: IndexFault) {
        // The path is for the log alone.
        if case .file(let file) = fault {
            self.init(.unableToProcess, "index: \(file.cause)")
        } else {
            self.init(.unableToProcess, "index: \(fault)")
        }
        detail = "\(fault)"
    }

    /// The identifier of a request, decoded in its context's transfer syntax.
    static func identifier(of request: Message, over association: Association) throws(RequestRefusal) -> DataSet {
        guard let bytes = request.dataSet else {
            throw RequestRefusal(.identifierDoesNotMatchSOPClass, "the request has no identifier")
        }
        do throws(DecodingFault) {
            return try DataSet(decoding: bytes.rawSpan, as: association.encoding(of: request.contextID))
        } catch {
            throw RequestRefusal(.unableToProcess, "identifier \(error)")
        }
    }
}

extension Association {
    /// How data sets are coded in an accepted context.
    func encoding(of id: PresentationContextID) -> Encoding {
        context(id).flatMap { TransferSyntax.named($0.transferSyntax) }?.encoding ?? .implicitLittle
    }
}
