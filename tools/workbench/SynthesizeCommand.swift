// workbench synthesize: an index as an import would have made it, without a file.

import ArchiveIndex
import Daemon
import Platform

enum SynthesizeCommand: WorkbenchCommand {
    static let name = "synthesize"
    static let summary = "builds an index of N instances through an import session"
    static let options =
        SynthesisOptions.all + [
            CommandLineOption(nil, "dry", help: "only make the entries: what they cost by themselves")
        ]

    static func run(_ path: Path, _ arguments: CommandLineArguments) throws -> Int32 {
        let wanted = try SynthesisOptions(arguments)
        let started = MonotonicInstant.now()
        if arguments.has("dry") {
            let synthesizer = Synthesizer(
                archive: wanted.shape.archive(instances: wanted.instances, seed: 1), root: 1, seed: 1)
            var bytes = 0
            synthesizer.forEach(in: 0..<wanted.instances) { bytes &+= $0.place.path.count }
            report("made", wanted.instances, since: started)
            return 0
        }
        let index = try IndexFolder.create(at: path)
        let session = index.importSession()
        try wanted.synthesizer(for: index).forEach(in: 0..<wanted.instances) { entry throws(IndexFault) in
            try session.add(entry)
        }
        try session.finish()
        report("indexed", wanted.instances, since: started)
        return 0
    }

    private static func report(_ what: String, _ count: Int, since started: MonotonicInstant) {
        let seconds = MonotonicInstant.now().seconds(since: started)
        StandardOptions.complain("\(what) \(count) instances in \(seconds) s: \(Int(Double(count) / seconds)) a second")
    }
}
