// What the journals add to the runs, in memory: a few immutable sorted pieces, merged by size as they grow.

import DICOM

/// The delta. A value: a snapshot takes its pieces, never a copy of entries.
struct Delta: Sendable {
    private struct Piece: Sendable {
        let run: Run
        let batch: EntryCoding.Batch
    }

    private var pieces: [Piece] = []
    /// Entries and foreign files, with sign.
    private(set) var count = 0
    private(set) var sequence: UInt64 = 0

    var runs: [Run] { pieces.map(\.run) }

    /// All that the pieces hold, oldest first.
    var batch: EntryCoding.Batch {
        var all = EntryCoding.Batch()
        for piece in pieces {
            all.entries += piece.batch.entries
            all.foreign += piece.batch.foreign
        }
        return all
    }

    /// What was added and isn't in a piece yet.
    private(set) var added = EntryCoding.Batch()

    /// Hashes of the SOP Instance UIDs and paths of what isn't in a piece yet.
    private(set) var addedKeys: Set<Int> = []

    /// Adds a batch, which is in no piece before `makePiece`.
    mutating func add(_ batch: EntryCoding.Batch, sequence: UInt64) {
        self.sequence = sequence
        count += batch.count
        added.entries += batch.entries
        added.foreign += batch.foreign
        for signed in batch.entries {
            addedKeys.insert(signed.entry.sopInstanceUID.hashValue)
            addedKeys.insert(RootedPath(signed.entry.place).hashValue)
        }
        for signed in batch.foreign { addedKeys.insert(RootedPath(signed.file.place).hashValue) }
    }

    /// Makes a piece of all that was added; each entry is sorted anew a logarithmic number of times.
    mutating func makePiece() throws(IndexFault) {
        guard added.count > 0 else { return }
        var merged = added
        added = EntryCoding.Batch()
        addedKeys = []
        while let last = pieces.last, last.batch.count < merged.count * 2 {
            merged.entries = last.batch.entries + merged.entries
            merged.foreign = last.batch.foreign + merged.foreign
            pieces.removeLast()
        }
        pieces.append(Piece(run: try Run(merged.entries, merged.foreign, file: "journal"), batch: merged))
    }
}
