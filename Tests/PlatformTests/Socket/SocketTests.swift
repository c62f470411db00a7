// Sockets on loopback and in pairs: everything arrives, ends are seen, and every wait has an end.

import Platform
import Support
import Testing

@Suite("Socket") struct SocketTests {
    private func receive(_ count: Int, from socket: borrowing Socket) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var got = 0
        while got < count {
            let step = try socket.receive(into: &bytes, at: got, until: Deadline(afterSeconds: 30))
            if step == 0 { break }
            got += step
        }
        return Array(bytes.prefix(got))
    }

    @Test(arguments: [SocketAddress.loopback(port: 0), .any(port: 0)])
    func `a connection over TCP carries bytes both ways`(listening: SocketAddress) throws {
        let listener = try Socket.listen(on: listening)
        let isNobodyThere = try listener.accept() == nil
        #expect(isNobodyThere)
        let address = listener.localAddress
        let port = try #require(address).port
        let client = try Socket.connect(to: .loopback(port: port), until: Deadline(afterSeconds: 30))
        #expect(try listener.wait(for: .reading, until: Deadline(afterSeconds: 30)) == .ready)
        guard let accepted = try listener.accept() else {
            Issue.record("nobody came")
            return
        }
        let (peer, own) = (accepted.peer, client.localAddress)
        #expect(peer == own)
        #expect(peer.isSameHost(as: .loopback(port: 0)))
        let server = accepted.takeSocket()
        let far = client.peerAddress
        #expect(far.port == port)
        try client.send([1, 2, 3], blockedSeconds: 30)
        #expect(try receive(3, from: server) == [1, 2, 3])
        try server.send([4], blockedSeconds: 30)
        server.finishSending()
        #expect(try receive(2, from: client) == [4])
    }

    @Test func `the listener's port is taken, and nobody listens on a closed one`() throws {
        let listener = try Socket.listen(on: .loopback(port: 0))
        let taken = listener.localAddress
        let address = try #require(taken)
        #expect(throws: SocketFault.system("listen on", address, .addressInUse)) { _ = try Socket.listen(on: address) }
        Socket.shutdown(listener.descriptor)
        let other = try Socket.listen(on: .loopback(port: 0))
        let closed = other.localAddress
        let gone = try #require(closed)
        _ = consume other
        #expect(throws: SocketFault.system("connect to", gone, .connectionRefused)) {
            _ = try Socket.connect(to: [gone], secondsEach: 30)
        }
    }

    @Test func `gathers pieces of several buffers, in order, past what the kernel takes at once`() throws {
        let (first, second) = try Socket.pair()
        let sender = first.take()
        sender.setBufferSizes(sendBytes: 4_096, receiveBytes: 4_096)
        var generator = SeededGenerator.fresh()
        let headers = generator.bytes(12 * 3_000)
        let data = generator.bytes(200_000)
        var pieces: [GatherPiece] = []
        var expected: [UInt8] = []
        for index in 0..<3_000 {
            let header = (index * 12)..<(index * 12 + 12)
            let start = Int.random(in: 0..<data.count, using: &generator)
            let part = start..<min(data.count, start + Int.random(in: 0...200, using: &generator))
            pieces += [GatherPiece(buffer: 0, range: header), GatherPiece(buffer: 1, range: part)]
            expected += headers[header] + data[part]
        }
        let received = Guarded<[UInt8]>([])
        let count = expected.count
        let thread = try Thread(giving: second.take()) { socket in
            let bytes = (try? SocketTests().receive(count, from: socket)) ?? []
            received.withLock { $0 = bytes }
        }
        try sender.send([headers, data], pieces, blockedSeconds: 30)
        thread.join()
        #expect(received.withLock { $0 } == expected)
    }

    @Test func `a peer that takes a little now and then is given up`() throws {
        let (first, second) = try Socket.pair()
        let sender = first.take()
        let isOver = Guarded(false)
        let thread = try Thread(giving: second.take()) { receiver in
            var buffer = [UInt8](repeating: 0, count: 1)
            while !isOver.withLock({ $0 }) { _ = try? receiver.receive(into: &buffer, at: 0) }
        }
        let bytes = [UInt8](repeating: 1, count: 256 << 20)
        let started = MonotonicInstant.now()
        #expect(throws: SocketFault.timedOut) {
            try sender.send(
                [bytes], [GatherPiece(buffer: 0, range: bytes.indices)], blockedSeconds: 0.1, leastBytesPerSecond: 1e12)
        }
        #expect(MonotonicInstant.now().seconds(since: started) >= 0.1)
        isOver.withLock { $0 = true }
        thread.join()
    }

    @Test func `waiting ends at the deadline, by a wake, by an end`() throws {
        let (first, second) = try Socket.pair()
        let one = first.take()
        let wake = try WakeDescriptor()
        #expect(try one.wait(for: .reading, until: Deadline(afterSeconds: 0)) == .timedOut)
        #expect(try one.wait(for: .writing, until: nil, wake: wake) == .ready)
        wake.wake()
        #expect(try one.wait(for: .reading, until: nil, wake: wake) == .woken)
        var buffer = [UInt8](repeating: 0, count: 8)
        #expect(throws: SocketFault.woken) {
            var buffer = [UInt8](repeating: 0, count: 8)
            _ = try one.receive(into: &buffer, at: 0, until: nil, wake: wake)
        }
        #expect(try one.receive(into: &buffer, at: 0) == nil)
        do { _ = second.take() }
        #expect(try one.wait(for: .reading, until: nil) == .ready)
        #expect(try one.receive(into: &buffer, at: 0) == 0)
        #expect(throws: SocketFault.closed) { try one.send([1], blockedSeconds: 30) }
    }

    @Test func `a peer that takes nothing blocks no longer than allowed`() throws {
        let (first, second) = try Socket.pair()
        let sender = first.take()
        let silent = second.take()
        #expect(throws: SocketFault.timedOut) {
            try sender.send([UInt8](repeating: 0, count: 4 << 20), blockedSeconds: 0)
        }
        _ = consume silent
    }

    @Test func `shutdown from another thread ends a wait`() throws {
        let (first, second) = try Socket.pair()
        let waiting = first.take()
        let other = second.take()
        let descriptor = waiting.descriptor
        let thread = try Thread { Socket.shutdown(descriptor) }
        var buffer = [UInt8](repeating: 0, count: 8)
        #expect(try waiting.receive(into: &buffer, at: 0, until: Deadline(afterSeconds: 30)) == 0)
        thread.join()
        _ = consume other
    }

    @Test func `a poller tells which descriptors are ready`() throws {
        let (one, two) = (try WakeDescriptor(), try WakeDescriptor())
        var poller = Poller()
        poller.add(one.descriptor)
        poller.add(two.descriptor)
        #expect(try poller.wait(until: Deadline(afterSeconds: 0)).isEmpty)
        two.wake()
        #expect(try poller.wait(until: nil) == [two.descriptor])
        one.wake()
        #expect(try poller.wait(until: nil) == [one.descriptor, two.descriptor])
    }
}
