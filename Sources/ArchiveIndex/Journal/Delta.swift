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
    private(set) var unsorted = UnsortedFrames()

    /// Adds a frame of entries, which is in no piece before `makePiece`.
    ///
    /// - Parameter base: where the payload begins in the file.
    mutating func add(_ payload: [UInt8], sequence: UInt64, file: String, base: Int) throws(IndexFault) {
        count += try EntryCoding.count(in: payload, file: file, base: base)
        self.sequence = sequence
        unsorted.add(payload, file: file, base: base)
    }

    /// Makes a piece of all that was added; each entry is sorted anew a logarithmic number of times.
    mutating func makePiece() throws(IndexFault) {
        guard !unsorted.isEmpty else { return }
        var merged = try unsorted.batch()
        unsorted = UnsortedFrames()
        guard merged.count > 0 else { return }
        while let last = pieces.last, last.batch.count < merged.count * 2 {
            merged.entries = last.batch.entries + merged.entries
            merged.foreign = last.batch.foreign + merged.foreign
            pieces.removeLast()
        }
        pieces.append(Piece(run: try Run(merged.entries, merged.foreign, file: "journal"), batch: merged))
    }
}
