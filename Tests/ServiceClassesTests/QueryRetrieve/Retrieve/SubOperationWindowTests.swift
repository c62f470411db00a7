// Sub-operations of which several are outstanding, against a peer that is told when to answer which.

import DICOM
import DIMSE
import Platform
import Support
import Testing
import UpperLayer

@testable import ArchiveIndex
@testable import ServiceClasses

/// Accepts what is proposed with a window of its own, and answers stores when and in the order it is told to.
private final class StoringPeer: Transport {
    var nowSeconds = 0.0
    private let window: AsynchronousOperationsWindow?
    private var toSay: [UInt8] = []
    private var command: [UInt8] = []
    private(set) var requests: [CommandSet] = []
    private(set) var answered = 0
    /// Asked when we wait: Message IDs of the outstanding, oldest first, to those that are answered now.
    var answers: ([UInt16]) -> [UInt16] = { Array($0.prefix(1)) }
    var status: (UInt16) -> Status = { _ in .success }
    /// Closes when it has been asked for so many stores.
    var breaksOffAfter = Int.max
    private var outstanding: [UInt16] = []
    private(set) var mostOutstanding = 0
    private var isGone = false

    init(window: AsynchronousOperationsWindow?) { self.window = window }

    func receive(into buffer: inout [UInt8], at offset: Int) throws(TransportFault) -> Int? {
        guard !toSay.isEmpty else { return isGone ? 0 : nil }
        let count = min(toSay.count, buffer.count - offset)
        buffer.replaceSubrange(offset..<(offset + count), with: toSay[..<count])
        toSay.removeFirst(count)
        return count
    }

    func waitToReceive(untilSeconds deadline: Double, isWakeable: Bool) throws(TransportFault) -> TransportReadiness {
        guard toSay.isEmpty, !isGone else { return .ready }
        for id in answers(outstanding) { answer(id) }
        if !toSay.isEmpty { return .ready }
        nowSeconds = deadline
        return .timedOut
    }

    func answer(_ messageID: UInt16) {
        guard let request = requests.first(where: { $0.messageID == messageID }) else { return }
        outstanding.removeAll { $0 == messageID }
        answered += 1
        let response = CommandSet.storeResponse(to: request, status: status(messageID))
        Fragmentation(peerMaximumLength: 16_384)?
            .append(response.encoded(), in: contextID(1), isCommand: true, to: &toSay)
    }

    func send(_ buffers: [[UInt8]], _ pieces: [GatherPiece], timeoutSeconds: Double) throws(TransportFault) {
        if isGone { throw .closed }
        var sent: [UInt8] = []
        for piece in pieces { sent += buffers[piece.buffer][piece.range] }
        do { try take(sent) } catch { Issue.record("not PDUs: \(error)") }
        if requests.count >= breaksOffAfter { isGone = true }
    }

    private func take(_ sent: [UInt8]) throws {
        var offset = 0
        while offset < sent.count {
            let header = try PDUHeader(decoding: sent.rawSpan.extracting(offset...))
            let end = offset + 6 + header.bodyBytes
            switch try PDU(decoding: sent.rawSpan.extracting(offset..<end)) {
            case .associateRequest(let request):
                var policy = NegotiationPolicy(judge: { _, syntaxes, _ in .accept(syntaxes[0]) })
                if let window { policy.window = window }
                var accept = Negotiation.accept(request, policy: policy, maximumLength: 16_384)
                if window == nil { accept.userInformation.asynchronousOperationsWindow = nil }
                toSay += PDU.associateAccept(accept).encoded()
            case .dataTransfer(let data): for value in data.values where value.isCommand { try take(value) }
            default: break
            }
            offset = end
        }
    }

    private func take(_ value: PresentationDataValue) throws {
        command += value.fragment
        guard value.isLast else { return }
        let request = try CommandSet(decoding: command.rawSpan)
        command = []
        requests.append(request)
        outstanding.append(request.messageID)
        mostOutstanding = max(mostOutstanding, outstanding.count)
    }

    func finishSending() {}
    func close() { isGone = true }
}

@Suite("Outstanding sub-operations, PS3.7 §D.3.3.3, PS3.4 §C.4.2.2, §C.4.3.2") struct SubOperationWindowTests {
    /// A window over an association with `peer`, and the one file that all references name.
    private struct Sending {
        let stored: StoredInstanceTests.Stored
        var window: SubOperationWindow
        let peer: StoringPeer

        init(
            proposing invoked: UInt16?, to peer: StoringPeer, priority: Priority = .medium
        ) throws {
            stored = try StoredInstanceTests.Stored(.explicitVRLittleEndian)
            self.peer = peer
            let association = try Association.request(
                over: peer, peerName: "peer", calling: try #require(AETitle("ARCHIVE")),
                called: try #require(AETitle("VIEWER")),
                contexts: [
                    ProposedContext(
                        abstractSyntax: Sample.ctImage, transferSyntaxes: [TransferSyntax.explicitVRLittleEndian.uid])
                ], window: invoked.map { AsynchronousOperationsWindow(invoked: $0, performed: 1) })
            window = SubOperationWindow(
                SubOperation(over: association, from: stored.files, for: nil, priority: priority))
        }

        func reference(_ number: Int) throws -> InstanceReference {
            let one = try stored.reference("a")
            return Sample.reference(number, transferSyntax: one.transferSyntaxUID, places: one.places)
        }

