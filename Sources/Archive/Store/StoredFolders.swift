// The folders of stored instances: made where they are missing, and known to be on stable storage before a file's name is. A name
// whose sync failed is never trusted again: a later sync may succeed without it.

import ArchiveIndex
import Platform

/// The folders below root 0. Shared by threads.
final class StoredFolders: Sendable {
    /// A point in the sequence of failed syncs.
    struct Moment: Sendable {
        fileprivate var failures = 0
    }

    private struct State {
        /// Relative to root 0: those whose names we have synchronized ourselves, as they were then. Who removes a folder and
        /// makes another one may be killed before its sync.
        var settled: [Path: FileStatus] = [:]
        /// Those that were there when their names' sync failed: who made them may never have synchronized them.
        var doubtful: Set<Path> = []
        /// Folders whose sync failed, and known files that could not be settled, with the number of the failure.
        var failures: [Path: Int] = [:]
        /// Up to it all count as failed.
        var forgottenFailures = 0
        var failureCount = 0
        /// How often folders were removed.
        var removalCount = 0
    }

    private let instances: Path
    private let kernel: any Kernel
    private let state = Guarded(State())
    /// Whether the index knows a file below a folder, relative to root 0.
    private let holdsKnown: @Sendable (Path) throws(IndexFault) -> Bool
    private static let settledMaximum = 8_192
    private static let failuresMaximum = 1_024

    init(
        _ instances: Path, kernel: any Kernel, holdsKnown: @escaping @Sendable (Path) throws(IndexFault) -> Bool
    ) {
        self.instances = instances
        self.kernel = kernel
        self.holdsKnown = holdsKnown
    }

    // MARK: Syncs

    var moment: Moment { state.withLock { Moment(failures: $0.failureCount) } }

    /// The names in the folder are on stable storage when this returns, but for those that were there when a sync failed.
    func synchronize(_ folder: Path) throws(FileFault) {
        do throws(FileFault) { try Folder.synchronize(folder, kernel: kernel) } catch {
            noteFailure(folder)
            throw error
        }
    }

    private func noteFailure(_ path: Path) {
        state.withLock { state in
            state.failureCount += 1
            if state.failures.count >= Self.failuresMaximum {
                state.failures = [:]
                state.forgottenFailures = state.failureCount
            }
            state.failures[path] = state.failureCount
        }
    }

    /// Whether no sync of the folder, or of one above it, has failed since.
    func isTrusted(_ folder: Path, since moment: Moment) -> Bool {
        state.withLock { state in
            var latest = state.forgottenFailures
            var folder = folder
            while folder.relative(to: instances.parent) != nil {
                latest = max(latest, state.failures[folder] ?? 0)
                guard folder != instances.parent else { break }
                folder = folder.parent
            }
            return latest <= moment.failures
        }
    }

    /// A file that is known, and its name, are on stable storage when this returns true: it may have been stored without that
    /// (`Durability = none`). Cheap where it is.
    ///
    /// - Parameter relative: its path below root 0.
    /// - Returns: false where its sync fails, or has failed before: what is left of it nobody can say.
    func settle(knownFile file: borrowing File, at relative: Path) throws(StoreFault) -> Bool {
        let path = file.path
        let isLost = state.withLock { $0.forgottenFailures > 0 || $0.failures[path] != nil }
        guard !isLost else { return false }
        do throws(FileFault) { try file.synchronize() } catch {
            noteFailure(path)
            return false
        }
        do throws(StoreFault) {
            let (folder, _) = try make(relative.components.dropLast().map { Array($0) }, isDurable: true)
            try storing { () throws(FileFault) in try synchronize(folder) }
        } catch {
            // Its name may be lost then, and no later sync confirms it.
            noteFailure(path)
            throw error
        }
        return true
    }

    // MARK: Making

    /// A folder, with those above it up to the area's; none of them a link.
    ///
    /// - Parameter isDurable: their names are on stable storage then, whoever made them.
    /// - Returns: those that were made, outermost first.
    func make(_ components: [[UInt8]], isDurable: Bool) throws(StoreFault) -> (folder: Path, made: [Path]) {
        var made: [Path] = []
        var folder = instances
        var relative = Path(bytes: [])
        do throws(StoreFault) {
            try settle(relative, folder, isDurable: isDurable, &made)
            for component in components {
                relative = relative.appending(Path(bytes: component))
                folder = folder.appending(Path(bytes: component))
                try settle(relative, folder, isDurable: isDurable, &made)
            }
        } catch {
            unmake(made)
            throw error
        }
        return (folder, made)
    }

