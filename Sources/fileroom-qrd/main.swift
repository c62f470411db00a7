// fileroom-qrd: answers C-ECHO, C-FIND, C-GET and C-MOVE from the indexes of the configured storage areas.

import Configuration
import Daemon
import Platform

let name = "fileroom-qrd"
Program.holdStandardStreams()
let arguments = Program.arguments
if Worker.isWorker(arguments) { DaemonProcess.runWorker(name: name, arguments: arguments) }

let options: CommandLineArguments
do throws(UsageFault) {
    options = try CommandLineArguments(arguments, options: StandardOptions.all)
} catch {
    StandardOptions.endWithUsage(error, program: name)
}

if options.has("help") {
    _ = StandardStream.output.write(
        """
        fileroom-qrd [OPTION…] [PORT]

        Serves the storage areas of the configuration to DICOM clients: C-ECHO, C-FIND, C-GET and C-MOVE,
        Patient Root, Study Root and Patient/Study Only. PORT goes before the configuration's NetworkTCPPort; 0 lets the kernel
        pick one. When it accepts connections it says so: `fileroom-qrd: ready on ADDRESS:PORT`.

        \(CommandLineHelp.text(StandardOptions.all))
        Signals: SIGTERM and SIGINT finish what is running and end; SIGHUP rereads the configuration.

        Examples:
          fileroom-index import -c fileroom.cfg     index the areas' folders first
          fileroom-qrd -c fileroom.cfg              serve them
          fileroom-qrd -c fileroom.cfg -d 11113     on another port, showing every message

        Exit status: 0 after a signal, 1 when it can't serve, 2 for wrong arguments or a wrong configuration.

        """)
    Program.exit(0)
}
if options.has("version") {
    _ = StandardStream.output.write(Version.text(of: name))
    Program.exit(0)
}
var port: Int?
if let operand = options.operands.first {
    guard options.operands.count == 1 else {
        StandardOptions.endWithUsage(UsageFault("one port, not \(options.operands.count) arguments"), program: name)
    }
    guard let number = Int(operand), (0...65_535).contains(number) else {
        StandardOptions.endWithUsage(UsageFault("the port is a number from 0 to 65535, not \(operand)"), program: name)
    }
    port = number
}

let configuration = StandardOptions.configuration(options, program: name)
if options.has("check-config") { StandardOptions.reportChecked(configuration) }

Signal.ignoreForDaemons()
// Only workers are told something by it.
Signal.ignore(.user1)
let level = StandardOptions.level(options)
let log = DaemonProcess.logger(
    name: name, settings: configuration.settings, level: level ?? configuration.settings.logLevel)
var supervisor = Supervisor(
    DaemonSetup(name: name, configuration: configuration, port: port, logLevel: level), log: log,
    announce: ServedAreas.announce)
Program.exit(supervisor.run())
