// Both sides over real sockets, a thread each: what the scripts promise holds with a kernel in between.

import DICOM
import DIMSE
import Platform
import Testing
import UpperLayer

@Suite("associations over TCP") struct LoopbackTests {
    /// What the accepting thread came to.
    final class Outcome: Sendable {
        let messages = Guarded<[Message]>([])
        let fault = Guarded<AssociationFault?>(nil)
    }

    /// Serves one association: answers every request with success, until the peer releases.
    static func serve(
        _ socket: consuming sending Socket, limits: AssociationLimits, wake: WakeDescriptor?, into outcome: Outcome
    ) throws -> Platform.Thread {
        try Platform.Thread(giving: socket) { socket in
            do throws(AssociationFault) {
                let association = try Association.accept(socket, limits: limits, wake: wake) { _, _ in
                    .accept(Sample.policy)
                }
                while let message = try association.receive() {
                    outcome.messages.withLock { $0.append(message) }
                    if message.command.field.isResponse { continue }
                    try association.send(.response(to: message.command, status: .success), in: message.contextID)
                }
            } catch {
                outcome.fault.withLock { $0 = error }
            }
        }
    }

    /// Runs `client` against a serving thread over a connection of this host.
    static func exchange(
        limits: AssociationLimits = .standard, wake: WakeDescriptor? = nil,
        _ client: ([SocketAddress]) throws -> Void
    ) throws -> Outcome {
        let listener = try Socket.listen(on: .loopback(port: 0))
        let local = listener.localAddress
        let address = try #require(local)
        let outcome = Outcome()
        let acceptor = try Platform.Thread(giving: listener) { listener in
            guard (try? listener.wait(for: .reading, until: Deadline(afterSeconds: 20))) == .ready,
                let accepted = try? listener.accept()
            else { return }
            try? serve(accepted.takeSocket(), limits: limits, wake: wake, into: outcome).join()
        }
        try client([address])
        acceptor.join()
        return outcome
    }

    static func request(_ addresses: [SocketAddress]) throws(AssociationFault) -> Association {
        try Association.request(
            to: addresses, calling: Sample.calling, called: Sample.called, contexts: RequestingTests.contexts)
    }

    @Test func `echo, find and release`() throws {
        let outcome = try Self.exchange { addresses in
            let association = try Self.request(addresses)
            #expect(association.peerAddress == addresses[0])
            for _ in 0..<50 {
                let id = association.nextMessageID()
                try association.send(.echoRequest(messageID: id), in: Sample.one)
                #expect(try association.receiveResponse(to: id).command.status == .success)
            }
            try association.send(Sample.findRequest, dataSet: [1, 2, 3, 4], in: Sample.three)
            #expect(try association.receiveResponse(to: 7).command.field == .findResponse)
            #expect(association.release() == nil)
        }
        outcome.messages.withLock { messages in
            #expect(messages.count == 51 && messages.last?.dataSet == [1, 2, 3, 4])
        }
        outcome.fault.withLock { fault in #expect(fault == nil) }
    }

    @Test func `a file of many PDUs arrives as it is`() throws {
        let bytes = FileSendingTests.content(3_000_000)
        var limits = AssociationLimits.standard
        limits.receivePDUBytes = 16384
        limits.dataSetBytes = 4_000_000
        let outcome = try Self.exchange(limits: limits) { addresses in
            try FileSendingTests.withFile(bytes) { file in
                let association = try Self.request(addresses)
                try association.send(FileSendingTests.store, file: file, from: 0, length: bytes.count, in: Sample.three)
                #expect(try association.receiveResponse(to: 1).command.status == .success)
                association.release()
            }
        }
        outcome.messages.withLock { messages in #expect(messages.first?.dataSet == bytes) }
    }

    @Test func `an abort is told to the other side`() throws {
        let outcome = try Self.exchange { addresses in try Self.request(addresses).abort() }
        outcome.fault.withLock { fault in #expect(fault == .aborted(.user)) }
    }

    @Test func `a wake ends the wait between messages`() throws {
        let wake = try WakeDescriptor()
        let outcome = try Self.exchange(wake: wake) { addresses in
            let association = try Self.request(addresses)
            wake.wake()
            #expect(throws: AssociationFault.self) { try association.receive() }
        }
        outcome.fault.withLock { fault in #expect(fault == .interrupted(.nextMessage)) }
    }

    @Test func `nobody there is said with address and reason`() throws {
        let listener = try Socket.listen(on: .loopback(port: 0))
        let local = listener.localAddress
        let address = try #require(local)
        _ = consume listener
        let fault = AcceptingTests.fault { _ = try Self.request([address]) }
        guard case .notConnected(let name, let reason)? = fault else {
            Issue.record("connected")
            return
        }
        #expect(name.contains("127.0.0.1") && "\(reason)".contains("refused"))
    }
}
