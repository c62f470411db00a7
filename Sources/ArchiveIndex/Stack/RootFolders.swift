// The roots of an area, giving a folder its number, and what was removed on purpose.

import Platform

extension IndexFolder {
    /// All roots by number that places name: root 0 included, and those that are gone.
    package func roots() throws(IndexFault) -> [Int: Path] {
        var folders = try listedRoots().folders
        folders[0] = instancesFolder
        return folders
    }

    /// The roots that were removed: an import visits them only where they are named.
    package func goneRoots() throws(IndexFault) -> Set<Int> { try listedRoots().gone }

    /// What was removed on purpose, and stays out.
    package func removals() throws(IndexFault) -> Removals { try listedRoots().removals }

    func listedRoots() throws(IndexFault) -> Roots {
        guard let (_, text) = try TextFile.read(path.appending(Roots.name), kind: Roots.kind, kernel: kernel) else {
            return Roots()
        }
        return try Roots(text)
    }

    /// The number of `folder`, an absolute path: the one that it has, else a new one, which is on stable storage then. One that
    /// was gone is there again.
    package func root(of folder: Path) throws(IndexFault) -> Int {
        guard folder.isAbsolute else { throw .refused(what: "\(folder) is no absolute path") }
        if folder == instancesFolder { return 0 }
        if let known = try listedRoots().number(of: folder), !known.isGone { return known.number }
        return try changingRoots { roots in
            let number = roots.number(of: folder)?.number ?? (roots.folders.keys.max() ?? 0) + 1
            roots.folders[number] = folder
            roots.gone.remove(number)
            return number
        }
    }

    /// Replaces `roots` by what `change` makes of it, where that is another.
    func changingRoots<Result>(_ change: (inout Roots) -> Result) throws(IndexFault) -> Result {
        let lock = try lock(.roots)
        defer { withExtendedLifetime(lock) {} }
        let before = try listedRoots()
        var roots = before
        let result = change(&roots)
        if roots != before { try roots.textFile.replace(path.appending(Roots.name), kernel: kernel) }
        return result
    }
}

extension Roots {
    func number(of folder: Path) -> (number: Int, isGone: Bool)? {
        folders.first { $0.value == folder }.map { ($0.key, gone.contains($0.key)) }
    }
}
