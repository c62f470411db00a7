// Folders of which something holds for all that lies in them, found by any path in a logarithmic number of steps.

/// Folders of which something holds for all that lies in them. Kept ascending, none within another.
struct FolderSet: Sendable {
    /// Each with its slash; one that is empty stands for everything.
    private var prefixes: [[UInt8]] = []

    mutating func insert(_ folder: [UInt8]) {
        let prefix = folder.isEmpty ? [] : folder + [0x2F]
        guard !holds(prefix) else { return }
        let index = index(after: prefix)
        while index < prefixes.count, prefixes[index].starts(with: prefix) { prefixes.remove(at: index) }
        prefixes.insert(prefix, at: index)
    }

    /// Whether `path` lies in one of the folders. O(log n).
    func holds(_ path: [UInt8]) -> Bool {
        let index = index(after: path)
        return index > 0 && path.starts(with: prefixes[index - 1])
    }

    /// How many stand before `path` or at it.
    private func index(after path: [UInt8]) -> Int {
        var low = 0
        var high = prefixes.count
        while low < high {
            let middle = (low + high) / 2
            if path.lexicographicallyPrecedes(prefixes[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
