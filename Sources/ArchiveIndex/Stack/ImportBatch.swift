// What an import says at once, file by file.

/// A file's name below a root.
struct RootedPath: Hashable, Comparable, Sendable {
    let root: Int
    let path: [UInt8]

    static func < (left: RootedPath, right: RootedPath) -> Bool {
        left.root == right.root ? left.path.lexicographicallyPrecedes(right.path) : left.root < right.root
    }
}

/// What an import publishes at once.
struct ImportBatch {
    var entries: [InstanceEntry]
    var foreign: [ForeignFile]
    var vanished: [RootedPath]

    var count: Int { entries.count + foreign.count + vanished.count }
}
