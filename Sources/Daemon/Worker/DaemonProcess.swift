// A worker's start: what it inherits becomes its configuration, slots and sockets.

import Configuration
import Platform

/// The two programs in one: a supervisor, or, with the supervisor's own argument, a worker.
package enum DaemonProcess {
    /// Runs a worker of fileroom-qrd, and doesn't return.
    package static func runWorker(name: String, arguments: [String]) -> Never {
        let sink = LogSink()
        let log = Logger(daemon: name, level: .info, to: sink)
        do throws(Errno) {
            Signal.ignoreForDaemons()
            _ = Program.raiseDescriptorLimit()
            Program.limitMemoryArenas(to: 4)
            let listeners = arguments.count > 1 ? Int32(arguments[1]) ?? 0 : 0
            let path = arguments.count > 2 ? arguments[2] : ""
            let bytes = SharedBytes.bytes(in: try SharedTable(adopting: Inherited.configuration))
            guard listeners > 0, let configuration = try? ConfigurationFile(path: Path(path), bytes: bytes) else {
                log.error("a worker is started by its daemon, not by hand")
                Program.exit(2)
            }
            let settings = configuration.settings
            let level = arguments.count > 4 ? LogLevel(rawValue: arguments[4]) : nil
            let worker = try Worker(
                listeners: (0..<listeners).map { Inherited.firstListener + $0 },
                slots: AssociationSlots(adopting: Inherited.slots), settings: settings,
                service: QueryRetrieveService(settings),
                log: logger(name: name, settings: settings, level: level ?? settings.logLevel))
            try worker.run()
            Program.exit(0)
        } catch {
            log.error("the worker can't go on: \(error)")
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
