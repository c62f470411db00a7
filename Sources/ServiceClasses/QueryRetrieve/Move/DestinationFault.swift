// What is wrong with a Move Destination, in words of an Error Comment: 64 characters that have to name the peer besides.

import DIMSE
import Platform
import UpperLayer

/// Why no association with a destination came about, or one ended.
enum DestinationFault: Error {
    /// Its host has no address; the resolver's reason.
    case unresolved(ResolutionFault)
    case association(AssociationFault)

    /// Short words: what, without where.
    var words: String {
        switch self {
        case .unresolved(let fault): "no such host (\(fault.words))"
        case .association(let fault): fault.shortWords
        }
    }

    /// All there is to say, for the log.
    var detail: String {
        switch self {
        case .unresolved(let fault): "\(fault)"
        case .association(let fault): "\(fault)"
        }
    }

    /// Another attempt may fare better. A peer that rejects permanently says that none will (PS3.8 §9.3.4).
    var isPassing: Bool {
        if case .association(.rejected(let reject)) = self { return reject.result == .transient }
        return true
    }
}

extension AssociationFault {
    fileprivate var shortWords: String {
        switch self {
        case .notConnected(_, let fault): fault.cause
        case .rejected(let reject): "rejected: \(reject)"
        case .aborted(let abort): "aborted \(abort)"
        case .violated: "broke the protocol"
        case .closed: "closed the association"
        case .timedOut(.response, let seconds): "no response within \(Int(seconds)) s"
        case .timedOut(.associateAnswer, let seconds): "no A-ASSOCIATE-AC within \(Int(seconds)) s"
        case .timedOut(_, let seconds): "silent for \(Int(seconds)) s"
        case .sendBlocked(let seconds): "took nothing for \(Int(seconds)) s"
        case .tooSlow, .refused, .interrupted, .tooLarge, .duplicate, .notEstablished, .unknownContext, .file,
            .fileTooShort, .dataSet, .transport:
            "\(self)"
        }
    }

    /// How peers answer an association request with an item that they don't know: with an A-ABORT, a close, or a rejection
    /// that names no reason.
    var mayBeOfUnknownItem: Bool {
        switch self {
        case .aborted, .violated, .closed: true
        case .rejected(let reject): reject.reason == 1 && reject.source != .providerPresentation
        default: false
        }
    }

    /// The association ended for a reason of ours: a file that can't be read, or converted, to its end.
    var isOfOurFile: Bool {
        switch self {
        case .file, .fileTooShort, .dataSet: true
        default: false
        }
    }
}
