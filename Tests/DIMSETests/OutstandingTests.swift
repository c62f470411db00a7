// Several operations outstanding on one association: which is performed next, what is cancelled, what is refused.

import DICOM
import DIMSE
import Testing
import UpperLayer

@Suite("outstanding operations, PS3.7 §D.3.3.3") struct OutstandingTests {
    /// An association whose requester offered `window`, and what it sends then.
    static func established(
        window: AsynchronousOperationsWindow? = AsynchronousOperationsWindow(invoked: 8, performed: 0),
        _ steps: ScriptedTransport.Step..., limits: AssociationLimits = .standard
    ) throws -> (Association, ScriptedTransport) {
        var request = Sample.request()
        request.userInformation.asynchronousOperationsWindow = window
        let transport = ScriptedTransport([.bytes(PDU.associateRequest(request).encoded())] + steps)
        var policy = Sample.policy
        policy.window = AsynchronousOperationsWindow(invoked: 16, performed: 16)
        let association = try Association.accept(over: transport, peerName: "peer", limits: limits) { [policy] _ in
            .accept(policy)
        }
        return (association, transport)
    }

    static func find(_ messageID: UInt16, _ priority: Priority = .medium, bytes: Int = 2) -> [UInt8] {
        Sample.message(
            .findRequest(messageID: messageID, sopClass: Sample.find, priority: priority),
            dataSet: [UInt8](repeating: 0, count: bytes), in: Sample.three)
    }

    static func cancel(_ messageID: UInt16) -> [UInt8] {
        Sample.message(.cancelRequest(of: messageID), in: Sample.three)
    }

    /// The Message IDs of all messages to come, in the order they are given out.
    static func order(_ association: Association) throws -> [UInt16] {
        var ids: [UInt16] = []
        do {
            while let message = try association.receive() { ids.append(message.command.messageID) }
        } catch AssociationFault.timedOut(.nextMessage, _) {}
        return ids
    }

