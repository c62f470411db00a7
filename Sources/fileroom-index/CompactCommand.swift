// fileroom-index compact: everything folded into one run.

import ArchiveIndex
import Daemon

enum CompactCommand: IndexCommand {
    static let name = "compact"
    static let takesOperands = false
    static let options: [CommandLineOption] = []

    static let help = """
        fileroom-index compact [OPTION…]

        Folds the journal and all runs into one run. Answers don't change; the index gets smaller and look-ups
        a little faster. Daemons go on meanwhile.

        Exit status: 0 done, 2 when it can't be done.
        """

    static func run(_ context: CommandContext) throws -> Int32 {
        let index = try context.index()
        try index.compact()
        if context.wantsJSON { IndexProgram.print(JSON.object([("compacted", .boolean(true))]).text) }
        return 0
    }
}
