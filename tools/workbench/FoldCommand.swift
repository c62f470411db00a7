// workbench fold: the upkeep of an index, a step at a time.

import ArchiveIndex
import Daemon
import Platform

enum FoldCommand: WorkbenchCommand {
    static let name = "fold"
    static let summary = "folds the journal, merges runs where due, removes what is superseded"
    static let options = [
        CommandLineOption(nil, "compact", help: "fold everything into one run")
    ]

    static func run(_ path: Path, _ arguments: CommandLineArguments) throws -> Int32 {
        let index = try IndexFolder.open(at: path)
        if arguments.has("compact") {
            try index.compact()
        } else {
            try index.fold()
            try index.mergeWhereDue()
        }
        return 0
    }
}
