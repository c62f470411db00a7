// Appending to the journal: instances that are on stable storage, and in every snapshot, when the call returns.

import DICOM
import Platform

extension IndexFolder {
    /// Adds instances; each takes the place of all that is known of its file. When this returns they are on stable storage
    /// and in every snapshot taken from now on, in any process.
    ///
    /// - Throws: after which they may be there or not, all or none of a batch; nothing else has changed.
    package func append(_ entries: [InstanceEntry]) throws(IndexFault) {
        guard !entries.isEmpty else { return }
        let lock = try lock(.append)
        defer { withExtendedLifetime(lock) {} }
        // What is stored now was taken out at no time, whatever its clock says.
        guard try appendUnderLock(ImportBatch(entries: entries)) else {
            throw .refused(what: "a batch of \(entries.count) entries is too large for the journal")
        }
    }

    /// The same for all that an import says of files, but for what was taken out on purpose.
    ///
    /// - Returns: false where it is too large for one frame: nothing is written then.
    func append(_ batch: ImportBatch) throws(IndexFault) -> Bool {
        let lock = try lock(.append)
        defer { withExtendedLifetime(lock) {} }
        // Who notes a removal waits for this lock then: what was read before the note is taken out after it.
        return try appendUnderLock(listedRoots().admitted(of: batch))
    }

    func appendUnderLock(_ batch: ImportBatch) throws(IndexFault) -> Bool {
        try append(batch, to: try writableStack())
    }

    /// The same on a stack that is up to date, and sorted as far as it concerns the batch.
    ///
    /// - Parameter isDurable: see `store`.
    func append(_ batch: ImportBatch, to stack: OpenStack, isDurable: Bool = true) throws(IndexFault) -> Bool {
        let sum = try Replacement.sum(of: batch.assuming(stack.current.fallback), over: stack.snapshot)
        let payload = EntryCoding.encode(sum)
        guard payload.count <= JournalFrame.payloadMaximumBytes else { return false }
        if isDurable { try settleNames(stack) }
        guard sum.count > 0 else {
            // What is known already may be known from a batch whose sync failed.
            if isDurable { try settle(stack) }
            return true
        }
        let journal = try liveJournal(stack)
        let end =
            isDurable
            ? try write(.entries, payload, to: journal)
            : try rereading { () throws(IndexFault) in
                try journal.append(.entries, payload, in: path, kernel: kernel, isDurable: false)
            }
        try keep { (stack: inout OpenStack) throws(IndexFault) in
            try stack.take(payload, writtenTo: journal, upTo: end)
        }
        return true
    }

    /// Writes a frame to the live journal, under the append lock. What stands there that no sync of ours confirmed, others
    /// wrote, or we did and it failed. It is written once more first: after a sync that failed the kernel may have dropped it,
    /// and then no later sync brings it to the disk; and in one write with the new frame, this could get there without it.
    ///
    /// - Returns: where the journal ends then, on stable storage.
    /// - Throws: after which the frame may be there or not; whoever writes next settles that.
    func write(
        _ kind: JournalFrame.Kind, _ payload: [UInt8], to journal: Journal
    ) throws(IndexFault) -> Journal.Position {
        try settle(journal)
        return try rereading { () throws(IndexFault) in
            let end = try journal.append(kind, payload, in: path, kernel: kernel)
            settledJournal.withLock { $0 = SettledJournal(head: journal.head, end: end) }
            mark(journal.head, settledTo: end)
            return end
        }
    }

    /// Sees to it that a journal and its name are on stable storage as far as they are read: whoever wrote them may have been
    /// killed before its own sync, and what is built on them must not outlive them.
    private func settle(_ journal: Journal) throws(IndexFault) {
        let known = settledJournal.withLock { $0 }
        let settled = known?.head == journal.head ? known?.end : nil
        if let settled, settled.endOffset >= journal.endOffset { return }
        // Who wrote it has most often synced it as well, and said so.
        let marked = markedEnd(of: journal)
        if let marked, marked >= journal.endOffset {
            return settledJournal.withLock { $0 = SettledJournal(head: journal.head, end: journal.position) }
        }
        try rereading { () throws(IndexFault) in
            if settled == nil, marked == nil {
                // Who made it may have been killed before its name was there, and somebody's sync of that may have failed since.
                try journal.renew(in: path, kernel: kernel)
            } else {
                try journal.rewrite(from: settled ?? journal.start, in: path, kernel: kernel)
            }
            settledJournal.withLock { $0 = SettledJournal(head: journal.head, end: journal.position) }
            mark(journal.head, settledTo: journal.position)
        }
    }

