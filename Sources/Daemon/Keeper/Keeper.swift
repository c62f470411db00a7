// The keeper of a daemon: a process of its own that keeps the written areas in order, so that no store and no query waits for
// that.

import Platform

/// Runs in a process of its own until it is told to end. It may be killed at any time: what it does is taken up again.
struct Keeper {
    private let areas: WrittenAreas
    private let log: Logger

    init(_ areas: WrittenAreas, log: Logger) {
        self.areas = areas
        self.log = log
    }

    /// Keeps the areas, in threads of their own, until SIGTERM, SIGUSR1 or the supervisor's death.
    func run() throws(Errno) {
        let signals = try SignalDescriptor(blocking: [.terminate, .user1, .interrupt, .hangUp])
        for area in areas.all { try AreaKeeper(area, log: log).start() }
        let ready = File(adopting: Inherited.ready, path: "ready")
        try? ready.append([1])
        while true {
            var poller = Poller()
            poller.add(signals.descriptor)
            poller.add(Inherited.lifeline)
            let found = try poller.wait(until: nil)
            if found.contains(Inherited.lifeline) { return }
            while let signal = signals.next() {
                if signal == .terminate || signal == .user1 { return }
            }
        }
    }
}