    private func settle(
        _ relative: Path, _ folder: Path, isDurable: Bool, _ made: inout [Path]
    ) throws(StoreFault) {
        while true {
            let (settled, isDoubtful, removals) = state.withLock {
                ($0.settled[relative], $0.doubtful.contains(relative), $0.removalCount)
            }
            if let settled, try status(of: folder)?.isSameFile(as: settled) ?? false { return }
            if isDoubtful { try clear(relative, folder) }
            let moment = moment
            let isMade = try makeWhereMissing(folder)
            if isMade { made.append(folder) }
            guard isDurable else { return }
            guard let status = try status(of: folder) else { continue }
            do throws(FileFault) {
                try synchronize(folder.parent)
                guard isTrusted(folder.parent, since: moment) else {
                    throw FileFault(.synchronize, folder.parent, .inputOutput)
                }
            } catch {
                let isGone = isMade && (try? Folder.remove(folder, kernel: kernel)) != nil
                if isGone { made.removeLast() } else { state.withLock { _ = $0.doubtful.insert(relative) } }
                throw .file(error)
            }
            let isStill = state.withLock { state in
                // Somebody may have made another one since.
                guard state.removalCount == removals else { return false }
                if state.settled.count >= Self.settledMaximum { state.settled = [:] }
                state.settled[relative] = status
                return true
            }
            if isStill { return }
        }
    }

    /// Sees to it that a doubtful folder may be synchronized: what is known below it was made known when its name was on stable
    /// storage, and one that is empty is made anew. Others stay doubtful until this process ends.
    private func clear(_ relative: Path, _ folder: Path) throws(StoreFault) {
        if try !indexing({ () throws(IndexFault) in try holdsKnown(relative) }) {
            if folder == instances {
                try? Folder.remove(folder.appending(IncomingFolder.name), kernel: kernel)
            }
            do throws(FileFault) { try Folder.remove(folder, kernel: kernel) } catch {
                guard error.cause == .noEntry else { throw .file(error) }
            }
        }
        state.withLock { _ = $0.doubtful.remove(relative) }
    }

    /// - Returns: whether it was made.
    private func makeWhereMissing(_ folder: Path) throws(StoreFault) -> Bool {
        for _ in 0..<2 {
            guard try status(of: folder) == nil else { return false }
            do throws(FileFault) {
                try Folder.make(folder, kernel: kernel)
                return true
            } catch {
                guard error.cause == .exists else { throw .file(error) }
            }
        }
        throw .notAFolder(folder)
    }

    /// Of a folder; nil where nothing is there. The area's own folder may lie behind a link; what is in it may not.
    private func status(of folder: Path) throws(StoreFault) -> FileStatus? {
        do throws(FileFault) {
            let status = try File.status(of: folder, followingLink: folder == instances, kernel: kernel)
            guard status.kind == .folder else { throw FileFault(.open, folder, .notAFolder) }
            return status
        } catch {
            if error.cause == .noEntry { return nil }
            if error.cause == .notAFolder { throw .notAFolder(folder) }
            throw .file(error)
        }
    }

    // MARK: Taking back

    /// The folder has gone, or may have: it is looked for anew.
    func forget(_ components: [[UInt8]]) {
        var relative = Path(bytes: [])
        state.withLock { state in
            state.settled[relative] = nil
            for component in components {
                relative = relative.appending(Path(bytes: component))
                state.settled[relative] = nil
            }
        }
    }

    /// Removes folders that were made for nothing, as far as they are empty.
    func unmake(_ made: [Path]) {
        for folder in made.reversed() where folder != instances {
            guard (try? Folder.remove(folder, kernel: kernel)) != nil else { return }
            state.withLock { state in
                state.removalCount += 1
                if let relative = folder.relative(to: instances) { state.settled[relative] = nil }
            }
        }
    }
}
