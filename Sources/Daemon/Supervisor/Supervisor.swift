// The supervisor: binds, drops privileges, keeps workers alive, and touches no peer's bytes.

import Archive
import Configuration
import Platform

/// Runs a daemon to its end.
package struct Supervisor {
    /// This many deaths in this many seconds are too many: then starting waits.
    private static let deathsMaximum = 10
    private static let deathsSeconds = 10.0
    private static let pauseSeconds = 1.0
    /// How long workers may take to end after SIGTERM, besides what running operations get.
    private static let endSeconds = 5.0

    private let setup: DaemonSetup
    private let announce: (Settings, Logger) -> Void
    private var configuration: ConfigurationFile
    private var log: Logger
    private var workers: [WorkerProcess] = []
    private var deaths: [MonotonicInstant] = []
    /// What workers and keeper of the present configuration count together.
    private var usage: SharedTable?
    private var isEnding = false
    private var hasSaidReady = false
    /// The longest `EndTimeout` of configurations that were reread: their workers may be running still.
    private var retiredEndSeconds = 0

    /// - Parameters:
    ///   - log: where the supervisor's own lines go.
    ///   - announce: says what is served; called once the port is bound and privileges are dropped, and after a reload.
    package init(_ setup: DaemonSetup, log: Logger, announce: @escaping (Settings, Logger) -> Void) {
        self.setup = setup
        self.announce = announce
        self.log = log
        configuration = setup.configuration
    }

    /// Serves until SIGTERM or SIGINT: 0 then, 1 when it can't start.
    package mutating func run() -> Int32 {
        let settings = configuration.settings
        log.info("configuration in use", ("file", configuration.path.description))
        for warning in settings.warnings { log.warn("\(warning)") }
        let listeners: Listeners
        do throws(ListenFault) {
            listeners = try Listeners(
                address: settings.listenAddress, port: setup.port ?? setup.kind.port(settings) ?? 0,
                parameter: setup.kind.portParameter)
        } catch {
            log.error("cannot listen: \(error)")
            return 1
        }
        guard dropPrivileges(settings) else { return 1 }
        do throws(Errno) {
            let signals = try SignalDescriptor(blocking: [.terminate, .interrupt, .hangUp])
            let slots = try AssociationSlots(count: settings.associationsMaximum)
            announce(settings, log)
            usage = try WrittenAreas.usageTable(settings)
            try startWorkers(slots, listeners.descriptors)
            if wantsKeeper { try start(.keeper, slots, []) }
            return try supervise(signals, slots, listeners.descriptors, listeners.addresses)
        } catch {
            log.error("cannot start: \(error)")
            return 1
        }
    }

    private var workerCount: Int { configuration.settings.workerCount }

    /// Whether there is an area to keep in order.
    private var wantsKeeper: Bool {
        setup.kind.services(configuration.settings).contains(.storage)
            && configuration.settings.areas.contains { $0.access.allowsWriting }
    }

    private mutating func start(
        _ role: Inherited.Role, _ slots: AssociationSlots, _ listeners: [Int32]
    ) throws(Errno) {
        guard let usage else { return }
        let options = setup.logLevel.map { ["--log-level", $0.rawValue] } ?? []
        workers.append(
            try WorkerProcess(
                role, daemon: setup.kind.name, configuration: configuration, options: options, slots: slots,
                usage: usage, listeners: listeners))
    }

    /// Starts workers until there are as many as are wanted.
    private mutating func startWorkers(_ slots: AssociationSlots, _ listeners: [Int32]) throws(Errno) {
        while missingWorkers > 0 {
            let hasFirst = workers.contains { !$0.isRetired && $0.role == .worker }
            try start(hasFirst && setup.kind.hasStandbys ? .standby : .worker, slots, listeners)
        }
    }

    private var missingWorkers: Int { workerCount - workers.count { !$0.isRetired && $0.role.isWorker } }

    private mutating func supervise(
        _ signals: borrowing SignalDescriptor, _ slots: AssociationSlots, _ listeners: [Int32],
        _ addresses: [SocketAddress]
    ) throws(Errno) -> Int32 {
        var end: Deadline?
        var restart: Deadline?
        while true {
            if isEnding, workers.isEmpty {
                log.info("ended")
                return 0
            }
            var poller = Poller()
            poller.add(signals.descriptor)
            for worker in workers {
                poller.add(worker.descriptor)
                if !worker.isReady { poller.add(worker.readyDescriptor) }
            }
            let ready = try poller.wait(until: [end, restart].compactMap { $0 }.min())
            while let signal = signals.next() {
                switch signal {
                case .hangUp where !isEnding: reload()
                case .hangUp: break
                default:
                    if !isEnding { log.info("ending", ("signal", "\(signal)")) }
                    isEnding = true
                    let running = Double(max(retiredEndSeconds, configuration.settings.endTimeoutSeconds))
                    end = end ?? Deadline(afterSeconds: running + Self.endSeconds)
                    for worker in workers { worker.terminate() }
                    // New connections are refused rather than left waiting.
                    for listener in listeners { Socket.shutdown(listener) }
                }
            }
            for worker in workers where !worker.isReady && ready.contains(worker.readyDescriptor) {
                worker.becameReady()
                if worker.role.isWorker { sayReady(addresses) }
            }
            try reapEnded(slots)
            if let limit = end, limit.hasPassed {
                for worker in workers { worker.child.send(.kill) }
                end = Deadline(afterSeconds: Self.pauseSeconds)
            }
            restart = startMissing(slots, listeners)
        }
    }

    /// Once, on standard error whatever the log is: scripts wait for this line.
    private mutating func sayReady(_ addresses: [SocketAddress]) {
        guard !hasSaidReady else { return }
        hasSaidReady = true
        for address in addresses { _ = StandardStream.error.write("\(setup.kind.name): ready on \(address)\n") }
        // After the start, for it takes longer than that.
        if let complaint = CharacterConverters.complaint { log.warn(complaint) }
    }

    private mutating func reapEnded(_ slots: AssociationSlots) throws(Errno) {
        var living: [WorkerProcess] = []
        for worker in workers {
            guard let status = try worker.child.ended() else {
                living.append(worker)
                continue
            }
            slots.free(heldBy: worker.processID)
            if let usage { AreaUsage.giveBack(heldBy: worker.processID, in: usage) }
            if !worker.isRetired {
                deaths.append(.now())
                let words = worker.role.isWorker ? "worker died: its associations are lost" : "keeper died"
                log.error(words, ("process", "\(worker.processID)"), ("end", "\(status)"))
            }
        }
        workers = living
    }

    /// Starts what is missing; when workers die too fast or can't be started, not before the deadline that is returned.
    private mutating func startMissing(_ slots: AssociationSlots, _ listeners: [Int32]) -> Deadline? {
        let isKeeperMissing = wantsKeeper && !workers.contains { !$0.isRetired && $0.role == .keeper }
        guard !isEnding, missingWorkers > 0 || isKeeperMissing else { return nil }
        let now = MonotonicInstant.now()
        deaths.removeAll { now.seconds(since: $0) > Self.deathsSeconds }
        if deaths.count >= Self.deathsMaximum, let last = deaths.last, now.seconds(since: last) < Self.pauseSeconds {
            return Deadline(afterSeconds: Self.pauseSeconds, from: last)
        }
        do throws(Errno) {
            try startWorkers(slots, listeners)
            if isKeeperMissing { try start(.keeper, slots, []) }
            return nil
        } catch {
            log.error("cannot start a worker, trying again: \(error)")
            return Deadline(afterSeconds: Self.pauseSeconds)
        }
    }

    /// SIGHUP: workers with the new configuration, if it is good; the old ones finish their associations. The log is opened
    /// again, so that it can be rotated.
    private mutating func reload() {
        let read: ConfigurationFile
        do throws(ConfigurationFileFault) {
            read = try ConfigurationFile(option: configuration.path.description)
        } catch {
            for line in error.description.split(separator: "\n") {
                log.error("the configuration stays as it was: \(line)")
            }
            return
        }
        guard let table = try? WrittenAreas.usageTable(read.settings) else {
            return log.error("the configuration stays as it was: no memory for another")
        }
        usage = table
        let old = configuration.settings
        retiredEndSeconds = max(retiredEndSeconds, old.endTimeoutSeconds)
        configuration = read
        let kind = setup.kind
        let changes: [(name: String, isChanged: Bool)] = [
            (kind.portParameter, setup.port == nil && kind.port(read.settings) != kind.port(old)),
            ("ListenAddress", read.settings.listenAddress != old.listenAddress),
            ("MaxAssociations", read.settings.associationsMaximum != old.associationsMaximum),
            ("UserName", read.settings.userName != old.userName),
            ("GroupName", read.settings.groupName != old.groupName),
        ]
        for change in changes where change.isChanged {
            log.warn("another \(change.name) takes a restart; the old one is kept")
        }
        for worker in workers where !worker.isRetired { worker.retire() }
        log = DaemonProcess.logger(
            name: kind.name, settings: read.settings, level: setup.logLevel ?? read.settings.logLevel)
        log.info("configuration reread", ("file", read.path.description))
        for warning in read.settings.warnings { log.warn("\(warning)") }
        announce(read.settings, log)
    }

    /// Started as root: becomes UserName for good. Started otherwise, UserName and GroupName are ignored with one line.
    private func dropPrivileges(_ settings: Settings) -> Bool {
        guard let name = settings.userName else {
            if Privileges.isRoot { log.warn("running as root: set UserName to drop what isn't needed") }
            return true
        }
        guard Privileges.isRoot else {
            log.info("not started as root: UserName and GroupName are ignored")
            return true
        }
        guard let user = User.named(name) else {
            log.error("UserName \(name) is no user of this system")
            return false
        }
        var group: Group?
        if let groupName = settings.groupName {
            guard let found = Group.named(groupName) else {
                log.error("GroupName \(groupName) is no group of this system")
                return false
            }
            group = found
        }
        do throws(Errno) {
            try Privileges.drop(to: user, group: group)
            return true
        } catch {
            log.error("cannot become \(name): \(error)")
            return false
        }
    }
}
