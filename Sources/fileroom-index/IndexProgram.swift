// The commands of fileroom-index, and what they share.

import Archive
import ArchiveIndex
import Configuration
import DICOM
import Daemon
import Platform

/// A command's end that isn't success: what to say, and the exit status.
struct CommandFault: Error {
    let words: String
    let status: Int32

    init(_ words: String, status: Int32 = 2) {
        self.words = words
        self.status = status
    }
}

enum IndexProgram {
    static let commonOptions =
        StandardOptions.all + [
            CommandLineOption(
                nil, "ae", value: "TITLE", help: "the storage area; may be left out where the configuration has one"),
            CommandLineOption(nil, "json", help: "print JSON"),
        ]

    static let commands: [any (IndexCommand & SendableMetatype).Type] = [
        ImportCommand.self, WatchCommand.self, ListCommand.self, StatCommand.self, VerifyCommand.self,
        CompactCommand.self, RemoveCommand.self, RebuildCommand.self, DumpCommand.self, ExplainCommand.self,
    ]

    static func run(_ arguments: [String]) -> Int32 {
        guard let first = arguments.first, !first.hasPrefix("-") else { return runWithoutCommand(arguments) }
        guard let command = commands.first(where: { $0.name == first }) else {
            let nearest = nearestName(to: first, among: commands.map { $0.name }).map { "; did you mean \($0)?" } ?? ""
            StandardOptions.endWithUsage(UsageFault("unknown command \(first)\(nearest)"), program: name)
        }
        do {
            return try run(command, Array(arguments.dropFirst()))
        } catch let fault as UsageFault {
            StandardOptions.complain("\(name) \(first): \(fault); see \(name) \(first) --help")
            return 2
        } catch let fault as CommandFault {
            StandardOptions.complain("\(name) \(first): \(fault.words)")
            return fault.status
        } catch {
            StandardOptions.complain("\(name) \(first): \(error)")
            return 2
        }
    }

    private static func run(_ command: any IndexCommand.Type, _ arguments: [String]) throws -> Int32 {
        let options = commonOptions + command.options
        let read = try CommandLineArguments(arguments, options: options)
        if read.has("help") {
            print(command.help + "\nOptions:\n" + CommandLineHelp.text(options))
            return 0
        }
        if read.has("version") {
            print(Version.text(of: name))
            return 0
        }
        if !command.takesOperands, let stray = read.operands.first {
            throw UsageFault("\(stray) is one argument too many")
        }
        let configuration = StandardOptions.configuration(read, program: name)
        if read.has("check-config") { StandardOptions.reportChecked(configuration) }
        if read.has("verbose") || read.has("debug") {
            StandardOptions.complain("\(name): configuration \(configuration.path)")
        }
        return try command.run(CommandContext(arguments: read, configuration: configuration))
    }

    private static func runWithoutCommand(_ arguments: [String]) -> Int32 {
        let read: CommandLineArguments
        do throws(UsageFault) {
            if let command = arguments.first(where: { word in commands.contains { $0.name == word } }) {
                throw UsageFault("options follow the command: \(name) \(command) \(arguments[0]) …")
            }
            read = try CommandLineArguments(arguments, options: commonOptions)
        } catch {
            StandardOptions.endWithUsage(error, program: name)
        }
        if read.has("version") {
            print(Version.text(of: name))
            return 0
        }
        if read.has("check-config") {
            StandardOptions.reportChecked(StandardOptions.configuration(read, program: name))
        }
        print(
            """
            fileroom-index COMMAND [OPTION…] [ARGUMENT…]

            Makes, shows and checks the index of a storage area. The files themselves are only ever read.

              import [FOLDER…]         index folders in place; without one, the area's own and its known roots
              watch [FOLDER…]          the same, then go on: index what comes and changes, take out what goes
              list [LEVEL] [KEY=VALUE…] what the index holds: patients, studies, series, instances, conflicts,
                                       and what was removed
              stat                     how much it holds, and how large it is
              verify [--files]         check every byte of the index, and with --files that every file is there
              compact                  fold everything into one run
              remove KEY=VALUE…        take instances, series, studies, patients or a root out of the index
              rebuild [FOLDER…]        make the index anew from its roots, while it is used
              dump [PART…]             show any part of the index in readable form, also of a damaged one
              explain KEY=VALUE…       how a query is answered, and why it finds nothing

            `fileroom-index COMMAND --help` says more, with examples.

            Options of all commands:
            \(CommandLineHelp.text(commonOptions))
            """)
        return read.has("help") ? 0 : 2
    }

    /// Writes to standard output. Where that can't be, the program ends: a script must not take half a list for a whole one.
    static func print(_ text: String) { print(Array((text.hasSuffix("\n") ? text : text + "\n").utf8)) }

    /// The same for whole lines.
    static func print(_ lines: [UInt8]) {
        guard StandardStream.output.write(lines) else {
            StandardOptions.complain("\(name): standard output can't be written")
            Program.exit(2)
        }
    }
}
