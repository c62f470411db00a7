// A rebuild of an index from its roots: an import into a new index, then what changed meanwhile, then the swap.

import ArchiveIndex
import Platform

/// How a rebuild ended.
package enum RebuildOutcome: Equatable, Sendable {
    /// The new index is in the place of the old one.
    case swapped(generation: UInt64)
    /// It was told to stop; the next one goes on.
    case stopped
    /// Not everything could be read, or is empty that wasn't, which the new index would lack: the old one stays.
    case incomplete(emptyRoots: [Int], emptyFolders: [Path])
}

/// Rebuilds an index; from one thread.
package final class Rebuilder: RebuildSource {
    /// A root, or a part of one, as an import visits it.
    package struct Visit: Sendable {
        let root: Int
        let folder: Path
        let excluded: Set<Path>

        package init(root: Int, folder: Path, excluding excluded: Set<Path>) {
            self.root = root
            self.folder = folder
            self.excluded = excluded
        }
    }

    /// The journals go on growing while they are looked at: that many times, at most, before the swap.
    private static let catchUpMaximum = 8
    /// So few files can be read while stores wait.
    private static let fewFiles = 64

    private let rebuild: Rebuild
    private let visits: [Visit]
    private let options: ImportOptions
    private let takesPartial: Bool
    private let stop: WakeDescriptor?
    /// The import of all roots, for its report.
    package let importer: Importer
    /// Folders in which nothing was found, by root.
    private var emptyFolders: [Int: EmptyFolders] = [:]
    /// Which folder each root was when it was read first.
    private var identities: [Int: (folder: Path, identity: FolderIdentity?)] = [:]
    /// Files that are there, changed while the rebuild went on, and could not be read again.
    package private(set) var unreadable: [FileFault] = []

    /// - Parameters:
    ///   - visits: all roots, root 0 among them, whether its folder is there or not.
    ///   - options: of the import; files that vanish while it goes on are always taken out.
    ///   - takesPartial: swaps also where not everything could be read.
    package init(
        _ rebuild: Rebuild, visits: [Visit], options: ImportOptions, takesPartial: Bool, stop: WakeDescriptor? = nil
    ) {
        self.rebuild = rebuild
        self.visits = visits
        var options = options
        options.prunes = true
        self.options = options
        self.takesPartial = takesPartial
        self.stop = stop
        importer = Importer(options: options, stop: stop)
    }

    /// Imports all roots into the new index, follows what changes meanwhile, and swaps.
    ///
    /// - Throws: after which the old index counts, and the next rebuild goes on.
    package func run() throws(IndexFault) -> RebuildOutcome {
        for visit in visits {
            try self.visit(visit, importer)
            if isStopped { return .stopped }
        }
        // What went away with a root, below it, looks as if it had been deleted.
        try checkRoots()
        let report = importer.progress
        let emptyRoots = try rebuild.emptyRoots()
        var emptyFolders: [Path] = []
        for visit in visits where !emptyRoots.contains(visit.root) { emptyFolders += try emptied(visit) }
        // A folder below a root that is gone by now went meanwhile.
        let isUnreadable = report.unreadable.contains { fault in
            fault.cause != .noEntry || visits.contains { $0.folder == fault.path }
        }
        if !takesPartial, isUnreadable || report.unreadableFiles > 0 || !emptyRoots.isEmpty || !emptyFolders.isEmpty {
            return .incomplete(emptyRoots: emptyRoots, emptyFolders: emptyFolders)
        }
        // What isn't looked at now is looked at while stores wait.
        if rebuild.oldFault != nil { try visitInstances(rebuild.index) }
        for _ in 0..<Self.catchUpMaximum {
            if isStopped { return .stopped }
            if try rebuild.catchUp(self) <= Self.fewFiles { break }
        }
        return isStopped ? .stopped : .swapped(generation: try rebuild.swap(self))
    }

    private var isStopped: Bool { importer.progress.isStopped || stop?.isAwake ?? false }

    /// Folders of a root that are empty and weren't, as far as the old index knows: a disk may not be mounted there.
    private func emptied(_ visit: Visit) throws(IndexFault) -> [Path] {
        var found: [Path] = []
        for folder in emptyFolders[visit.root]?.paths.sorted(by: { $0.lexicographicallyPrecedes($1) }) ?? [] {
            if try rebuild.hadInstances(root: visit.root, below: folder) {
                found.append(visit.folder.appending(Path(bytes: folder)))
            }
        }
        return found
    }

    private func visit(_ visit: Visit, _ importer: Importer) throws(IndexFault) {
        // Nothing was ever stored.
        if visit.root == 0, (try? File.exists(visit.folder)) == false { return }
        noteIdentity(visit.root, visit.folder)
        let session = rebuild.index.importSession()
        let empty = EmptyFolders()
        emptyFolders[visit.root] = empty
        try importer.run(
            root: visit.root, folder: visit.folder, excluding: visit.excluded, removals: rebuild.index.removals(),
            snapshot: rebuild.index.snapshot(), session: session,
            watched: WatchedVisit(memory: empty, pruning: .all, settleSeconds: { _ in 0 }))
        try session.finish()
    }

    package func read(
        _ paths: [[UInt8]], root: Int, folder: Path, into session: ImportSession
    ) throws(IndexFault) {
        noteIdentity(root, folder)
        let rereading = Rereading(followsLinks: options.followsLinks, removals: try rebuild.index.removals())
        let faults = try rereading.read(paths, root: root, folder: folder, into: session)
        unreadable += faults
        if let fault = faults.first, !takesPartial { throw .file(fault) }
        try checkRoots()
    }

    /// Files of a disk that was unmounted meanwhile look as if they were deleted.
    package func checkRoots() throws(IndexFault) {
        for (root, noted) in identities.sorted(by: { $0.key < $1.key })
        where Self.identity(of: noted.folder) != noted.identity {
            throw .refused(
                what:
                    "root \(root), \(noted.folder), went away while the index was made anew: mount it and rebuild again"
            )
        }
    }

    private func noteIdentity(_ root: Int, _ folder: Path) {
        if identities[root] == nil { identities[root] = (folder, Self.identity(of: folder)) }
    }

    private static func identity(of folder: Path) -> FolderIdentity? {
        (try? File.status(of: folder, followingLink: true)).map { FolderIdentity($0) }
    }

    /// Its report is another one: most files are met a second time. And it isn't stopped halfway.
    package func visitInstances(_ index: IndexFolder) throws(IndexFault) {
        let again = Importer(options: options)
        for visit in visits where visit.root == 0 { try self.visit(visit, again) }
        let faults = again.progress.unreadable
        if let fault = faults.first, !takesPartial { throw .file(fault) }
        unreadable += faults
    }
}

/// The folders that a walk found empty, but for the root itself. It takes nothing for a disk that isn't mounted: of what is
/// missing in the end, the old index tells.
private final class EmptyFolders: FolderMemory {
    /// Relative to the root.
    private(set) var paths: Set<[UInt8]> = []
    let absentFolders: [[UInt8]] = []

    func compare(_ path: [UInt8], with found: FolderIdentity) -> FolderComparison { .same }

    func willList(_ path: [UInt8], _ found: FolderIdentity) { if !path.isEmpty { paths.insert(path) } }

    func didFindNames(in path: [UInt8]) { paths.remove(path) }
}
