// Files for rebuilds without files: what a tree holds, as an importer would read it.

import Platform

@testable import ArchiveIndex

/// A tree of instances' files, by root and path.
final class StandInTree: RebuildSource {
    var files: [RootedPath: InstanceEntry] = [:]
    /// Called before each reading.
    var onRead: () throws -> Void = {}
    private(set) var readCount = 0

    func put(_ entry: InstanceEntry) {
        files[RootedPath(root: entry.place.root, path: entry.place.path)] = entry
    }

    /// A whole scan, as an import does it: what isn't there goes.
    func scan(into index: IndexFolder, roots: [Int] = [0, 1]) throws(IndexFault) {
        let session = index.importSession()
        for root in roots {
            var known = try index.snapshot().files(root: root)
            while let file = try known.next() {
                let path = RootedPath(root: root, path: file.place.path)
                if files[path] == nil { try session.remove(file.place) }
            }
        }
        for (path, entry) in files.sorted(by: { $0.key < $1.key }) where roots.contains(path.root) {
            try session.add(entry)
        }
        try session.finish()
    }

    func read(
        _ paths: [[UInt8]], root: Int, folder: Path, into session: ImportSession
    ) throws(IndexFault) {
        do { try onRead() } catch { throw .refused(what: "\(error)") }
        readCount += paths.count
        for path in paths {
            if let entry = files[RootedPath(root: root, path: path)] {
                try session.add(entry)
            } else {
                try session.forget(root: root, path: path)
            }
        }
    }

    func checkRoots() throws(IndexFault) {}

    func visitInstances(_ index: IndexFolder) throws(IndexFault) { try scan(into: index, roots: [0]) }

    /// What an index should say of all its files.
    func answers() throws -> Answers {
        let run = try Run(files.values.map { SignedEntry(entry: $0) }, [], file: "model")
        return try Answers(Snapshot(sources: [run], generation: 0, journalSequence: 0))
    }
}
