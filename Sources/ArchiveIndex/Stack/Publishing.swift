// Publishing what an import found: a run, then `current` names it.

extension IndexFolder {
    /// A new import. Several may go on at once; of what they say of one file the last published counts.
    package func importSession() -> ImportSession { ImportSession(self) }

    /// Writes a run that adds the batch and takes back what was known of its files.
    func publish(_ batch: ImportBatch) throws(IndexFault) {
        let lock = try lock(.publish)
        defer { withExtendedLifetime(lock) {} }
        // Who notes a removal waits for this lock then: what was read before the note is taken out after it.
        let batch = try listedRoots().admitted(of: batch)
        var stack = try writableStack()
        var written = try write(batch, over: stack)
        // Appenders wait only for this: nothing must have changed since the files were looked up.
        let append = try self.lock(.append)
        defer { withExtendedLifetime(append) {} }
        let now = try self.stack()
        if now.delta.sequence != stack.delta.sequence || now.journals.count != stack.journals.count {
            stack = now
            written = try write(batch, over: now)
        }
        // What is taken back must not come back, and what is known already must not go.
        try settle(stack)
        guard let written else { return }
        var current = stack.current
        current.generation += 1
        current.nextRun = written.number + 1
        current.runs.append(written)
        try commit(current)
    }

    /// The run of a batch over what is known; nil where there is nothing to say.
    private func write(_ batch: ImportBatch, over stack: OpenStack) throws(IndexFault) -> Current.RunEntry? {
        let sum = try Replacement.sum(of: batch.assuming(stack.current.fallback), over: stack.snapshot)
        guard sum.count > 0 else { return nil }
        let ordered = OrderedEntry.sorted(sum.entries)
        return try writeRun(stack.current.nextRun) { (writer: inout RunWriter) throws(IndexFault) in
            for entry in ordered { try writer.add(entry) }
            for file in sum.foreign { try writer.add(file) }
        }
    }
}
