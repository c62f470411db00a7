// Why an association could not be had or ended before its time: in words for the log, in cases for the caller.

import DICOM
import Platform
import UpperLayer

/// The end of an association that nobody released. After every case but `.tooLarge`, `.duplicate`, `.unknownContext`
/// and `.file` (before its first byte) the association is over, and its connection closed.
package enum AssociationFault: Error, Equatable, Sendable {
    /// No address took the connection.
    case notConnected(to: String, SocketFault)
    /// The peer refused the association (A-ASSOCIATE-RJ arrived).
    case rejected(AssociateReject)
    /// We refused it (A-ASSOCIATE-RJ sent).
    case refused(AssociateReject)
    /// An A-ABORT arrived.
    case aborted(Abort)
    /// The peer broke the protocol: what it did, and the A-ABORT it got.
    case violated(ProtocolViolation, answer: Abort)
    /// The connection closed without release, while we waited for `stage`.
    case closed(Stage)
    /// Nothing, or too little, came in time.
    case timedOut(Stage, seconds: Double)
    /// The peer sends a message slower than the least rate.
    case tooSlow(bytesPerSecond: Int)
    /// The peer took nothing of what we sent for so long, or all of it too slowly.
    case sendBlocked(seconds: Double)
    /// The wake descriptor asked for the end while we waited.
    case interrupted(Stage)
    /// A data set passed `dataSetBytes` and was read over; the association lives, and the message can be answered.
    case tooLarge(Message, limitBytes: Int)
    /// A request has the Message ID of another that is outstanding; the association lives, and the message can be answered.
    case duplicate(Message)
    /// Nothing can be sent or received: the association is over.
    case notEstablished
    /// The presentation context is not one that was accepted.
    case unknownContext(PresentationContextID)
    /// The file to be sent could not be read.
    case file(FileFault)
    /// The file to be sent is shorter than was said.
    case fileTooShort(missingBytes: Int)
    /// A system call on the connection failed.
    case transport(String, Errno)

    /// What was awaited.
    package enum Stage: String, Sendable {
        case associateRequest = "A-ASSOCIATE-RQ"
        case associateAnswer = "A-ASSOCIATE-AC"
        case message = "the rest of a message"
        case nextMessage = "a message"
        case response = "a response"
        case releaseResponse = "A-RELEASE-RP"
        case close = "the peer's close"
        case sending = "the peer to take a message"
    }
}

/// How a peer broke the protocol.
package enum ProtocolViolation: Equatable, Sendable {
    /// The first bytes are of another protocol, or of none.
    case notDICOM(firstBytes: [UInt8])
    case unrecognisedPDU(type: UInt8)
    case unexpectedPDU(String, state: AssociationState)
    case tooLong(String, lengthBytes: Int, limitBytes: Int)
    case malformed(String, DecodingFault)
    case data(PDataFault)
    case commandSet(DecodingFault)
    /// The peer accepted what was not proposed.
    case negotiation(String)
    /// The data set of a request that is refused goes on and on; why it is refused.
    case endlessDataSet(String)
    /// More messages than are kept, or larger ones, while an operation is performed or its response due.
    case tooManyMessages
}

extension ProtocolViolation: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notDICOM(let bytes):
            "what arrived is not DICOM" + (Self.guess(bytes).map { " but \($0)" } ?? "")
                + ": \(Self.hexadecimalDump(bytes))"
        case .unrecognisedPDU(let type): "unrecognised PDU type \(hexadecimal(type, digits: 2))"
        case .unexpectedPDU(let name, let state): "unexpected \(name) in state \(state.number) (\(state))"
        case .tooLong(let name, let length, let limit): "\(name) of \(length) bytes exceeds the limit of \(limit)"
        case .malformed(let name, let fault): "malformed \(name): \(fault)"
        case .data(let fault): "\(fault)"
        case .commandSet(let fault): "malformed command set: \(fault)"
        case .negotiation(let words): words
        case .endlessDataSet(let words): "the data set doesn't end: \(words)"
        case .tooManyMessages: "too many or too large messages arrived while something else was due"
        }
    }

    /// The protocol that a connection most often brings by mistake.
    private static func guess(_ bytes: [UInt8]) -> String? {
        if bytes.starts(with: [0x16, 0x03]) { return "TLS" }
        let methods = ["GET ", "POST", "HEAD", "PUT ", "OPTI", "CONN"]
        if methods.contains(String(decoding: bytes.prefix(4), as: UTF8.self)) { return "HTTP" }
        if bytes.starts(with: Array("SSH-".utf8)) { return "SSH" }
        return nil
    }

    private static func hexadecimalDump(_ bytes: [UInt8]) -> String {
        bytes.prefix(16).map { String(hexadecimal($0, digits: 2).dropLast()) }.joined(separator: " ")
    }
}

extension AssociationFault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notConnected(let address, let fault): "cannot connect to \(address): \(fault.cause)"
        case .rejected(let reject): "the peer rejected the association: \(reject)"
        case .refused(let reject): "association rejected: \(reject)"
        case .aborted(let abort): "the peer aborted: \(abort)"
        case .violated(let violation, let answer): "\(violation); answered with A-ABORT, \(answer)"
        case .closed(let stage): "the peer closed the connection while \(stage.rawValue) was awaited"
        case .timedOut(let stage, let seconds): "\(stage.rawValue) did not come within \(Self.words(seconds)) s"
        case .tooSlow(let rate): "the peer sends at \(rate) bytes/s, which is too slow"
        case .sendBlocked(let seconds): "the peer took nothing, or too little, for \(Self.words(seconds)) s"
        case .interrupted(let stage): "interrupted while waiting for \(stage.rawValue)"
        case .tooLarge(let message, let limit):
            "the data set of a \(message.command.field) exceeds the limit of \(limit) bytes"
        case .duplicate(let message):
            "Message ID \(message.command.messageID) of a \(message.command.field) is that of an outstanding one"
        case .notEstablished: "the association is over"
        case .unknownContext(let id): "presentation context \(id) was not accepted"
        case .file(let fault): "\(fault)"
        case .fileTooShort(let missing): "the file to be sent has \(missing) bytes less than expected"
        case .transport(let operation, let errno): "\(operation): \(errno)"
        }
    }

    private static func words(_ seconds: Double) -> String {
        seconds.rounded() == seconds && seconds.magnitude < 1e9 ? String(Int(seconds)) : String(seconds)
    }
}
