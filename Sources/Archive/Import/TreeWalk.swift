// A walk over a folder tree in the byte order of paths, so that it meets what the index knows in the index's own order.

import Platform

/// A file met by a walk.
struct WalkedFile: Equatable {
    /// Relative to the root.
    let path: [UInt8]
    /// Relative to the root, empty for the root itself.
    let folder: [UInt8]
    let name: [UInt8]
    /// It is reached through a symbolic link.
    let isLink: Bool
}

/// What a walk passed over.
package struct WalkNotes: Equatable, Sendable {
    package var folders = 0
    /// Symbolic links: not followed, or leading out of the root.
    package var links = 0
    /// Sockets, devices and the like.
    package var others = 0
    /// Folders that couldn't be read, and why.
    package var unreadable: [FileFault] = []
}

/// Walks one root. Memory: the listings of the folders on the way down.
struct TreeWalk {
    /// Names deeper than this aren't walked: no archive is so deep, but a loop of mounts is.
    private static let depthMaximum = 200

    private struct Name {
        let bytes: [UInt8]
        let kind: FileKind
        let isLink: Bool
    }

    private struct Level {
        let relative: [UInt8]
        var names: ArraySlice<Name>
    }

    private let root: Path
    private let followsLinks: Bool
    /// Absolute paths that are never entered: the index's own folder.
    private let excluded: Set<Path>
    private var levels: [Level] = []
    /// Folders on the way, by device and inode: a link to one of them would never end.
    private var identities: [(device: UInt64, inode: UInt64)] = []
    private(set) var notes = WalkNotes()
    private let resolvedRoot: Path

    init(root: Path, followsLinks: Bool, excluding excluded: Set<Path>) throws(FileFault) {
        self.root = root
        self.followsLinks = followsLinks
        self.excluded = excluded
        resolvedRoot = (try? root.resolved()) ?? root
        try enter([])
    }

    /// The next file; nil at the end.
    mutating func next() -> WalkedFile? {
        while !levels.isEmpty {
            let last = levels.count - 1
            guard let name = levels[last].names.popFirst() else {
                levels.removeLast()
                identities.removeLast()
                continue
            }
            let folder = levels[last].relative
            let path = folder.isEmpty ? name.bytes : folder + [0x2F] + name.bytes
            switch name.kind {
            case .file: return WalkedFile(path: path, folder: folder, name: name.bytes, isLink: name.isLink)
            case .folder:
                do throws(FileFault) { try enter(path) } catch { notes.unreadable.append(error) }
            default: notes.others += 1
            }
        }
        return nil
    }

    private mutating func enter(_ relative: [UInt8]) throws(FileFault) {
        let path = relative.isEmpty ? root : root.appending(Path(bytes: relative))
        if excluded.contains(path) { return }
        let folder = try Folder.open(path)
        let status = try folder.status()
        let isLoop = identities.contains { $0.device == status.device && $0.inode == status.inode }
        if isLoop || levels.count >= Self.depthMaximum {
            notes.links += 1
            return
        }
        var listing = FolderListing()
        try folder.list(into: &listing)
        var names: [Name] = []
        names.reserveCapacity(listing.count)
        for index in 0..<listing.count {
            let bytes = Array(listing.name(index))
            guard let found = kind(of: bytes, listing.kind(index), in: folder, path) else { continue }
            names.append(Name(bytes: bytes, kind: found.kind, isLink: found.isLink))
        }
        names.sort { Self.order($0).lexicographicallyPrecedes(Self.order($1)) }
        identities.append((status.device, status.inode))
        levels.append(Level(relative: relative, names: names[...]))
        notes.folders += 1
    }

    /// A folder's files come where its name and a slash would stand among its neighbours.
    private static func order(_ name: Name) -> [UInt8] { name.kind == .folder ? name.bytes + [0x2F] : name.bytes }

    private mutating func kind(
        of name: [UInt8], _ listed: FileKind, in folder: borrowing Folder, _ path: Path
    ) -> (kind: FileKind, isLink: Bool)? {
        var kind = listed
        if kind == .unknown { kind = (try? folder.status(of: name[...], followingLink: false))?.kind ?? .other }
        guard kind == .link else { return (kind, false) }
        guard followsLinks, let target = try? path.appending(Path(bytes: name)).resolved(),
            target == resolvedRoot || target.relative(to: resolvedRoot) != nil,
            let status = try? folder.status(of: name[...], followingLink: true)
        else {
            notes.links += 1
            return nil
        }
        return (status.kind, true)
    }
}
