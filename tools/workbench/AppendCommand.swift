// workbench append: instances of a synthetic archive that go to the journal, as a storage daemon would put them there.

import ArchiveIndex
import Daemon
import Platform

enum AppendCommand: WorkbenchCommand {
    static let name = "append"
    static let summary = "appends the N instances behind the first K of an archive to the journal"
    static let options =
        SynthesisOptions.all + [
            CommandLineOption(nil, "after", value: "K", help: "how many the index was synthesized with"),
            CommandLineOption(nil, "batch", value: "B", help: "so many are acknowledged together (100)"),
        ]

    static func run(_ path: Path, _ arguments: CommandLineArguments) throws -> Int32 {
        let wanted = try SynthesisOptions(arguments)
        let after = try arguments.count("after", otherwise: 0)
        let size = max(1, try arguments.count("batch", otherwise: 100))
        let index = try IndexFolder.open(at: path)
        let synthesizer = try wanted.synthesizer(for: index, archiveInstances: max(1, after))
        var batch: [InstanceEntry] = []
        try synthesizer.forEach(in: after..<(after + wanted.instances)) { entry throws(IndexFault) in
            batch.append(entry)
            guard batch.count == size else { return }
            try index.append(batch)
            batch = []
        }
        try index.append(batch)
        return 0
    }
}
