// The folders of stored instances: made where they are missing, and known to be on stable storage before a file's name is.

import Platform

/// The folders below root 0. Shared by threads.
final class StoredFolders: Sendable {
    private let instances: Path
    private let kernel: any Kernel
    /// Relative to `instances`: those whose names we have synchronized ourselves.
    private let settled = Guarded<Set<Path>>([])
    private static let settledMaximum = 8_192

    init(_ instances: Path, kernel: any Kernel) {
        self.instances = instances
        self.kernel = kernel
    }

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
        if settled.withLock({ $0.contains(relative) }) { return }
        let isMade = try makeWhereMissing(folder)
        if isMade { made.append(folder) }
        guard isDurable else { return }
        do throws(FileFault) { try Folder.synchronize(folder.parent, kernel: kernel) } catch {
            // A name whose sync failed can't be trusted any more, even if a later sync succeeds: make it anew then.
            if isMade { try? Folder.remove(folder, kernel: kernel) }
            throw .file(error)
        }
        settled.withLock { settled in
            if settled.count >= Self.settledMaximum { settled = [] }
            settled.insert(relative)
        }
    }

    /// - Returns: whether it was made.
    private func makeWhereMissing(_ folder: Path) throws(StoreFault) -> Bool {
        for _ in 0..<2 {
            do throws(FileFault) {
                // The area's own folder may lie behind a link; what is in it may not.
                let isBelow = folder != instances
                let status = try File.status(of: folder, followingLink: !isBelow, kernel: kernel)
                guard status.kind == .folder else { throw FileFault(.open, folder, .notAFolder) }
                return false
            } catch {
                if error.cause == .notAFolder { throw .notAFolder(folder) }
                guard error.cause == .noEntry else { throw .file(error) }
            }
            do throws(FileFault) {
                try Folder.make(folder, kernel: kernel)
                return true
            } catch {
                guard error.cause == .exists else { throw .file(error) }
            }
        }
        throw .notAFolder(folder)
    }

    /// The folder has gone, or may have: it is looked for anew.
    func forget(_ components: [[UInt8]]) {
        var relative = Path(bytes: [])
        settled.withLock { settled in
            for component in components {
                relative = relative.appending(Path(bytes: component))
                settled.remove(relative)
            }
        }
    }

    /// Removes folders that were made for nothing, as far as they are empty.
    func unmake(_ made: [Path]) {
        for folder in made.reversed() where folder != instances {
            guard (try? Folder.remove(folder, kernel: kernel)) != nil else { return }
            if let relative = folder.relative(to: instances) { settled.withLock { _ = $0.remove(relative) } }
        }
    }
}