    /// Where `body` fails, all is read anew before it counts again: the kernel drops what it can't write.
    private func rereading<Result>(_ body: () throws(IndexFault) -> Result) throws(IndexFault) -> Result {
        do throws(IndexFault) { return try body() } catch {
            forget()
            throw error
        }
    }

    /// The same for all that a stack has read, before something is published that takes it back.
    func settle(_ stack: OpenStack) throws(IndexFault) {
        guard let last = stack.journals.last else { return }
        try settle(last)
    }

    /// Sees to it that the name `current` is on stable storage: whoever replaced it may have been killed before its own sync,
    /// or that failed, and a frame that takes back what a run says must not outlive the run.
    func settleNames(_ stack: OpenStack) throws(IndexFault) {
        guard settledCurrent.withLock({ $0 }) != stack.currentFile.bytes else { return }
        do throws(IndexFault) {
            // Not waited for: who publishes waits for the append lock.
            let publish = try lock(.publish, waitingSeconds: 0)
            defer { withExtendedLifetime(publish) {} }
            try settleCurrent()
        } catch {
            guard case .busy = error else { throw error }
            try wrapping { () throws(FileFault) in try Folder.synchronize(path, kernel: kernel) }
            settledCurrent.withLock { $0 = stack.currentFile.bytes }
        }
    }

    /// The same under the publish lock. `current` is put in its own place once more: a name whose sync failed no later sync
    /// confirms.
    func settleCurrent() throws(IndexFault) {
        let path = path.appending(Current.name)
        let bytes = try CurrentFile(in: self).bytes
        guard settledCurrent.withLock({ $0 }) != bytes else { return }
        try TextFile.replace(path, with: bytes, kernel: kernel)
        settledCurrent.withLock { $0 = bytes }
    }

    /// The journal that takes the next frame. Under the append lock, of a stack that is up to date.
    private func liveJournal(_ stack: OpenStack) throws(IndexFault) -> Journal {
        guard let last = stack.journals.last else {
            // Nothing was ever appended: a fold leaves a journal.
            return try startJournal(
                JournalHead(
                    number: stack.current.firstJournal, predecessor: 0, predecessorEnd: 0, firstSequence: 1))
        }
        if last.hasTornTail, readsWithoutMapping { try checkTornTail(last) }
        return last.hasTornTail || last.sealedBy != nil ? try startJournal(after: last) : last
    }

    /// Where other hosts append, a frame may look torn that was read too early: it is read once more before it is given up.
    private func checkTornTail(_ last: Journal) throws(IndexFault) {
        guard var again = try journal(last.head.number) else { return }
        _ = try again.readOn()
        guard again.position == last.position, again.hasTornTail else {
            throw .refused(what: "\(last.file) isn't as it was read a moment ago; try again")
        }
    }

    /// Begins the journal behind `last`, which counts to where it is whole now.
    func startJournal(after last: Journal) throws(IndexFault) -> Journal {
        try settle(last)
        return try startJournal(after: last.head, at: last.position)
    }

    /// The same behind a journal of which all up to `end` is on stable storage.
    func startJournal(after head: JournalHead, at end: Journal.Position) throws(IndexFault) -> Journal {
        try startJournal(
            JournalHead(
                number: head.number + 1, predecessor: head.number, predecessorEnd: UInt64(end.endOffset),
                firstSequence: end.nextSequence))
    }

    /// Begins a journal that nothing counts to.
    func startJournal(_ head: JournalHead) throws(IndexFault) -> Journal {
        try Journal.create(head, in: path, kernel: kernel)
        guard let journal = try journal(head.number) else {
            throw .damaged(file: Journal.name(head.number), byte: 0, what: "it went as soon as it was made")
        }
        settledJournal.withLock { $0 = SettledJournal(head: head, end: journal.position) }
        mark(head, settledTo: journal.position)
        return journal
    }
}

/// A journal as far as it and its name are known to be on stable storage. Not the open file: that would keep it from being
/// removed.
struct SettledJournal: Sendable {
    let head: JournalHead
    let end: Journal.Position
}
