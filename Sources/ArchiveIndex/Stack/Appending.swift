// Appending to the journal and folding it into a run.

import DICOM
import Platform

extension IndexFolder {
    /// Journals of more than this are to be folded.
    package static let journalEntries = 4_096
    package static let journalBytes = 4 << 20

    /// Adds instances; each takes the place of all that is known of its file. When this returns they are on stable storage
    /// and in every snapshot taken from now on, in any process.
    ///
    /// - Throws: after which they may be there or not, all or none of a batch; nothing else has changed.
    package func append(_ entries: [InstanceEntry]) throws(IndexFault) {
        try append(ImportBatch(entries: entries, foreign: [], vanished: []))
    }

    /// The same with files that are gone.
    package func append(_ entries: [InstanceEntry], removing vanished: [(root: Int, path: [UInt8])]) throws(IndexFault)
    {
        try append(
            ImportBatch(
                entries: entries, foreign: [], vanished: vanished.map { RootedPath(root: $0.root, path: $0.path) }))
    }

    private func append(_ batch: ImportBatch) throws(IndexFault) {
        guard batch.entries.count + batch.vanished.count > 0 else { return }
        let lock = try lock(.append)
        defer { withExtendedLifetime(lock) {} }
        let stack = try stack()
        let sum = try Replacement.sum(of: batch, over: stack.snapshot)
        guard sum.count > 0 else { return }
        let payload = EntryCoding.encode(sum)
        guard payload.count <= JournalFrame.payloadMaximumBytes else {
            throw .refused(what: "a batch of \(sum.count) entries is too large for the journal")
        }
        try write([(.entries, payload)], to: try liveJournal(stack))
    }

    /// Writes frames to the live journal. After a write or sync that failed, nobody writes behind it: the next journal says up
    /// to where this one counts.
    private func write(_ frames: [(Journal.Kind, [UInt8])], to journal: Journal) throws(IndexFault) {
        do throws(IndexFault) {
            try settle(journal)
            let end = try journal.append(frames, in: path, kernel: kernel)
            noteSettled(journal.head.number, end)
        } catch {
            abandonedJournals.withLock { $0[journal.head.number] = journal }
            _ = try? startJournal(after: journal)
            throw error
        }
    }

    /// Sees to it that a journal and its name are on stable storage as far as they are read: whoever wrote them may have been
    /// killed before its own sync, and what is built on them must not outlive them.
    private func settle(_ journal: Journal) throws(IndexFault) {
        let number = journal.head.number
        let known = settledJournals.withLock { $0[number] }
        guard known != journal.endOffset else { return }
        try journal.synchronize(in: path, kernel: kernel)
        if known == nil { try wrapping { () throws(FileFault) in try Folder.synchronize(path, kernel: kernel) } }
        noteSettled(number, journal.endOffset)
    }

    private func noteSettled(_ number: UInt64, _ end: Int) {
        // Earlier journals are never written again.
        settledJournals.withLock { $0 = [number: end] }
    }

    /// The same for all that a stack has read, before something is published that takes it back.
    func settle(_ stack: OpenStack) throws(IndexFault) {
        guard let last = stack.journals.last, stack.delta.count > 0, abandoned(last.head.number) == nil else { return }
        try settle(last)
    }

    private func abandoned(_ number: UInt64) -> Journal? { abandonedJournals.withLock { $0[number] } }

    /// The journal that takes the next frame. Under the append lock, of a stack that is up to date.
    private func liveJournal(_ stack: OpenStack) throws(IndexFault) -> Journal {
        guard let last = stack.journals.last else {
            // Nothing was ever appended: a fold leaves a journal.
            return try startJournal(
                JournalHead(
                    number: stack.current.firstJournal, predecessor: 0, predecessorEnd: 0, firstSequence: 1))
        }
        guard last.hasTornTail || last.sealedBy != nil || abandoned(last.head.number) != nil else { return last }
        return try startJournal(after: last)
    }

    private func startJournal(after last: Journal) throws(IndexFault) -> Journal {
        // A journal that we gave up counts to where it ended then, whatever can be read of it, and is never synced again.
        let counted = abandoned(last.head.number)
        if counted == nil { try settle(last) }
        let end = counted ?? last
        return try startJournal(
            JournalHead(
                number: last.head.number + 1, predecessor: last.head.number, predecessorEnd: UInt64(end.endOffset),
                firstSequence: end.nextSequence))
    }

    private func startJournal(_ head: JournalHead) throws(IndexFault) -> Journal {
        try Journal.create(head, in: path, kernel: kernel)
        guard let journal = try Journal(head.number, in: path, kernel: kernel) else {
            throw .damaged(file: Journal.name(head.number), byte: 0, what: "it went as soon as it was made")
        }
        noteSettled(head.number, journal.endOffset)
        return journal
    }

    /// Whether the journals are large enough to be folded.
    package func needsFolding() throws(IndexFault) -> Bool {
        let stack = try stack()
        return stack.delta.count >= Self.journalEntries || stack.journalBytes >= Self.journalBytes
    }

    /// Writes what the journals hold as the newest run. Appends and queries go on meanwhile.
    package func fold() throws(IndexFault) {
        let lock = try lock(.publish)
        defer { withExtendedLifetime(lock) {} }
        guard let sealed = try seal() else { return }
        let batch = sealed.delta.batch
        let written = try writeRun(sealed.current.nextRun) { (writer: inout RunWriter) throws(IndexFault) in
            for entry in OrderedEntry.sorted(batch.entries) { try writer.add(entry) }
            for file in batch.foreign { writer.add(file) }
        }
        var current = sealed.current
        current.generation += 1
        current.nextRun = written.number + 1
        current.firstJournal = sealed.nextJournal
        current.runs.append(written)
        try commit(current)
        try announce(current.generation)
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
        let stack = try stack()
        guard let last = stack.journals.last, stack.delta.count > 0 else { return nil }
        // A journal that holds nothing yet follows one that was sealed by a fold that didn't end: that one is folded now.
        if last.endOffset == JournalHead.byteCount, !last.hasTornTail, stack.journals.count > 1 {
            return Sealed(current: stack.current, delta: stack.delta, nextJournal: last.head.number)
        }
        // The sealed frame is part of what counts; where it doesn't get there, the next journal alone says so.
        var next: [UInt8] = []
        next.appendLittleEndian(last.head.number + 1)
        let frame = JournalFrame(
            journal: last.head.number, sequence: last.nextSequence, previous: last.previous, kind: .sealed,
            payload: next)
        if !last.hasTornTail, last.sealedBy == nil, abandoned(last.head.number) == nil {
            try write([(.sealed, next)], to: last)
            _ = try startJournal(
                JournalHead(
                    number: last.head.number + 1, predecessor: last.head.number,
                    predecessorEnd: UInt64(last.endOffset + frame.byteCount), firstSequence: last.nextSequence + 1))
        } else {
            _ = try startJournal(after: last)
        }
        return Sealed(current: stack.current, delta: stack.delta, nextJournal: last.head.number + 1)
    }

    /// Tells those who wait at the journal's end that `current` was replaced. They would find out anyway.
    private func announce(_ generation: UInt64) throws(IndexFault) {
        let lock = try lock(.append)
        defer { withExtendedLifetime(lock) {} }
        let stack = try stack()
        guard let last = stack.journals.last, !last.hasTornTail, last.sealedBy == nil else { return }
        var payload: [UInt8] = []
        payload.appendLittleEndian(generation)
        // The fold is done: a journal that takes no more is for the next append to see to.
        try? write([(.published, payload)], to: last)
    }
}
