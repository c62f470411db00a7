// Real client programs (echoscu, findscu, …) run by tests: what they said, how they ended, and never for ever.

import Platform

/// A program run to its end.
package struct ClientProcess: Sendable {
    package let status: ExitStatus
    package let output: String
    package let error: String
    /// The deadline passed, and the program was killed.
    package let wasKilled: Bool

    package var isSuccess: Bool { !wasKilled && status.isSuccess }

    /// The program's path by PATH; nil when it isn't installed.
    package static func path(of program: String) -> Path? {
        if program.contains("/") { return Path(program) }
        let folders = (Program.environment("PATH") ?? "/usr/local/bin:/usr/bin:/bin").split(separator: ":")
        return folders.map { Path(String($0)).appending(program) }.first { path in
            guard let status = try? File.status(of: path) else { return false }
            return status.kind == .file && status.permissions & 0o111 != 0
        }
    }

    /// Runs a program with its output caught, and kills it at the deadline.
    ///
    /// - Parameter environment: `NAME=value`, added to our own.
    package static func run(
        _ program: String, _ arguments: [String], environment: [String] = [], timeoutSeconds: Double = 60
    ) throws -> ClientProcess {
        guard let path = path(of: program) else { throw FileFault(.open, Path(program), .noEntry) }
        let folder = try TemporaryFolder()
        let output = try File.open(folder.appending("output"), .creating)
        let error = try File.open(folder.appending("error"), .creating)
        let names = Set(environment.map { $0.prefix { $0 != "=" } })
        let kept = Program.environment.filter { !names.contains($0.prefix { $0 != "=" }) }
        let child = try ChildProcess.spawn(
            path, arguments: [program] + arguments, environment: kept + environment,
            inheriting: [.nothing(as: 0), Inheritance(output.descriptor, as: 1), Inheritance(error.descriptor, as: 2)])
        var wasKilled = false
        var status = try child.wait(until: Deadline(afterSeconds: timeoutSeconds))
        if status == nil {
            wasKilled = true
            child.send(.kill)
            status = try child.wait()
        }
        return ClientProcess(
            status: status ?? .killed(.kill), output: String(decoding: try output.readAll(), as: UTF8.self),
            error: String(decoding: try error.readAll(), as: UTF8.self), wasKilled: wasKilled)
    }
}
