// Child processes: started by posix_spawn with just the descriptors they are given, watched by pidfd, reaped once.

import CPlatform

/// A child of this process. A value that ends before `wait` leaves a zombie behind until this process ends.
package struct ChildProcess: ~Copyable, Sendable {
    package let processID: Int32
    private let process: Descriptor

    /// Readable once the process has ended (pidfd), for `Poller`.
    package var descriptor: Int32 { process.number }

    /// This program once more, whatever became of its file.
    package static let ownProgram: Path = "/proc/self/exe"

    /// Starts `program`. The child has standard input, output and error, what `inheriting` says, and no other
    /// descriptor; all its signals are unblocked and do what they do by default.
    ///
    /// - Parameters:
    ///   - arguments: all of them, the name of the program first.
    ///   - environment: `NAME=value` each; nil for our own.
    package static func spawn(
        _ program: Path, arguments: [String], environment: [String]? = nil, inheriting: [Inheritance] = []
    ) throws(Errno) -> ChildProcess {
        var processID: Int32 = 0
        var descriptor: Int32 = -1
        let given = CStrings(arguments)
        let values = CStrings(environment ?? Program.environment)
        let result = unsafe program.withTerminated {
            unsafe fr_spawn(
                $0, given.pointers, values.pointers, inheriting.map(\.descriptor), inheriting.map(\.childDescriptor),
                Int32(inheriting.count), &processID, &descriptor)
        }
        _ = try checked(result)
        return ChildProcess(processID: processID, process: Descriptor(adopting: descriptor))
    }

    private init(processID: Int32, process: consuming Descriptor) {
        self.processID = processID
        self.process = process
    }

    /// How the process ended, and reaps it; nil while it runs.
    package func ended() throws(Errno) -> ExitStatus? { try reap(waiting: false) }

    /// Waits for the end, and reaps.
    package func wait() throws(Errno) -> ExitStatus {
        guard let status = try reap(waiting: true) else { throw .noSuchProcess }
        return status
    }

    /// Waits for the end, and reaps; nil at the deadline.
    package func wait(until deadline: Deadline) throws(Errno) -> ExitStatus? {
        guard try Poller.wait(for: descriptor, until: deadline) else { return nil }
        return try wait()
    }

    private func reap(waiting: Bool) throws(Errno) -> ExitStatus? {
        var code: Int32 = -1
        var signal: Int32 = -1
        guard try checked(unsafe fr_reap(processID, waiting ? 1 : 0, &code, &signal)) == 1 else { return nil }
        return signal >= 0 ? .killed(Signal(number: signal)) : .exited(code)
    }

    /// Sends a signal; to a process that has ended already it does nothing.
    package func send(_ signal: Signal) { _ = fr_kill(process.number, signal.number) }
}
