// Which folders an import visits, as which roots, and what it passes over in each.

import Archive
import ArchiveIndex
import Configuration
import Daemon
import Platform

/// The roots of one import. No file is met twice: a folder within a known root is visited as that root, and a root within
/// another is left out of the walk of the outer one.
struct ImportRoots {
    struct Root {
        /// Nil where the index doesn't know the folder yet.
        let number: Int?
        let folder: Path
        let excluded: Set<Path>
    }

    private(set) var all: [Root] = []

    /// - Parameters:
    ///   - folders: absolute and resolved; none stands for the area's own folder, what the storage daemon wrote, and all
    ///     known roots.
    ///   - known: the index's roots by number, root 0 included.
    init(_ folders: [Path], _ paths: StorageAreaPaths, known: [Int: Path], settings: Settings) throws(CommandFault) {
        let instances = Self.resolved(paths.instances)
        var wanted: [Path] = []
        if folders.isEmpty {
            wanted.append(Self.resolved(paths.folder))
            if (try? File.exists(instances)) == true { wanted.append(instances) }
            wanted += known.filter { $0.key != 0 }.sorted { $0.key < $1.key }.map(\.value)
        } else {
            wanted = folders
        }
        var numbers: [Path: Int] = [instances: 0]
        for (number, folder) in known where number != 0 { numbers[folder] = number }
        let indexes = settings.areas.map { ServedAreas.paths($0, settings).index }
        var visited: Set<Path> = []
        for folder in wanted {
            let outer = Self.outermost(of: folder, numbers)
            guard visited.insert(outer).inserted else { continue }
            let inner = (Array(numbers.keys) + wanted).filter { $0 != outer && $0.relative(to: outer) != nil }
            // What is being written there isn't whole.
            let incoming = instances.appending(".incoming")
            all.append(
                Root(
                    number: numbers[outer], folder: outer,
                    excluded: Set(indexes).union(inner).union([incoming])))
        }
    }

    /// The known root that holds `folder`, else the folder itself. What the storage daemon writes is always its own.
    private static func outermost(of folder: Path, _ numbers: [Path: Int]) -> Path {
        if numbers[folder] != nil { return folder }
        let holding = numbers.keys.filter { folder.relative(to: $0) != nil }
        return holding.max { $0.bytes.count < $1.bytes.count } ?? folder
    }

    private static func resolved(_ path: Path) -> Path { (try? path.resolved()) ?? path }
}
