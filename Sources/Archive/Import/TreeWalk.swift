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
    /// For so long it must have stayed as it is before it is read.
    var settleNs: Int64 = 0
    /// Why it is to be read.
    var novelty = Novelty.new

    enum Novelty {
        /// The index doesn't know it.
        case new
        /// It isn't as the index knows it.
        case changed
        /// It is, and was too young then to be told from one that was changed later.
        case young
    }
}

/// What a walk passed over.
package struct WalkNotes: Equatable, Sendable {
    package var folders = 0
    /// Symbolic links: not followed, or leading out of the root.
    package var links = 0
    /// Folders not entered, because a link leads back to them.
    package var loops = 0
    /// Sockets, devices and the like.
    package var others = 0
    /// Folders that couldn't be read, and why.
    package var unreadable: [FileFault] = []

    /// Adds those of another walk.
    mutating func add(_ other: WalkNotes) {
        folders += other.folders
        links += other.links
        loops += other.loops
        others += other.others
        unreadable += other.unreadable
    }
}

/// Walks one root. Memory: the listings of the folders on the way down, which end where the system takes no longer path.
struct TreeWalk {
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
    /// Folders that are never entered, whatever path leads to them.
    private let excluded: [FileStatus]
    private var levels: [Level] = []
    /// Folders on the way, by device and inode: a link to one of them would never end.
    private var identities: [(device: UInt64, inode: UInt64)] = []
    private(set) var notes = WalkNotes()
    /// Folders that couldn't be read, or whose disk is away: nobody knows what lies there.
    private(set) var unreadFolders = FolderSet()
    /// Folders in which nothing is, and which may be where a disk isn't mounted: only where there is a memory.
    private(set) var doubtfulFolders = FolderSet()
    private let memory: (any FolderMemory)?
    private let resolvedRoot: Path

    /// - Parameters:
    ///   - part: the folder or file to be walked, relative to the root, with no slash at its end; empty for all of the root.
    ///   - excluded: folders that are never entered; those that aren't there are passed over.
    ///   - memory: with one, a part that isn't there has no files, while the root is.
    init(
        root: Path, part: [UInt8] = [], followsLinks: Bool, excluding excluded: Set<Path>,
        memory: (any FolderMemory)? = nil
    ) throws(FileFault) {
        self.root = root
        self.followsLinks = followsLinks
        self.excluded = excluded.compactMap { try? File.status(of: $0) }
        self.memory = memory
        resolvedRoot = followsLinks ? (try? root.resolved()) ?? root : root
        for folder in memory?.absentFolders ?? [] { unreadFolders.insert(folder) }
        // A link to a folder above the part leads back to it as well.
        for (end, byte) in part.enumerated() where byte == 0x2F {
            if let status = try? File.status(of: root.appending(Path(bytes: Array(part[..<end])))) {
                identities.append((status.device, status.inode))
            }
        }
        if !part.isEmpty, let status = try? File.status(of: root) { identities.append((status.device, status.inode)) }
        if part.isEmpty { try enter(part) } else { try begin(part) }
    }

    /// Begins with a part of the root, whatever it is.
    private mutating func begin(_ part: [UInt8]) throws(FileFault) {
        let (parent, name) = Self.split(part)
        do throws(FileFault) {
            let path = parent.isEmpty ? root : root.appending(Path(bytes: parent))
            let folder = try Folder.open(path)
            let listed = try folder.status(of: name[...]).kind
            switch kind(of: name, listed, in: folder, path) {
            case (.folder, _)?: try enter(part)
            case (.file, let isLink)?:
                levels.append(
                    Level(relative: parent, names: [Name(bytes: name, kind: .file, isLink: isLink)]))
                // One a level; in this one is no folder that could lead back.
                identities.append((0, 0))
            case nil: break
            default: notes.others += 1
            }
        } catch {
            guard memory != nil, error.cause == .noEntry || error.cause == .notAFolder else { throw error }
            try miss(part)
        }
    }

