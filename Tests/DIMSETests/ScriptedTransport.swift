// A transport whose peer is a script and whose clock moves only when somebody waits: hours of silence take no time.

import DICOM
import DIMSE
import Platform
import Testing
import UpperLayer

/// Plays a peer's side, records ours.
final class ScriptedTransport: Transport {
    enum Step {
        case bytes([UInt8])
        case silence(seconds: Double)
        /// The same over and over, without end; each time takes that long.
        case flood([UInt8], secondsEach: Double)
        /// Nothing is there at the next look, though the script goes on.
        case pause
        case wake
        case close
    }

    private(set) var nowSeconds = 1000.0
    private var steps: [Step]
    private(set) var sent: [UInt8] = []
    private(set) var isClosed = false
    private var floodedBytes = 0
    /// Sends after this many bytes block.
    var sendableBytes = Int.max
    /// The largest buffer that was offered for reading.
    private(set) var longestBuffer = 0
    private(set) var sendCalls = 0

    init(_ steps: [Step]) { self.steps = steps }

    convenience init(_ pdus: PDU..., thenClose: Bool = true) {
        self.init(pdus.map { .bytes($0.encoded()) } + (thenClose ? [.close] : []))
    }

    func receive(into buffer: inout [UInt8], at offset: Int) throws(TransportFault) -> Int? {
        longestBuffer = max(longestBuffer, buffer.count)
        switch steps.first {
        case .bytes(let bytes):
            let count = min(bytes.count, buffer.count - offset)
            buffer.replaceSubrange(offset..<(offset + count), with: bytes[..<count])
            steps.removeFirst()
            if count < bytes.count { steps.insert(.bytes(Array(bytes[count...])), at: 0) }
            return count
        case .flood(let bytes, let seconds):
            precondition(nowSeconds < 1e6, "nobody looks at the clock")
            floodedBytes += bytes.count
            precondition(floodedBytes < 1 << 30, "nobody counts the bytes")
            nowSeconds += seconds
            let count = min(bytes.count, buffer.count - offset)
            buffer.replaceSubrange(offset..<(offset + count), with: bytes[..<count])
            if count < bytes.count { steps.insert(.bytes(Array(bytes[count...])), at: 0) }
            return count
        case .pause:
            steps.removeFirst()
            return nil
        case .close: return 0
        case .silence, .wake, nil: return nil
        }
    }

    func waitToReceive(
        untilSeconds deadline: Double, isWakeable: Bool
    ) throws(TransportFault) -> TransportReadiness {
        guard let step = steps.first else {
            nowSeconds = deadline
            return .timedOut
        }
        switch step {
        case .silence(let seconds):
            guard nowSeconds + seconds <= deadline else {
                steps[0] = .silence(seconds: seconds - (deadline - nowSeconds))
                nowSeconds = deadline
                return .timedOut
            }
            nowSeconds += seconds
            steps.removeFirst()
            return .ready
        case .wake:
            if isWakeable {
                steps.removeFirst()
                return .woken
            }
            nowSeconds = deadline
            return .timedOut
        case .bytes, .flood, .close, .pause: return .ready
        }
    }

    func send(_ buffers: [[UInt8]], _ pieces: [GatherPiece], timeoutSeconds: Double) throws(TransportFault) {
        sendCalls += 1
        for piece in pieces {
            guard piece.range.count <= sendableBytes else {
                nowSeconds += timeoutSeconds
                throw .blocked
            }
            sendableBytes -= piece.range.count
            sent += buffers[piece.buffer][piece.range]
        }
    }

    func finishSending() {}
    func close() { isClosed = true }

    /// The PDUs that we sent.
    var sentPDUs: [PDU] {
        var pdus: [PDU] = []
        var start = 0
        while start < sent.count {
            guard let header = try? PDUHeader(decoding: sent.rawSpan.extracting(start...)) else { break }
            let end = start + 6 + header.bodyBytes
            guard end <= sent.count, let pdu = try? PDU(decoding: sent.rawSpan.extracting(start..<end)) else {
                Issue.record("not a PDU at byte \(start) of what was sent")
                break
            }
            pdus.append(pdu)
            start = end
        }
        return pdus
    }
}

enum Sample {
    static let verification = UID(literal: "1.2.840.10008.1.1")
    static let find = UID(literal: "1.2.840.10008.5.1.4.1.2.2.1")
    static let ctImage = UID(literal: "1.2.840.10008.5.1.4.1.1.2")
    static let implicit = UID(literal: "1.2.840.10008.1.2")
    static let one = PresentationContextID(index: 0)!
    static let three = PresentationContextID(index: 1)!
    static let calling = AETitle("MODALITY")!
    static let called = AETitle("FILEROOM")!

    static func request(maximumLength: UInt32 = 16384) -> AssociateRequest {
        AssociateRequest(
            called: called, calling: calling,
            presentationContexts: [
                ProposedPresentationContext(id: one, abstractSyntax: verification, transferSyntaxes: [implicit]),
                ProposedPresentationContext(id: three, abstractSyntax: find, transferSyntaxes: [implicit]),
            ], userInformation: UserInformation(maximumLength: maximumLength))
    }

    /// Accepts everything in the first transfer syntax.
    static let policy = NegotiationPolicy(judge: { _, syntaxes, _ in .accept(syntaxes[0]) }, roles: { $0 })

    static func accept(maximumLength: UInt32 = 16384) -> AssociateAccept {
        Negotiation.accept(request(), policy: policy, maximumLength: maximumLength)
    }

    /// A message as P-DATA-TFs.
    static func message(
        _ command: CommandSet, dataSet: [UInt8]? = nil, in id: PresentationContextID = one, maximum: UInt32 = 16384
    ) -> [UInt8] {
        var command = command
        command.hasDataSet = dataSet != nil
        let cut = Fragmentation(peerMaximumLength: maximum)!
        var pdus: [UInt8] = []
        cut.append(command.encoded(), in: id, isCommand: true, to: &pdus)
        if let dataSet { cut.append(dataSet, in: id, isCommand: false, to: &pdus) }
        return pdus
    }

    static let findRequest = CommandSet.findRequest(messageID: 7, sopClass: find)
}
