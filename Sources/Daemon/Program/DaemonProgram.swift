// What the programs of all daemons do: arguments, --help and --check-config, then the supervisor.

import Configuration
import Platform

/// The main program of a daemon.
package enum DaemonProgram {
    /// Runs it to its end.
    ///
    /// - Parameters:
    ///   - summary: what it does, for --help: the lines behind its usage.
    ///   - examples: likewise, each line indented.
    package static func run(_ kind: DaemonKind, summary: String, examples: String) -> Never {
        Program.holdStandardStreams()
        let arguments = Program.arguments
        if DaemonProcess.isStartedByDaemon(arguments) { DaemonProcess.run(kind, arguments: arguments) }
        let options: CommandLineArguments
        do throws(UsageFault) {
            options = try CommandLineArguments(arguments, options: StandardOptions.all)
        } catch {
            StandardOptions.endWithUsage(error, program: kind.name)
        }
        if options.has("help") {
            _ = StandardStream.output.write(help(kind, summary: summary, examples: examples))
            Program.exit(0)
        }
        if options.has("version") {
            _ = StandardStream.output.write(Version.text(of: kind.name))
            Program.exit(0)
        }
        let port = port(options, kind)
        let configuration = StandardOptions.configuration(options, program: kind.name)
        if options.has("check-config") { StandardOptions.reportChecked(configuration) }
        guard port != nil || kind.port(configuration.settings) != nil else {
            StandardOptions.complain(
                "\(kind.name): \(configuration.path) has no \(kind.portParameter): without one fileroom-qrd stores "
                    + "what comes to its own port; set it, or name a port")
            Program.exit(2)
        }
        Signal.ignoreForDaemons()
        // Only workers are told something by it.
        Signal.ignore(.user1)
        let level = StandardOptions.level(options)
        let log = DaemonProcess.logger(
            name: kind.name, settings: configuration.settings, level: level ?? configuration.settings.logLevel)
        var supervisor = Supervisor(
            DaemonSetup(kind, configuration: configuration, port: port, logLevel: level), log: log,
            announce: { ServedAreas.announce($0, as: kind, $1) })
        Program.exit(supervisor.run())
    }

    private static func port(_ options: CommandLineArguments, _ kind: DaemonKind) -> Int? {
        guard let operand = options.operands.first else { return nil }
        guard options.operands.count == 1 else {
            StandardOptions.endWithUsage(
                UsageFault("one port, not \(options.operands.count) arguments"), program: kind.name)
        }
        guard let number = Int(operand), (0...65_535).contains(number) else {
            StandardOptions.endWithUsage(
                UsageFault("the port is a number from 0 to 65535, not \(operand)"), program: kind.name)
        }
        return number
    }

    private static func help(_ kind: DaemonKind, summary: String, examples: String) -> String {
        """
        \(kind.name) [OPTION…] [PORT]

        \(summary)
        PORT goes before the configuration's \(kind.portParameter); 0 lets the kernel pick one. When it accepts connections it
        says so: `\(kind.name): ready on ADDRESS:PORT`.

        \(CommandLineHelp.text(StandardOptions.all))
        Signals: SIGTERM and SIGINT finish what is running and end; SIGHUP rereads the configuration.

        Examples:
        \(examples)

        Exit status: 0 after a signal, 1 when it can't serve, 2 for wrong arguments or a wrong configuration.

        """
    }
}
