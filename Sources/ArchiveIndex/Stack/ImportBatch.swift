// What an import says at once, file by file.

/// A file's name below a root.
struct RootedPath: Hashable, Comparable, Sendable {
    let root: Int
    let path: [UInt8]

    init(root: Int, path: [UInt8]) {
        self.root = root
        self.path = path
    }

    init(_ place: Place) { self.init(root: place.root, path: place.path) }

    static func < (left: RootedPath, right: RootedPath) -> Bool {
        left.root == right.root ? left.path.lexicographicallyPrecedes(right.path) : left.root < right.root
    }
}

/// What an import publishes at once.
struct ImportBatch {
    var entries: [InstanceEntry] = []
    var foreign: [ForeignFile] = []
    /// Files that are gone, as they were known. Where the index knows one in another state by now, nothing is said of it: it
    /// is there again.
    var vanished: [Place] = []
    /// Files of which nothing is known any more, in whatever state.
    var forgotten: [RootedPath] = []
    /// Files of instances that are taken out on purpose. Where the index knows the file in another state by now, or no instance
    /// in it, nothing is said of it.
    var takenOut: [ForeignFile] = []
    /// Files whose mark of being taken out on purpose goes; where there is none, nothing is said of them.
    var unmarked: [RootedPath] = []

    var count: Int {
        entries.count + foreign.count + vanished.count + forgotten.count + takenOut.count + unmarked.count
    }
}
