// The roots of an area, and giving a folder its number.

import Platform

extension IndexFolder {
    /// All roots by number, root 0 included.
    package func roots() throws(IndexFault) -> [Int: Path] {
        var folders = try listedRoots().folders
        folders[0] = instancesFolder
        return folders
    }

    private func listedRoots() throws(IndexFault) -> Roots {
        guard let (_, text) = try TextFile.read(path.appending(Roots.name), kind: Roots.kind, kernel: kernel) else {
            return Roots()
        }
        return try Roots(text)
    }

    /// The number of `folder`, an absolute path: the one that it has, else a new one, which is on stable storage then.
    package func root(of folder: Path) throws(IndexFault) -> Int {
        guard folder.isAbsolute else { throw .refused(what: "\(folder) is no absolute path") }
        if folder == instancesFolder { return 0 }
        if let known = try listedRoots().folders.first(where: { $0.value == folder }) { return known.key }
        let lock = try lock(.roots)
        defer { withExtendedLifetime(lock) {} }
        var roots = try listedRoots()
        if let known = roots.folders.first(where: { $0.value == folder }) { return known.key }
        let number = (roots.folders.keys.max() ?? 0) + 1
        roots.folders[number] = folder
        try roots.textFile.replace(path.appending(Roots.name), kernel: kernel)
        return number
    }
}
