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
        ImportCommand.self, ListCommand.self, StatCommand.self, VerifyCommand.self, CompactCommand.self,
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
              list [LEVEL] [KEY=VALUE…] what the index holds: patients, studies, series, instances, or conflicts
              stat                     how much it holds, and how large it is
              verify [--files]         check every byte of the index, and with --files that every file is there
              compact                  fold everything into one run

            `fileroom-index COMMAND --help` says more, with examples.

            Options of all commands:
            \(CommandLineHelp.text(commonOptions))
            """)
        return read.has("help") ? 0 : 2
    }

    static func print(_ text: String) {
        _ = StandardStream.output.write(text.hasSuffix("\n") ? text : text + "\n")
    }
}

/// A command of fileroom-index.
protocol IndexCommand: Sendable {
    static var name: String { get }
    static var options: [CommandLineOption] { get }
    static var help: String { get }
    static func run(_ context: CommandContext) throws -> Int32
}

/// What a command works with.
struct CommandContext {
    let arguments: CommandLineArguments
    let configuration: ConfigurationFile

    var settings: Settings { configuration.settings }
    var wantsJSON: Bool { arguments.has("json") }

    /// The storage area that is meant.
    func area() throws(CommandFault) -> StorageAreaEntry {
        let known = settings.areas.map(\.aeTitle.text).joined(separator: ", ")
        if let named = arguments.value("ae") {
            guard let title = AETitle(named), let area = settings.area(called: title) else {
                throw CommandFault("\(configuration.path) has no storage area \(named); it has \(known)")
            }
            return area
        }
        let areas = settings.distinctAreas
        guard areas.count == 1 else {
            throw CommandFault(
                areas.isEmpty ? "\(configuration.path) has no storage area" : "which area? --ae TITLE: \(known)")
        }
        return areas[0]
    }

    func paths() throws(CommandFault) -> StorageAreaPaths { ServedAreas.paths(try area(), settings) }

    /// The area's index, which must be there.
    func index() throws(CommandFault) -> IndexFolder {
        let paths = try paths()
        let title = try area().aeTitle
        let found: IndexFolder?
        do throws(IndexFault) {
            found =
                try IndexFolder.exists(at: paths.index)
                ? try IndexFolder.open(at: paths.index, instancesFolder: paths.instances) : nil
        } catch {
            throw CommandFault("\(error)")
        }
        guard let found else {
            throw CommandFault("there is no index in \(paths.index); make one: fileroom-index import --ae \(title)")
        }
        return found
    }
}
