// What a sender is told of an instance that was not stored (PS3.4 §B.2.3, PS3.7 §9.1.1.1.9): one place, one answer for each reason.

import Archive
import ArchiveIndex
import DICOM
import DIMSE
import Platform

/// The Status, Error Comment and Offending Element of a C-STORE-RSP that isn't a success.
struct StoreRefusal: Error, Equatable {
    let status: Status
    /// At most 64 characters go out; nothing that only the operator should know.
    let comment: String
    var offending: [Tag] = []

    init(_ status: Status, _ comment: String, _ offending: [Tag] = []) {
        self.status = status
        self.comment = comment
        self.offending = offending
    }

    init(_ fault: StoreFault) {
        switch fault {
        case .file(let fault): self.init(.outOfResources, "cannot \(fault.operation.rawValue): \(fault.cause.words)")
        case .index(let fault): self.init(fault)
        case .overQuota(let quota): self.init(.outOfResources, Self.words(quota))
        case .tooLarge(let limit): self.init(.outOfResources, "instances over \(limit >> 30) GiB are not taken")
        case .headersTooLarge: self.init(.outOfResources, "too many long headers arrive at one time")
        case .attributesTooLarge: self.init(.unableToProcess, "attributes too many or too long")
        case .unreadable(.missing(let uid)): self.init(.unableToProcess, "no \(uid)", [uid.tag])
        case .unreadable(.invalid(let uid)): self.init(.unableToProcess, "\(uid) is no UID", [uid.tag])
        case .unreadable(.withoutTransferSyntax):
            self.init(.unableToProcess, "the data set is in no transfer syntax that is known")
        case .unreadable(let refusal): self.init(.unableToProcess, "\(refusal)")
        case .truncated(let missing): self.init(.unableToProcess, "\(missing) bytes of the pixel data are missing")
        case .contradicts(let uid, _, _):
            self.init(.dataSetDoesNotMatchSOPClass, "\(uid) isn't the request's", [uid.tag])
        case .duplicate: self.init(.duplicateSOPInstance, "another data set with this UID is here already")
        case .notAFolder: self.init(.outOfResources, "the layout's folder can't be used")
        }
    }

    private init(_ fault: IndexFault) {
        switch fault {
        case .file(let file): self.init(.outOfResources, "index: \(file.cause.words)")
        case .busy: self.init(.outOfResources, "index: busy")
        case .refused: self.init(.outOfResources, "index: can't be written to now")
        case .noIndex: self.init(.outOfResources, "index: it is gone")
        case .damaged, .foreignVersion, .stopped:
            self.init(.processingFailure, "index: can't be written to")
        }
    }

    private static func words(_ quota: StoreFault.Quota) -> String {
        switch quota {
        case .freeBytes, .freeInodes: "the disk is nearly full"
        case .areaBytes: "the storage area is full"
        case .studies: "the storage area takes no more studies"
        case .studyBytes: "the study has as many bytes as it may have"
        }
    }
}
