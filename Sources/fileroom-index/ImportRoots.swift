// Which folders an import visits, as which roots, and what it passes over in each.

import Archive
import ArchiveIndex
import Configuration
import Daemon
import Platform

/// The roots of one import, or parts of them. No file is met twice: a folder within a known root is visited as a part of that
/// root, and a root within another is left out of the walk of the outer one.
struct ImportRoots {
    struct Root {
        /// Nil where the index doesn't know the folder yet.
        let number: Int?
        let folder: Path
        /// What is visited of it, relative to it; empty for all.
        let part: [UInt8]
        let excluded: Set<Path>
    }

    private(set) var all: [Root] = []

    /// - Parameters:
    ///   - folders: absolute and resolved; none stands for the area's own folder, what the storage daemon wrote, and all
    ///     known roots.
    ///   - known: the index's roots by number, root 0 included.
    ///   - gone: those that were removed: visited only where they are named, and never as a part of another root.
    /// - Throws: where one of `folders` is no place for instances.
    init(
        _ folders: [Path], _ paths: StorageAreaPaths, known: [Int: Path], gone: Set<Int> = [], settings: Settings
    ) throws(CommandFault) {
        let instances = Self.resolved(paths.instances)
        let hasInstances = (try? File.exists(instances)) == true
        let roots =
            (hasInstances ? [instances] : [])
            + known.filter { $0.key != 0 && !gone.contains($0.key) }.sorted { $0.key < $1.key }.map(\.value)
        // Roots within a folder are visited with it, though each has its walk.
        let goneFolders = Set(gone.compactMap { known[$0] })
        let own = Self.resolved(paths.folder)
        let wanted =
            folders.isEmpty
            ? (goneFolders.contains(own) ? [] : [own]) + roots
            : folders + roots.filter { root in folders.contains { root.relative(to: $0) != nil } }
        var numbers: [Path: Int] = [instances: 0]
        for (number, folder) in known where number != 0 { numbers[folder] = number }
        let indexes = settings.areas.map { ServedAreas.paths($0, settings).index }
        for folder in folders {
            if let index = indexes.first(where: { folder.relative(to: Self.resolved($0)) != nil }) {
                throw CommandFault("\(folder) lies in \(index), an index: name a folder of DICOM files")
            }
            if folder.relative(to: instances.appending(IncomingFolder.name)) != nil {
                throw CommandFault("\(folder) holds what is still being written: it is indexed when it is whole")
            }
        }
        let places = wanted.map { (folder: $0, root: Self.root(of: $0, numbers)) }
        // Every one of them has a walk of its own, or none at all.
        let walked = Set(numbers.keys).union(places.map(\.root))
        // What is being written there isn't whole, in whatever area.
        let incoming = settings.areas.map {
            Self.resolved(ServedAreas.paths($0, settings).instances).appending(IncomingFolder.name)
        }
        let excluded = Set(indexes).union(incoming).union([instances.appending(IncomingFolder.name)])
        var visited: Set<Path> = []
        for place in places {
            let isCovered = places.contains { other in
                other.root == place.root && place.folder.relative(to: other.folder) != nil
                    && other.folder != place.folder
            }
            guard !isCovered, visited.insert(place.folder).inserted else { continue }
            let inner = walked.filter { $0 != place.root && $0.relative(to: place.root) != nil }
            all.append(
                Root(
                    number: numbers[place.root], folder: place.root,
                    part: place.folder.relative(to: place.root)?.bytes ?? [], excluded: excluded.union(inner)))
        }
    }

    /// The known root that holds `folder`, the innermost one, else the folder itself.
    private static func root(of folder: Path, _ numbers: [Path: Int]) -> Path {
        if numbers[folder] != nil { return folder }
        let holding = numbers.keys.filter { folder.relative(to: $0) != nil }
        return holding.max { $0.bytes.count < $1.bytes.count } ?? folder
    }

    private static func resolved(_ path: Path) -> Path { (try? path.resolved()) ?? path }
}
