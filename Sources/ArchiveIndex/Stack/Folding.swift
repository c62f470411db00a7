// Folding: what the journals hold becomes a run, while appends and queries go on.

import DICOM
import Platform

extension IndexFolder {
    /// Journals of more than this are to be folded.
    package static let journalEntries = 4_096
    package static let journalBytes = 4 << 20
    /// Marks of availability don't count to that: each fold carries them on. They count for themselves, and what is carried on is
    /// less than this.
    static let markBytes = 16 << 20

    /// Whether the journals are large enough to be folded.
    package func needsFolding() throws(IndexFault) -> Bool {
        let stack = try stack(isSorted: false)
        return stack.delta.count >= Self.journalEntries || stack.markBytes >= Self.markBytes
            || stack.journalBytes - stack.markBytes >= Self.journalBytes
    }

    /// Writes what the journals hold as the newest run. Appends and queries go on meanwhile.
    package func fold() throws(IndexFault) {
        let lock = try lock(.publish)
        defer { withExtendedLifetime(lock) {} }
        guard let sealed = try seal() else { return }
        let batch = sealed.delta.batch
        var current = sealed.current
        // There may be marks alone.
        if batch.count > 0 {
            let written = try writeRun(sealed.current.nextRun) { (writer: inout RunWriter) throws(IndexFault) in
                for entry in OrderedEntry.sorted(batch.entries) { try writer.add(entry) }
                for file in batch.foreign { try writer.add(file) }
            }
            current.nextRun = written.number + 1
            current.runs.append(written)
        }
        current.generation += 1
        current.firstJournal = sealed.nextJournal
        // A hint that is lost is no reason not to fold.
        try? carryMarks()
        try commit(current)
        // The fold is done, whether those who wait hear of it or not.
        try? announce(current.generation)
    }

    private struct Sealed {
        let current: Current
        let delta: Delta
        let nextJournal: UInt64
    }

    /// Ends the live journal, so that all before the next one can be folded; nil where there is nothing.
    private func seal() throws(IndexFault) -> Sealed? {
        let lock = try lock(.append)
        defer { withExtendedLifetime(lock) {} }
        let stack = try writableStack()
        guard let last = stack.journals.last, stack.delta.count > 0 || stack.markBytes >= Self.markBytes else {
            return nil
        }
        // A journal that holds nothing yet follows one that was sealed by a fold that didn't end: that one is folded now.
        if last.endOffset == JournalHead.byteCount, !last.hasTornTail, stack.journals.count > 1 {
            try settle(stack)
            return Sealed(current: stack.current, delta: stack.delta, nextJournal: last.head.number)
        }
        try endJournal(last)
        return Sealed(current: stack.current, delta: stack.delta, nextJournal: last.head.number + 1)
    }

    /// Ends the last journal, and begins the next one. Under the append lock.
    func endJournal(_ last: Journal) throws(IndexFault) {
        // Who reads here learns at once that there is a next one; where a crash lets no frame get there, that one says it.
        if !last.hasTornTail, last.sealedBy == nil {
            var next: [UInt8] = []
            next.appendLittleEndian(last.head.number + 1)
            _ = try startJournal(after: last.head, at: try write(.sealed, next, to: last))
        } else {
            _ = try startJournal(after: last)
        }
    }

    /// Tells those who wait at the journal's end that `current` was replaced. They would find out anyway.
    func announce(_ generation: UInt64) throws(IndexFault) {
        let lock = try lock(.append)
        defer { withExtendedLifetime(lock) {} }
        let stack = try writableStack()
        guard let last = stack.journals.last, !last.hasTornTail, last.sealedBy == nil else { return }
        var payload: [UInt8] = []
        payload.appendLittleEndian(generation)
        _ = try write(.published, payload, to: last)
    }
}