    /// A part isn't there: whether that says anything, the folder above it tells.
    private mutating func miss(_ part: [UInt8]) throws(FileFault) {
        let above = Self.split(part).parent
        do throws(FileFault) {
            let folder = try Folder.open(above.isEmpty ? root : root.appending(Path(bytes: above)))
            let comparison = memory?.compare(above, with: FolderIdentity(try folder.status())) ?? .other
            // With many files gone from a large folder, this is asked once for each of them.
            var listing = FolderListing()
            if comparison == .other { try folder.list(into: &listing) }
            judge(above, comparison, isEmpty: listing.count == 0)
        } catch {
            guard !above.isEmpty, error.cause == .noEntry || error.cause == .notAFolder else { throw error }
            try miss(above)
        }
    }

    /// Notes where files that aren't met in a folder may be there still.
    private mutating func judge(_ folder: [UInt8], _ comparison: FolderComparison, isEmpty: Bool) {
        switch comparison {
        case .same: break
        case .other: if isEmpty { doubtfulFolders.insert(folder) }
        case .otherDisk: unreadFolders.insert(folder)
        }
    }

    private static func split(_ path: [UInt8]) -> (parent: [UInt8], name: [UInt8]) {
        guard let slash = path.lastIndex(of: 0x2F) else { return ([], path) }
        return (Array(path[..<slash]), Array(path[(slash + 1)...]))
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
                do throws(FileFault) { try enter(path) } catch {
                    notes.unreadable.append(error)
                    unreadFolders.insert(path)
                }
            default: notes.others += 1
            }
        }
        return nil
    }

    private mutating func enter(_ relative: [UInt8]) throws(FileFault) {
        let path = relative.isEmpty ? root : root.appending(Path(bytes: relative))
        let folder = try Folder.open(path)
        let status = try folder.status()
        if excluded.contains(where: { $0.isSameFile(as: status) }) { return }
        let isLoop = identities.contains { $0.device == status.device && $0.inode == status.inode }
        if isLoop {
            notes.loops += 1
            return
        }
        let identity = FolderIdentity(status)
        let comparison = memory?.compare(relative, with: identity) ?? .same
        if comparison == .otherDisk {
            unreadFolders.insert(relative)
            return
        }
        // From here on it is watched: what comes after its names were read is told.
        memory?.willList(relative, identity)
        var listing = FolderListing()
        try folder.list(into: &listing)
        if listing.count > 0 { memory?.didFindNames(in: relative) }
        judge(relative, comparison, isEmpty: listing.count == 0)
        var names: [Name] = []
        names.reserveCapacity(listing.count)
        for index in 0..<listing.count {
            let bytes = Array(listing.name(index))
            guard let found = kind(of: bytes, listing.kind(index), in: folder, path) else { continue }
            names.append(Name(bytes: bytes, kind: found.kind, isLink: found.isLink))
        }
        names.sort { Self.precedes($0, $1) }
        identities.append((status.device, status.inode))
        levels.append(Level(relative: relative, names: names[...]))
        notes.folders += 1
    }

    /// A folder's files come where its name and a slash would stand among its neighbours.
    private static func precedes(_ left: Name, _ right: Name) -> Bool {
        let shared = min(left.bytes.count, right.bytes.count)
        for index in 0..<shared where left.bytes[index] != right.bytes[index] {
            return left.bytes[index] < right.bytes[index]
        }
        guard left.bytes.count != right.bytes.count else { return false }
        // One name begins with the other: the shorter goes on with a slash where it is a folder's, else it ends.
        let (short, long) = left.bytes.count < right.bytes.count ? (left, right) : (right, left)
        let isShortFirst = short.kind != .folder || 0x2F < long.bytes[shared]
        return isShortFirst == (left.bytes.count < right.bytes.count)
    }

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
