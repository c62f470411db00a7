// Which known files of a part of a root have vanished: a bit for each known file, however many there are.

import ArchiveIndex

/// What the index knows of a part: a file of that very name, then all below it, in the byte order of paths.
struct KnownPart {
    /// What is known of the part itself, where it was a file.
    private var itself: KnownFile?
    private var cursor: KnownFileCursor
    private let prefix: [UInt8]
    /// How many files were given.
    private(set) var count = 0

    /// - Parameter part: relative to the root; empty for all of it.
    init(_ snapshot: Snapshot, root: Int, part: [UInt8]) throws(IndexFault) {
        prefix = part.isEmpty ? [] : part + [0x2F]
        cursor = try snapshot.files(root: root, from: prefix)
        itself = part.isEmpty ? nil : try snapshot.file(root: root, path: part)
    }

    /// The next file; nil at the end.
    mutating func next() throws(IndexFault) -> KnownFile? {
        if let file = itself {
            itself = nil
            count += 1
            return file
        }
        guard let file = try cursor.next(), file.place.path.starts(with: prefix) else { return nil }
        count += 1
        return file
    }
}

/// Files of a part that are to be taken out, by their number in the order of `KnownPart`.
struct VanishedFiles {
    let part: [UInt8]
    private(set) var count = 0
    /// A bit for each known file, lowest first; no longer than up to the last vanished one.
    private var marks: [UInt64] = []

    init(part: [UInt8]) { self.part = part }

    /// Notes the file with that number, from 0; each once.
    mutating func note(_ number: Int) {
        while marks.count <= number / 64 { marks.append(0) }
        marks[number / 64] |= 1 << UInt64(number % 64)
        count += 1
    }

    /// Gives the files, as the snapshot knows them in which they were numbered.
    func forEach(
        in snapshot: Snapshot, root: Int, _ body: (KnownFile) throws(IndexFault) -> Void
    ) throws(IndexFault) {
        guard count > 0 else { return }
        var known = try KnownPart(snapshot, root: root, part: part)
        var left = count
        while left > 0, let file = try known.next() {
            let number = known.count - 1
            guard number / 64 < marks.count, marks[number / 64] >> UInt64(number % 64) & 1 == 1 else { continue }
            left -= 1
            try body(file)
        }
    }
}
