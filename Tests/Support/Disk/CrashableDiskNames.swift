// The calls on names: looking up, linking, renaming, listing.

import Platform

extension CrashableDisk {
    package func status(of path: Path, followingLink: Bool) throws(Errno) -> FileStatus {
        try call(.status, path) { content throws(Errno) in Self.status(try content.state.find(path), content.state) }
    }

    package func rename(_ path: Path, to target: Path) throws(Errno) {
        try call(.rename, path) { content throws(Errno) in
            let source = try content.state.findParent(path)
            let place = try content.state.findParent(target)
            let inode = try content.state.find(path)
            if let old = try? content.state.find(target) {
                if old == inode { return }
                let isFolder = content.state.inodes[inode]?.isFolder == true
                let isFolderThere = content.state.inodes[old]?.isFolder == true
                if isFolderThere, !isFolder { throw .isAFolder }
                if !isFolderThere, isFolder { throw .notAFolder }
                if isFolderThere, content.state.inodes[old]?.entries.isEmpty == false { throw .folderNotEmpty }
            }
            content.state.change(
                [
                    .init(folder: source.folder, name: source.name, inode: nil),
                    .init(folder: place.folder, name: place.name, inode: inode),
                ], confirmedBy: place.folder)
        }
    }

    package func link(_ path: Path, as name: Path) throws(Errno) {
        try call(.link, name) { content throws(Errno) in
            let inode = try content.state.find(path)
            if content.state.inodes[inode]?.isFolder == true { throw .notPermitted }
            let place = try content.state.findParent(name)
            if content.state.inodes[place.folder]?.entries[place.name] != nil { throw .exists }
            content.state.change(
                [.init(folder: place.folder, name: place.name, inode: inode)], confirmedBy: place.folder)
        }
    }

    package func unlink(_ path: Path) throws(Errno) {
        try call(.unlink, path) { content throws(Errno) in
            let inode = try content.state.find(path)
            if content.state.inodes[inode]?.isFolder == true { throw .isAFolder }
            let place = try content.state.findParent(path)
            content.state.change([.init(folder: place.folder, name: place.name, inode: nil)], confirmedBy: place.folder)
        }
    }

    package func makeFolder(_ path: Path, permissions: UInt16) throws(Errno) {
        try call(.makeFolder, path) { content throws(Errno) in
            let place = try content.state.findParent(path)
            if content.state.inodes[place.folder]?.entries[place.name] != nil { throw .exists }
            let made = content.state.make(folder: true)
            content.state.change(
                [.init(folder: place.folder, name: place.name, inode: made)], confirmedBy: place.folder)
        }
    }

    package func removeFolder(_ path: Path) throws(Errno) {
        try call(.removeFolder, path) { content throws(Errno) in
            let inode = try content.state.find(path)
            guard let folder = content.state.inodes[inode], folder.isFolder else { throw .notAFolder }
            guard folder.entries.isEmpty else { throw .folderNotEmpty }
            let place = try content.state.findParent(path)
            content.state.change([.init(folder: place.folder, name: place.name, inode: nil)], confirmedBy: place.folder)
        }
    }

    package func entries(of path: Path) throws(Errno) -> [FolderEntry] {
        try call(.list, path) { content throws(Errno) in
            let inode = try content.state.find(path)
            guard let folder = content.state.inodes[inode], folder.isFolder else { throw .notAFolder }
            return folder.entries.map { name, number in
                let kind: FileKind = content.state.inodes[number]?.isFolder == true ? .folder : .file
                return FolderEntry(name: name, kind: kind, inode: UInt64(number))
            }
        }
    }
}
