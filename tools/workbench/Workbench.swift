// The commands of the workbench, and what they share.

import ArchiveIndex
import Daemon
import Platform

/// A command of the workbench: works on a folder, most often an index, its only operand.
protocol WorkbenchCommand: Sendable {
    static var name: String { get }
    static var options: [CommandLineOption] { get }
    /// A line for the list of commands.
    static var summary: String { get }
    static func run(_ index: Path, _ arguments: CommandLineArguments) throws -> Int32
}

enum Workbench {
    static let commands: [any (WorkbenchCommand & SendableMetatype).Type] = [
        SynthesizeCommand.self, AppendCommand.self, FoldCommand.self, KeysCommand.self, ReadFloorCommand.self,
        CrashWorkCommand.self, CrashCheckCommand.self,
    ]

    static func run(_ arguments: [String]) -> Int32 {
        guard let command = commands.first(where: { $0.name == arguments.first }) else {
            StandardOptions.complain("workbench COMMAND FOLDER [OPTION…]\n")
            for command in commands {
                StandardOptions.complain("\(command.name): \(command.summary)")
                StandardOptions.complain(CommandLineHelp.text(command.options))
            }
            return 2
        }
        do {
            let read = try CommandLineArguments(Array(arguments.dropFirst()), options: command.options)
            guard read.operands.count == 1 else { throw UsageFault("one folder is needed") }
            return try command.run(Path(read.operands[0]), read)
        } catch {
            StandardOptions.complain("workbench \(command.name): \(error)")
            return 2
        }
    }
}

extension CommandLineArguments {
    /// A number from 0 on.
    func count(_ option: String, otherwise: Int) throws(UsageFault) -> Int {
        try number(option, in: 0...1 << 40) ?? otherwise
    }
}
