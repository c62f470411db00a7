// workbench crash-work: one process of the crash test; tools/crash-test starts it, kills it, and starts it again.

import ArchiveIndex
import Daemon
import Platform

enum CrashWorkCommand: WorkbenchCommand {
    static let name = "crash-work"
    static let summary = "one process of tools/crash-test: works until it is killed, or the file `stop` is there"
    static let options = [
        CommandLineOption(nil, "role", value: "ROLE", help: "append, import, upkeep or read"),
        CommandLineOption(nil, "model", value: "FOLDER", help: "where the side files are"),
        CommandLineOption(nil, "number", value: "N", help: "which one of its role; of append and import together"),
        CommandLineOption(nil, "writers", value: "W", help: "how many append and import"),
        CommandLineOption(nil, "seed", value: "S", help: "of its choices (1)"),
        CommandLineOption(nil, "acknowledge-early", help: "a mistake on purpose, which the test must find"),
    ]

    /// Where the files would lie.
    static let rootFolder: Path = "/srv/crash"
    /// A process pauses at most so long between two steps.
    private static let pauseSeconds = 0.03

    static func run(_ path: Path, _ arguments: CommandLineArguments) throws -> Int32 {
        guard let model = arguments.value("model").map({ Path($0) }) else { throw UsageFault("--model is needed") }
        let number = try arguments.count("number", otherwise: 0)
        let seed = UInt64(try arguments.count("seed", otherwise: 1))
        let index = try IndexFolder.create(at: path)
        let progress = try File.open(
            model.appending("progress-\(arguments.value("role") ?? "")-\(number)"), .appending)
        let nobody = try WakeDescriptor()
        var pauses = Dice(seed, -3, number)
        func repeating(_ work: () throws -> Void) throws {
            while try !File.exists(model.appending("stop")) {
                try work()
                try progress.append([0x2E])
                // Locks are tried for again and again: those who never pause would leave nothing to the others.
                _ = nobody.wait(until: Deadline(afterSeconds: pauses.fraction() * pauseSeconds))
            }
        }
        switch arguments.value("role") {
        case "append", "import":
            var writer = try CrashWriter(
                number, index, in: model, imports: arguments.value("role") == "import", seed: seed,
                acknowledgesEarly: arguments.has("acknowledge-early"))
            try repeating { try writer.work() }
        case "read":
            var reader = try CrashReader(
                index, in: model, writers: try arguments.count("writers", otherwise: 0), seed: seed)
            try repeating { try reader.work() }
        case "upkeep":
            var dice = Dice(seed, -2, number)
            try repeating { try Self.keepUp(index, dice.number(0...9)) }
        default: throw UsageFault("--role: append, import, upkeep or read")
        }
        return 0
    }

    private static func keepUp(_ index: IndexFolder, _ choice: Int) throws(IndexFault) {
        switch choice {
        case 0..<4: try index.fold()
        case 4..<7: try index.mergeWhereDue()
        case 7..<9: try index.removeSuperseded()
        default: try index.compact()
        }
    }
}

/// workbench crash-check: between two rounds, when all is quiet.
enum CrashCheckCommand: WorkbenchCommand {
    static let name = "crash-check"
    static let summary = "compares a crash test's index with its model when all is quiet, and verifies it"
    static let options = [
        CommandLineOption(nil, "model", value: "FOLDER", help: "where the side files are"),
        CommandLineOption(nil, "writers", value: "W", help: "how many append and import"),
    ]

    static func run(_ path: Path, _ arguments: CommandLineArguments) throws -> Int32 {
        guard let model = arguments.value("model").map({ Path($0) }) else { throw UsageFault("--model is needed") }
        let index = try IndexFolder.open(at: path)
        var reader = try CrashReader(
            index, in: model, writers: try arguments.count("writers", otherwise: 0), seed: 1)
        try reader.checkAtRest()
        // Folded into one run it says the same.
        try index.compact()
        try reader.checkNoRunIsLeft()
        try reader.checkAtRest()
        try reader.restartHistories()
        return StandardStream.output.write("\(reader.operationCount)\n") ? 0 : 2
    }
}
