// The processes of a daemon: what they inherit becomes configuration, tables and sockets.

import Configuration
import Platform

/// One program in three: a supervisor or, with the supervisor's own argument, a worker or a keeper.
package enum DaemonProcess {
    /// Whether this process was started by a supervisor, by its arguments.
    package static func isStartedByDaemon(_ arguments: [String]) -> Bool { role(arguments) != nil }

    private static func role(_ arguments: [String]) -> Inherited.Role? {
        arguments.first.flatMap { Inherited.Role(rawValue: $0) }
    }

    /// Runs a worker or a keeper, and doesn't return.
    package static func run(_ kind: DaemonKind, arguments: [String]) -> Never {
        let log = Logger(daemon: kind.name, level: .info, to: LogSink())
        do throws(Errno) {
            Signal.ignoreForDaemons()
            _ = Program.raiseDescriptorLimit()
            Program.limitMemoryArenas(to: 4)
            let listeners = arguments.count > 1 ? Int32(arguments[1]) ?? 0 : 0
            let path = arguments.count > 2 ? arguments[2] : ""
            let bytes = SharedBytes.bytes(in: try SharedTable(adopting: Inherited.configuration))
            guard let role = role(arguments), listeners > 0 || role == .keeper,
                let configuration = try? ConfigurationFile(path: Path(path), bytes: bytes)
            else {
                log.error("a process of the daemon is started by it, not by hand")
                Program.exit(2)
            }
            let settings = configuration.settings
            let level = arguments.count > 4 ? LogLevel(rawValue: arguments[4]) : nil
            let own = logger(name: kind.name, settings: settings, level: level ?? settings.logLevel)
            let usage = try SharedTable(adopting: Inherited.usage)
            switch role {
            case .worker, .standby:
                let worker = try Worker(
                    listeners: (0..<listeners).map { Inherited.firstListener + $0 }, isStandby: role == .standby,
                    sharesNewcomers: !kind.hasStandbys, slots: AssociationSlots(adopting: Inherited.slots),
                    settings: settings,
                    service: ArchiveService(settings, as: kind, usage: usage), log: own)
                try worker.run()
            case .keeper: try Keeper(WrittenAreas(settings, usage: usage), log: own).run()
            }
            Program.exit(0)
        } catch {
            log.error("the process can't go on: \(error)")
            Program.exit(1)
        }
    }

    /// Whom the log belongs to: where root starts the daemon, the user that it becomes.
    private static func owner(_ settings: Settings) -> FileOwner? {
        guard Privileges.isRoot, let user = settings.userName.flatMap({ User.named($0) }) else { return nil }
        let group = settings.groupName.flatMap { Group.named($0) }
        return FileOwner(userID: user.id, groupID: group?.id ?? user.groupID)
    }

    /// The log that a configuration asks for; standard error where the file can't be had.
    package static func logger(name: String, settings: Settings, level: LogLevel) -> Logger {
        guard let file = settings.logFile else { return Logger(daemon: name, level: level, to: LogSink()) }
        do throws(FileFault) {
            return Logger(daemon: name, level: level, to: try LogSink(appendingTo: Path(file), owner: owner(settings)))
        } catch {
            let log = Logger(daemon: name, level: level, to: LogSink())
            log.error("LogFile can't be written, the log goes to standard error: \(error)")
            return log
        }
    }
}
