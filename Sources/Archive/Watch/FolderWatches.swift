// The watches of all roots: which folders each stands for, and how many couldn't be had.

import Platform

/// One queue of events, and whose folder each watch is.
final class FolderWatches {
    let queue: FolderWatch
    /// A folder that is reached by two paths has one watch.
    private var folders: [FolderWatch.Number: [WatchedFolder]] = [:]

    init() throws(Errno) { queue = try FolderWatch() }

    /// How many folders are watched.
    var count: Int { folders.count }

    /// The folders that an event of `watch` is about.
    func folders(of watch: FolderWatch.Number) -> [WatchedFolder] { folders[watch] ?? [] }

    /// Watches `folder`, which lies at `path` now.
    ///
    /// - Returns: false where this user has as many watches as he may have.
    func add(_ folder: WatchedFolder, at path: Path, followingLink: Bool) -> Bool {
        do throws(FileFault) {
            let number = try queue.add(path, followingLink: followingLink)
            folder.watch = number
            folders[number, default: []].append(folder)
            return true
        } catch {
            // Any other failure the walk, which is about to read the folder, has as well.
            return error.cause != .noSpace
        }
    }

    /// `folder` isn't watched any more.
    func remove(_ folder: WatchedFolder) {
        guard let number = folder.watch else { return }
        folder.watch = nil
        folders[number]?.removeAll { $0 === folder }
        guard folders[number]?.isEmpty == true else { return }
        folders[number] = nil
        queue.remove(number)
    }

    /// The kernel has taken a watch away.
    func forget(_ watch: FolderWatch.Number) {
        for folder in folders.removeValue(forKey: watch) ?? [] { folder.watch = nil }
    }
}