        /// Sends so many and waits for all; the numbers of those that ended, in the order in which they did.
        mutating func send(_ numbers: ClosedRange<Int>) throws -> [Int] {
            var ended: [Int] = []
            for number in numbers {
                try window.send(try reference(number))
                ended += window.takeEnded().map { SubOperationWindowTests.number($0.reference) }
            }
            while try window.awaitNext() {
                ended += window.takeEnded().map { SubOperationWindowTests.number($0.reference) }
            }
            return ended
        }
    }

    private static func number(_ reference: InstanceReference) -> Int {
        Int(reference.sopInstanceUID.text.split(separator: ".").last ?? "") ?? 0
    }

    private static func window(_ invoked: UInt16, _ performed: UInt16 = 1) -> AsynchronousOperationsWindow {
        AsynchronousOperationsWindow(invoked: invoked, performed: performed)
    }

    /// Proposed (nil: no item), answered (nil: none), outstanding at most.
    static let sizes: [(UInt16?, UInt16?, Int)] = [
        (nil, nil, 1), (8, nil, 1), (8, 1, 1), (8, 3, 3), (2, 8, 2), (8, 0, 8), (0, 0, 16), (0, 40, 16),
    ]

    @Test(arguments: 0..<sizes.count) func `as many are outstanding as both allow, and never more`(row: Int) throws {
        let (proposed, answered, most) = Self.sizes[row]
        var sending = try Sending(proposing: proposed, to: StoringPeer(window: answered.map { Self.window($0) }))
        #expect(try sending.send(1...40) == Array(1...40))
        #expect(sending.peer.mostOutstanding == most)
        let ids = sending.peer.requests.map(\.messageID)
        #expect(ids.count == 40 && Set(ids).count == 40)
    }

    @Test func `responses in any order end the instance that they are about, PS3.7 §9.1.1.1`() throws {
        var random = SeededGenerator.fresh()
        for _ in 0..<20 {
            let peer = StoringPeer(window: Self.window(8))
            var order: [UInt16] = []
            peer.answers = { outstanding in
                let chosen = Array(
                    outstanding.shuffled(using: &random).prefix(1 + Int.random(in: 0..<8, using: &random)))
                order += chosen
                return chosen
            }
            // Every third fails.
            peer.status = { $0 % 3 == 0 ? .outOfResources : .success }
            var sending = try Sending(proposing: 8, to: peer)
            var outcomes: [Int: Status] = [:]
            for number in 1...50 { try sending.window.send(try sending.reference(number)) }
            while try sending.window.awaitNext() {}
            for ended in sending.window.takeEnded() {
                guard case .answered(let status) = ended.outcome else {
                    Issue.record("not sent")
                    continue
                }
                #expect(outcomes.updateValue(status, forKey: Self.number(ended.reference)) == nil, "ended twice")
            }
            #expect(outcomes.count == 50 && order != order.sorted())
            for (number, status) in outcomes { #expect(status == (number % 3 == 0 ? .outOfResources : .success)) }
        }
    }

    @Test func `what has come is taken before the next is sent, without waiting`() throws {
        let peer = StoringPeer(window: Self.window(8))
        var sending = try Sending(proposing: 8, to: peer)
        try sending.window.send(try sending.reference(1))
        try sending.window.send(try sending.reference(2))
        peer.answer(2)
        #expect(sending.window.takeEnded().isEmpty)
        try sending.window.send(try sending.reference(3))
        #expect(sending.window.takeEnded().map { Self.number($0.reference) } == [2])
        #expect(sending.window.unanswered.map(Self.number) == [1, 3])
    }

    @Test func `an instance without a file ends at once and takes no room`() throws {
        var sending = try Sending(proposing: 8, to: StoringPeer(window: Self.window(8)))
        let lost = Sample.reference(9, transferSyntax: TransferSyntax.explicitVRLittleEndian.uid)
        try sending.window.send(try sending.reference(1))
        try sending.window.send(lost)
        #expect(sending.window.takeEnded().map { Self.number($0.reference) } == [9])
        #expect(try sending.window.awaitNext())
        #expect(try !sending.window.awaitNext())
    }

    @Test func `where the peer breaks off, those without a response are known, and no response is lost`() throws {
        let peer = StoringPeer(window: Self.window(4))
        peer.breaksOffAfter = 7
        var sending = try Sending(proposing: 4, to: peer)
        #expect(throws: AssociationFault.self) {
            for number in 1...20 { try sending.window.send(try sending.reference(number)) }
        }
        // Seven were asked for; before the fifth, sixth and seventh one response each was awaited.
        #expect(sending.window.takeEnded().map { Self.number($0.reference) } == [1, 2, 3])
        #expect(sending.window.unanswered.map(Self.number) == [4, 5, 6, 7, 8])
        #expect(sending.window.isDoubtful)
    }

    @Test func `a window is doubted where several are outstanding, or where nobody answered after an offer`() throws {
        for (proposed, answered, isDoubtful) in [(8, 8, true), (8, nil, true), (nil, nil, false)]
            as [(
                UInt16?, UInt16?, Bool
            )]
        {
            var sending = try Sending(proposing: proposed, to: StoringPeer(window: answered.map { Self.window($0) }))
            #expect(sending.window.isDoubtful == isDoubtful)
            _ = try sending.send(1...1)
            #expect(sending.window.isDoubtful == (isDoubtful && answered != nil), "after a response")
        }
    }

    @Test(arguments: [Priority.high, .medium, .low])
    func `sub-operations have the retrieval's Priority, PS3.4 §C.4.2.1.2`(priority: Priority) throws {
        var sending = try Sending(proposing: nil, to: StoringPeer(window: nil), priority: priority)
        _ = try sending.send(1...2)
        #expect(sending.peer.requests.map(\.urgency) == [priority, priority])
    }
}
