// A worker: accepts connections and gives each a thread. It never reads from a peer itself, so none can delay it.

import Configuration
import Platform

/// Runs in a process of its own until it is told to end.
package struct Worker: Sendable {
    /// Between the end that is asked for and the end of the process.
    private static let cutSeconds = 4.0
    private static let pauseSeconds = 0.1
    /// For so long a standby leaves a connection to the worker that is there for it.
    private static let standbySeconds = 0.005
    /// Newcomers of all workers together.
    private static let newcomersMaximum = 1_024
    /// Taken at once before signals and the lifeline are looked at again.
    private static let acceptedAtOnce = 64
    private static let complaintSeconds = 60.0
    private static let threadStackBytes = 512 << 10
    /// Until SIGTERM cuts what is still running (PS3.8 has no timer for it).
    private var drainSeconds: Double { Double(settings.endTimeoutSeconds) }

    private let listeners: [ListeningSocket]
    private let isStandby: Bool
    private let slots: AssociationSlots
    private let settings: Settings
    private let service: any ConnectionService
    private let log: Logger
    private let running = Guarded(0)
    private let ended: WakeDescriptor
    private let ending: Ending
    private let newcomers: Newcomers
    private let nextComplaint = Guarded<Deadline?>(nil)

    init(
        listeners: [Int32], isStandby: Bool, sharesNewcomers: Bool, slots: AssociationSlots, settings: Settings,
        service: any ConnectionService, log: Logger
    ) throws(Errno) {
        self.isStandby = isStandby
        self.listeners = listeners.map { ListeningSocket(adopting: $0) }
        self.slots = slots
        self.settings = settings
        self.service = service
        self.log = log
        ended = try WakeDescriptor()
        ending = try Ending()
        // One that others stand by for has them all.
        let sharers = sharesNewcomers ? settings.workerCount : 1
        newcomers = Newcomers(maximum: max(Newcomers.maximumForHost, Self.newcomersMaximum / sharers))
    }

    /// Accepts until SIGTERM, SIGUSR1 or the supervisor's death, then waits for the associations that are there.
    func run() throws(Errno) {
        let signals = try SignalDescriptor(blocking: [.terminate, .user1, .interrupt, .hangUp])
        let ready = File(adopting: Inherited.ready, path: "ready")
        try? ready.append([1])
        var end: Deadline?
        var isCut = false
        var isAccepting = true
        var isOrphan = false
        var acceptAgain: Deadline?
        var number: UInt64 = 0
        while isAccepting || running.withLock({ $0 }) > 0 {
            if let limit = end, limit.hasPassed {
                if isCut { return }
                isCut = true
                ending.cut.wake()
                end = Deadline(afterSeconds: Self.cutSeconds)
            }
            if let again = acceptAgain, again.hasPassed { acceptAgain = nil }
            var poller = Poller()
            poller.add(signals.descriptor)
            poller.add(ended.descriptor)
            if !isOrphan { poller.add(Inherited.lifeline) }
            if isAccepting, acceptAgain == nil {
                for listener in listeners { poller.add(listener.socket.descriptor) }
            }
            let found = try poller.wait(until: [end, acceptAgain].compactMap { $0 }.min())
            if found.contains(ended.descriptor) { ended.clear() }
            while let signal = signals.next() {
                switch signal {
                case .terminate:
                    isAccepting = false
                    end = end ?? Deadline(afterSeconds: drainSeconds)
                    ending.drain.wake()
                case .user1: isAccepting = false
                default: break  // the terminal's: the supervisor says what to do
                }
            }
            if found.contains(Inherited.lifeline) {
                isOrphan = true
                isAccepting = false
                // Nobody else is left to free the port.
                for listener in listeners { listener.socket.shutdown() }
                end = end ?? Deadline(afterSeconds: drainSeconds)
                ending.drain.wake()
            }
            guard isAccepting else { continue }
            let waiting = listeners.filter { found.contains($0.socket.descriptor) }
            if isStandby, !waiting.isEmpty {
                var nothing = Poller()
                _ = try nothing.wait(until: Deadline(afterSeconds: Self.standbySeconds))
            }
            for listener in waiting {
                if !acceptSome(from: listener, &number) { acceptAgain = Deadline(afterSeconds: Self.pauseSeconds) }
            }
        }
    }

    /// Accepts some of what is waiting; false when descriptors, memory or threads ran out: then it is time for a pause.
    private func acceptSome(from listener: ListeningSocket, _ number: inout UInt64) -> Bool {
        do throws(SocketFault) {
            for _ in 0..<Self.acceptedAtOnce {
                guard let accepted = try listener.socket.accept() else { return true }
                number += 1
                if !start(accepted, number) { return false }
            }
            return true
        } catch {
            // Shut down by the supervisor, which says so by a signal as well.
            if case .system(_, _, .invalidArgument) = error { return false }
            complain("cannot accept connections for a moment: \(error)")
            return false
        }
    }

    /// Says what keeps new connections out, once a minute.
    private func complain(_ words: String) {
        let isDue = nextComplaint.withLock { next in
            if let next, !next.hasPassed { return false }
            next = Deadline(afterSeconds: Self.complaintSeconds)
            return true
        }
        if isDue { log.warn("\(words)") }
    }

    private func start(_ accepted: consuming AcceptedSocket, _ number: UInt64) -> Bool {
        let peer = accepted.peer
        let log = log.about(association: "\(Program.processID)-\(number)", peer: "\(peer)")
        let admission = Admission(number, of: peer, slots: slots, newcomers: newcomers)
        let socket = accepted.takeSocket()
        guard let handle = socket.handle else {
            complain("no descriptor for a connection")
            return false
        }
        newcomers.enter(number, peer: peer, handle: handle)
        running.withLock { $0 += 1 }
        let worker = self
        do throws(Errno) {
            _ = try Thread(named: "association", stackBytes: Self.threadStackBytes, giving: socket) { socket in
                worker.service.serve(socket, ending: worker.ending, admission: admission, log: log)
                worker.finish(admission)
            }
            return true
        } catch {
            complain("no thread for a connection: \(error)")
            finish(admission)
            return false
        }
    }

    private func finish(_ admission: Admission) {
        admission.end()
        running.withLock { $0 -= 1 }
        ended.wake()
    }
}

/// An inherited listening socket.
private final class ListeningSocket: Sendable {
    let socket: Socket
    init(adopting descriptor: Int32) { socket = Socket(adopting: descriptor) }
}
