// What the kernel's events mean: which files and folders of which root are to be looked at, and when.

import ArchiveIndex
import Platform

extension AreaWatch {
    /// Reads of the queue before something else gets its turn.
    private static let readsMaximum = 64

    /// Takes what the kernel has to tell.
    func readEvents(at now: MonotonicInstant) throws(IndexFault) {
        var events: [FolderEvent] = []
        for _ in 0..<Self.readsMaximum {
            do throws(Errno) {
                guard try watches.queue.read(into: &events) else { return }
            } catch {
                throw .file(FileFault(.watch, index.path, error))
            }
            for event in events { take(event, at: now) }
            events.removeAll(keepingCapacity: true)
        }
    }

    private func take(_ event: FolderEvent, at now: MonotonicInstant) {
        switch event {
        case .overflow:
            if !isLost { lostSince = now }
            isLost = true
            lastEvent = now
        case .gone(let watch): watches.forget(watch)
        case .moved: nextLook = Deadline(now)
        case .unmounted(let watch):
            nextLook = Deadline(now)
            for folder in watches.folders(of: watch) where folder.tree.noteUnmounted(folder) {
                // Of a whole root it is said when it is looked for.
                let path = folder.path
                if !roots.contains(where: { $0.tree === folder.tree && $0.root.part == path }) {
                    tell(.away(folder.tree.whole(path)))
                }
            }
        case .entry(let watch, let name, let change, let isFolder):
            lastEvent = now
            for folder in watches.folders(of: watch) {
                guard let root = roots.first(where: { $0.tree === folder.tree }) else { continue }
                let path = folder.path(of: name)
                if isFolder {
                    takeFolder(path, change, of: root, at: now)
                } else {
                    takeFile(path, change, of: root, at: now)
                }
            }
        }
    }

    private func takeFolder(
        _ path: [UInt8], _ change: FolderEvent.Change, of root: RootWatch, at now: MonotonicInstant
    ) {
        switch change {
        case .created, .movedIn:
            root.tree.forget(path)
            watch(path, of: root)
            root.tree.noteMade(path)
            root.changes.note(path, settleSeconds: WatchOptions.settleSeconds, at: now)
        case .deleted, .movedOut:
            root.tree.forget(path)
            root.changes.note(path, settleSeconds: WatchOptions.settleSeconds, at: now)
        // One that couldn't be read may be readable now.
        case .attributes:
            guard !root.tree.isWatched(path) else { return }
            root.changes.note(path, settleSeconds: WatchOptions.settleSeconds, at: now)
        case .written: break
        }
    }

    /// Watches a new folder and those in it at once: the sooner, the more of what comes to be in them is told. What came before
    /// is found when it is visited.
    private func watch(_ path: [UInt8], of root: RootWatch) {
        guard
            var walk = try? TreeWalk(
                root: root.root.folder, part: path, followsLinks: options.importing.followsLinks,
                excluding: root.root.excluded, memory: root.tree)
        else { return }
        while walk.next() != nil {}
    }

    private func takeFile(
        _ path: [UInt8], _ change: FolderEvent.Change, of root: RootWatch, at now: MonotonicInstant
    ) {
        switch change {
        case .created:
            // Links are whole as soon as they are there; a new file is when it is closed.
            guard let status = try? File.status(of: root.tree.whole(path), followingLink: false) else { return }
            if status.kind == .file, status.linkCount == 1 {
                root.changes.postpone(path, bySeconds: WatchOptions.openSeconds, at: now)
            } else {
                root.changes.note(path, settleSeconds: WatchOptions.settleSeconds, at: now)
            }
        case .attributes:
            guard !root.changes.isOpen(path) else { return }
            root.changes.note(path, settleSeconds: WatchOptions.settleSeconds, at: now)
        case .written, .deleted, .movedOut, .movedIn: root.changes.note(path, settleSeconds: 0, at: now)
        }
    }
}
