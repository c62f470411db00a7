// Which files an index says something else of than it did before: what a rebuild looks at again.

/// The files that differ between two moments of an index, or may, a part at a time.
struct TouchedFiles {
    private static let partFiles = 10_000

    let before: OpenStack
    let now: OpenStack
    /// The numbers that places may name.
    let roots: [Int]

    /// Gives all files whose entries may differ, some of them more than once; each part ascending, each file once in it.
    ///
    /// - Throws: what reading either moment throws, or `body`.
    func forEachPart(_ body: ([RootedPath]) throws(IndexFault) -> Void) throws(IndexFault) {
        var part: Set<RootedPath> = []
        func add(_ path: RootedPath) throws(IndexFault) {
            part.insert(path)
            guard part.count >= Self.partFiles else { return }
            let full = part.sorted()
            part = []
            try body(full)
        }
        let isGrown =
            before.current.identity == now.current.identity
            && before.current.runs.allSatisfy(now.current.runs.contains)
        if isGrown {
            try forEachAdded(add)
        } else {
            // Runs were merged: their entries are the same, and nobody can tell by their numbers. Both moments are walked.
            for root in roots { try forEachDifferent(root, add) }
        }
        if !part.isEmpty { try body(part.sorted()) }
    }

    /// The files of all runs that weren't there, and of the journals.
    private func forEachAdded(_ add: (RootedPath) throws(IndexFault) -> Void) throws(IndexFault) {
        let sources = now.snapshot.sources
        for (run, entry) in zip(sources, now.current.runs) where !before.current.runs.contains(entry) {
            var files = run.cursor(.files)
            while try files.advance() {
                try add(RootedPath(root: files.row.int(Column.Files.root), path: try files.path()))
            }
        }
        let batch = now.delta.batch
        for signed in batch.entries {
            try add(RootedPath(signed.entry.place))
        }
        for signed in batch.foreign { try add(RootedPath(signed.file.place)) }
    }

    private func forEachDifferent(
        _ root: Int, _ add: (RootedPath) throws(IndexFault) -> Void
    ) throws(IndexFault) {
        var old = try before.snapshot.files(root: root)
        var new = try now.snapshot.files(root: root)
        var left = try old.next()
        var right = try new.next()
        while left != nil || right != nil {
            let paths = [left, right].compactMap { $0?.place.path }
            guard let least = paths.min(by: { $0.lexicographicallyPrecedes($1) }) else { return }
            let isLeft = left?.place.path == least
            let isRight = right?.place.path == least
            if !isLeft || !isRight || left != right { try add(RootedPath(root: root, path: least)) }
            if isLeft { left = try old.next() }
            if isRight { right = try new.next() }
        }
    }
}