    @Test func `both sides of the window are known`() throws {
        let (association, transport) = try Self.established(
            window: AsynchronousOperationsWindow(invoked: 8, performed: 0))
        #expect(association.window == AsynchronousOperationsWindow(invoked: 16, performed: 8))
        guard case .associateAccept(let answer)? = transport.sentPDUs.first else {
            Issue.record("no A-ASSOCIATE-AC")
            return
        }
        #expect(
            answer.userInformation.asynchronousOperationsWindow
                == AsynchronousOperationsWindow(invoked: 8, performed: 16))
        let (plain, _) = try Self.established(window: nil)
        #expect(plain.window == .synchronous && plain.own.asynchronousOperationsWindow == nil)
    }

    @Test func `the most urgent goes first, those of one Priority as they came, PS3.7 §E.1`() throws {
        let requests =
            Self.find(1, .low) + Self.find(2) + Self.find(3, .high) + Self.find(4, .low) + Self.find(5, .high)
            + Sample.message(.echoRequest(messageID: 6))
        let (association, _) = try Self.established(.bytes(requests), .pause, .bytes(Self.find(7, .high)))
        #expect(try Self.order(association) == [3, 5, 7, 2, 6, 1, 4])
    }

    @Test func `no more is read ahead than the window holds`() throws {
        let requests = (1...12).map { Self.find($0, $0 == 12 ? .high : .low) }.reduce([], +)
        let (association, _) = try Self.established(
            window: AsynchronousOperationsWindow(invoked: 4, performed: 1), .bytes(requests))
        // When number 12 is seen, the first eight were given out.
        #expect(try Self.order(association) == [1, 2, 3, 4, 5, 6, 7, 8, 12, 9, 10, 11])
    }

    @Test func `without a window requests are performed as they come`() throws {
        let requests = Self.find(1, .low) + Self.find(2) + Self.find(2, .high) + Self.find(1)
        let (association, _) = try Self.established(window: nil, .bytes(requests))
        #expect(try Self.order(association) == [1, 2, 2, 1])
    }

    // MARK: C-CANCEL

    @Test func `a cancel finds a request that waits for its turn, PS3.7 §9.3.2.3`() throws {
        let (association, _) = try Self.established(
            .bytes(Self.find(1)), .pause, .bytes(Self.find(2) + Self.find(3) + Self.cancel(3) + Self.cancel(9)))
        #expect(try association.receive()?.command.messageID == 1)
        #expect(try !association.isCancelled(1))
        #expect(!association.wasCancelled(2) && association.wasCancelled(3) && !association.wasCancelled(9))
        #expect(try association.receive()?.command.messageID == 2)
        #expect(!association.wasCancelled(2), "the cancel was of another")
        #expect(try association.receive()?.command.messageID == 3)
        #expect(association.wasCancelled(3))
        #expect(try association.isCancelled(3))
    }

    @Test func `a cancel of what is over isn't one of the next with that Message ID`() throws {
        let (association, _) = try Self.established(
            .bytes(Self.find(1)), .pause, .bytes(Self.cancel(1)), .pause, .bytes(Self.find(1)))
        #expect(try association.receive()?.command.messageID == 1)
        #expect(try association.receive()?.command.messageID == 1)
        #expect(!association.wasCancelled(1))
    }

    // MARK: Refusals

    @Test func `a Message ID that is taken is a duplicate, PS3.7 Annex C, 0210H`() throws {
        let (association, _) = try Self.established(
            .bytes(Self.find(1)), .pause, .bytes(Self.find(1, .high) + Self.find(2) + Self.find(2)))
        #expect(try association.receive()?.command.messageID == 1)
        #expect(try !association.isCancelled(1))
        let first = AcceptingTests.fault { _ = try association.receive() }
        guard case .duplicate(let message)? = first else {
            Issue.record("\(first.map { "\($0)" } ?? "received")")
            return
        }
        #expect(message.command.urgency == .high && message.contextID == Sample.three)
        #expect(try association.receive()?.command.messageID == 2)
        guard case .duplicate? = AcceptingTests.fault({ _ = try association.receive() }) else {
            Issue.record("the second request 2 isn't a duplicate")
            return
        }
        #expect(association.state == .established)
    }

    @Test func `who offered no window is answered whatever its Message IDs are`() throws {
        let (association, _) = try Self.established(
            window: nil, .bytes(Self.find(1)), .pause, .bytes(Self.find(1) + Self.find(1)))
        _ = try association.receive()
        #expect(try !association.isCancelled(1))
        #expect(try Self.order(association) == [1, 1])
    }

    @Test func `identifiers beyond what is kept are refused, and the others live, PS3.7 Annex C, 0213H`() throws {
        var limits = AssociationLimits.standard
        limits.dataSetBytes = 1000
        let held = Self.find(2, bytes: 600) + Self.find(3, bytes: 600) + Self.find(4, bytes: 400)
        let (association, _) = try Self.established(.bytes(Self.find(1)), .pause, .bytes(held), limits: limits)
        _ = try association.receive()
        #expect(try !association.isCancelled(1))
        #expect(try association.receive()?.command.messageID == 2)
        guard case .tooLarge(let refused, limitBytes: 400)? = AcceptingTests.fault({ _ = try association.receive() })
        else {
            Issue.record("number 3 was kept")
            return
        }
        #expect(refused.command.messageID == 3)
        #expect(try association.receive()?.dataSet?.count == 400)
    }

    @Test func `requests far beyond the window end the association`() throws {
        let requests = (2...80).flatMap { Sample.message(.echoRequest(messageID: $0)) }
        let (association, transport) = try Self.established(.bytes(Self.find(1)), .pause, .bytes(requests))
        _ = try association.receive()
        #expect(throws: AssociationFault.violated(.tooManyMessages, answer: .notSpecified)) {
            while try !association.isCancelled(1) {}
        }
        #expect(transport.isClosed)
    }

    // MARK: Between the steps of another

    @Test func `a C-ECHO alone is performed before another's end, whatever the Priority, PS3.7 §9_1_5`() throws {
        for running in [Priority.low, .medium, .high] {
            let later =
                Self.find(2) + Self.find(3, .high) + Sample.message(.echoRequest(messageID: 4)) + Self.find(5, .high)
            let (association, _) = try Self.established(
                .bytes(Self.find(1, running)), .pause, .bytes(later + Self.cancel(5)), .pause,
                .bytes(Sample.message(.echoRequest(messageID: 6)) + Self.cancel(1)))
            var performed: [UInt16] = []
            association.performMeanwhile = { (message) throws(AssociationFault) in
                performed.append(message.command.messageID)
            }
            _ = try association.receive()
            #expect(try !association.isCancelled(1))
            #expect(performed == [4])
            #expect(try association.isCancelled(1), "its cancel is seen at the next look")
            #expect(performed == [4, 6])
            #expect(try association.receive()?.command.messageID == 3)
            #expect(try association.receive()?.command.messageID == 5)
            #expect(association.wasCancelled(5))
            #expect(try association.receive()?.command.messageID == 2)
        }
    }

    // MARK: Ours

    @Test func `responses come in any order, and each is found by its Message ID`() throws {
        let responses = [3, 1, 2].flatMap {
            Sample.message(.echoResponse(to: .echoRequest(messageID: UInt16($0))))
        }
        let (association, _) = try RequestingTests.established(.bytes(responses), .close)
        #expect(try association.responseIfThere(toAnyOf: [1, 2])?.command.messageID == 1)
        #expect(try association.receiveResponse(toAnyOf: [2, 3]).command.messageID == 3)
        #expect(try association.receiveResponse(toAnyOf: [2]).command.messageID == 2)
    }

    @Test func `nothing is waited for where no response has come`() throws {
        let (association, transport) = try RequestingTests.established(.silence(seconds: 5))
        let before = transport.nowSeconds
        #expect(try association.responseIfThere(toAnyOf: [1]) == nil)
        #expect(transport.nowSeconds == before)
    }
}
