// A worker: accepts connections and gives each a thread. It never reads from a peer itself, so none can delay it.

import Configuration
import Platform

/// What serves one connection on a thread of its own, from its first byte to its end.
package protocol ConnectionService: Sendable {
    /// - Parameters:
    ///   - wake: readable when the association shall end between two messages.
    ///   - isFull: there are as many associations as may be: reject this one.
    func serve(_ socket: consuming sending Socket, wake: WakeDescriptor, isFull: Bool, log: Logger)
}

/// Runs in a process of its own until it is told to end.
package struct Worker: Sendable {
    /// Until SIGTERM cuts what is still running (PS3.8 has no timer for it).
    private static let drainSeconds = 30.0
    private static let pauseSeconds = 0.1
    /// Connections above the number of associations: they wait for their rejection.
    private static let surplus = 1_024
    private static let threadStackBytes = 512 << 10

    private let listeners: [ListeningSocket]
    private let slots: AssociationSlots
    private let settings: Settings
    private let service: any ConnectionService
    private let log: Logger
    private let running = Guarded(0)
    private let ended: WakeDescriptor
    private let drain: WakeDescriptor

    /// Whether this process is a worker, by its arguments.
    package static func isWorker(_ arguments: [String]) -> Bool { arguments.first == Inherited.argument }

    init(
        listeners: [Int32], slots: AssociationSlots, settings: Settings, service: any ConnectionService, log: Logger
    ) throws(Errno) {
        self.listeners = listeners.map { ListeningSocket(adopting: $0) }
        self.slots = slots
        self.settings = settings
        self.service = service
        self.log = log
        ended = try WakeDescriptor()
        drain = try WakeDescriptor()
    }

    /// Accepts until SIGTERM, SIGUSR1 or the supervisor's death, then waits for the associations that are there.
    func run() throws(Errno) {
        let signals = try SignalDescriptor(blocking: [.terminate, .user1, .interrupt, .hangUp])
        let ready = File(adopting: Inherited.ready, path: "ready")
        try? ready.append([1])
        var deadline: Deadline?
        var isAccepting = true
        var acceptAgain: Deadline?
        var number: UInt64 = 0
        while isAccepting || running.withLock({ $0 }) > 0 {
            if let deadline, deadline.hasPassed { return }
            if let again = acceptAgain, again.hasPassed { acceptAgain = nil }
            var poller = Poller()
            poller.add(signals.descriptor)
            poller.add(ended.descriptor)
            if isAccepting {
                poller.add(Inherited.lifeline)
                if acceptAgain == nil { for listener in listeners { poller.add(listener.socket.descriptor) } }
            }
            let found = try poller.wait(until: [deadline, acceptAgain].compactMap { $0 }.min())
            if found.contains(ended.descriptor) { ended.clear() }
            while let signal = signals.next() {
                switch signal {
                case .terminate:
                    isAccepting = false
                    deadline = deadline ?? Deadline(afterSeconds: Self.drainSeconds)
                    drain.wake()
                case .user1: isAccepting = false
                default: break  // the terminal's: the supervisor says what to do
                }
            }
            if found.contains(Inherited.lifeline) {
                isAccepting = false
                deadline = Deadline(afterSeconds: Self.drainSeconds)
                drain.wake()
            }
            guard isAccepting else { continue }
            for listener in listeners where found.contains(listener.socket.descriptor) {
                if !acceptAll(from: listener, &number) { acceptAgain = Deadline(afterSeconds: Self.pauseSeconds) }
            }
        }
    }

    /// Accepts what is waiting; false when descriptors, memory or threads ran out: then it is time for a pause.
    private func acceptAll(from listener: ListeningSocket, _ number: inout UInt64) -> Bool {
        do throws(SocketFault) {
            while let accepted = try listener.socket.accept() {
                number += 1
                if !start(accepted, number) { return false }
            }
            return true
        } catch {
            log.warn("cannot accept connections for a moment: \(error)")
            return false
        }
    }

    private func start(_ accepted: consuming AcceptedSocket, _ number: UInt64) -> Bool {
        let peer = accepted.peer
        let count = running.withLock { count in
            count += 1
            return count
        }
        // So many more than may associate: not even a rejection can be promised.
        guard count <= settings.associationsMaximum + Self.surplus else {
            finish(nil)
            return true
        }
        let slot = slots.take(for: peer)
        let log = log.about(association: "\(Program.processID)-\(number)", peer: "\(peer)")
        let worker = self
        do throws(Errno) {
            _ = try Thread(named: "association", stackBytes: Self.threadStackBytes, giving: accepted.takeSocket()) {
                socket in
                worker.service.serve(socket, wake: worker.drain, isFull: slot == nil, log: log)
                worker.finish(slot)
            }
            return true
        } catch {
            log.warn("no thread for a connection: \(error)")
            finish(slot)
            return false
        }
    }

    private func finish(_ slot: Int?) {
        if let slot { slots.free(slot) }
        running.withLock { $0 -= 1 }
        ended.wake()
    }
}

/// An inherited listening socket.
private final class ListeningSocket: Sendable {
    let socket: Socket
    init(adopting descriptor: Int32) { socket = Socket(adopting: descriptor) }
}
