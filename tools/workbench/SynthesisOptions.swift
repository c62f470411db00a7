// Which synthetic archive is meant: shape, size and seed.

import ArchiveIndex
import Daemon
import Platform

/// The options of all commands that make entries.
struct SynthesisOptions {
    static let all = [
        CommandLineOption(
            nil, "shape", value: "SHAPE", help: Shape.allCases.map(\.rawValue).joined(separator: ", ")),
        CommandLineOption(nil, "instances", value: "N", help: "how many"),
        CommandLineOption(nil, "seed", value: "S", help: "the same seed makes the same entries (1)"),
        CommandLineOption(nil, "root", value: "FOLDER", help: "where the files would lie (/srv/synthetic)"),
    ]

    let shape: Shape
    let instances: Int
    private let seed: UInt64
    private let folder: Path

    init(_ arguments: CommandLineArguments) throws(UsageFault) {
        guard let shape = arguments.value("shape").flatMap({ Shape(rawValue: $0) }) else {
            throw UsageFault("--shape is needed: \(Shape.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        guard let instances = try arguments.number("instances", in: 1...1 << 40) else {
            throw UsageFault("--instances is needed")
        }
        self.shape = shape
        self.instances = instances
        seed = UInt64(try arguments.count("seed", otherwise: 1))
        folder = Path(arguments.value("root") ?? "/srv/synthetic")
    }

    /// - Parameter archiveInstances: the size of the whole archive, where entries are made of a part of it.
    func synthesizer(for index: IndexFolder, archiveInstances: Int? = nil) throws(IndexFault) -> Synthesizer {
        Synthesizer(
            archive: shape.archive(instances: archiveInstances ?? instances, seed: seed),
            root: try index.root(of: folder), seed: seed)
    }
}
