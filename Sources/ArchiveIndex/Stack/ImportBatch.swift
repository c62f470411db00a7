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
    /// Files of instances that are taken out on purpose. Where the index knows the file in another state by now, or no instance
    /// in it, nothing is said of it.
    var takenOut: [ForeignFile] = []
    /// Files whose mark of being taken out on purpose goes; where there is none, nothing is said of them.
    var unmarked: [RootedPath] = []

    var count: Int { entries.count + foreign.count + vanished.count + takenOut.count + unmarked.count }
}
