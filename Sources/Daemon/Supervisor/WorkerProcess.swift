// A worker or keeper as its supervisor sees it: a child process, its lifeline, and whether it is wanted any longer.

import Platform

/// A running process of the daemon. When this value ends, so does the lifeline, and with it the process.
final class WorkerProcess {
    let role: Inherited.Role
    let child: ChildProcess
    private let lifeline: Lifeline
    private let readiness: Lifeline
    private(set) var isReady = false
    /// Told to end once its associations have: it isn't replaced.
    private(set) var isRetired = false

    var processID: Int32 { child.processID }
    /// Readable once the worker has ended.
    var descriptor: Int32 { child.descriptor }
    /// Readable once the worker accepts connections.
    var readyDescriptor: Int32 { readiness.watched.number }

    /// Starts one: this program again.
    init(
        _ role: Inherited.Role, daemon: String, configuration: ConfigurationFile, options: [String],
        slots: AssociationSlots, usage: SharedTable, listeners: [Int32]
    ) throws(Errno) {
        self.role = role
        lifeline = try Lifeline()
        readiness = try Lifeline()
        let shared = try SharedBytes.table(holding: configuration.bytes)
        var inheriting = [
            Inheritance(lifeline.watched.number, as: Inherited.lifeline),
            Inheritance(slots.table.descriptor, as: Inherited.slots),
            Inheritance(shared.descriptor, as: Inherited.configuration),
            Inheritance(readiness.held.number, as: Inherited.ready),
            Inheritance(usage.descriptor, as: Inherited.usage),
        ]
        for (index, listener) in listeners.enumerated() {
            inheriting.append(Inheritance(listener, as: Inherited.firstListener + Int32(index)))
        }
        child = try ChildProcess.spawn(
            ChildProcess.ownProgram,
            arguments: [daemon, role.rawValue, String(listeners.count), configuration.path.description] + options,
            inheriting: inheriting)
    }

    func becameReady() { isReady = true }

    /// No new associations; those that are there go on to their end.
    func retire() {
        isRetired = true
        child.send(.user1)
    }

    /// No new associations; those that are there get until the drain limit.
    func terminate() {
        isRetired = true
        child.send(.terminate)
    }
}
