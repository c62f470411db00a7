// The end of a rebuild: the new index takes the place of the old one, by one replacement of `current` (FORMAT.md 8.9).

import Platform

extension Rebuild {
    /// Looks at what is new once more, while nobody can append or publish, and puts the new index in the place of the old one.
    ///
    /// - Returns: the generation of the new `current`.
    /// - Throws: after which the old index counts, or the new one: whichever `current` names.
    package func swap(_ source: some RebuildSource) throws(IndexFault) -> UInt64 {
        try index.compact()
        _ = try catchUp(source)
        let current = try commit(source)
        if let replacedRoots { try replace(roots: replacedRoots) }
        // What is superseded can't be removed while it is read here.
        before = nil
        old.forget()
        try? old.announce(current.generation)
        try? old.removeSuperseded()
        try? Self.clear(index.path, old.kernel)
        try? Folder.remove(index.path, kernel: old.kernel)
        return current.generation
    }

    private func commit(_ source: some RebuildSource) throws(IndexFault) -> Current {
        let publish = try old.lock(.publish, waitingSeconds: 300)
        defer { withExtendedLifetime(publish) {} }
        let append = try old.lock(.append, waitingSeconds: 300)
        defer { withExtendedLifetime(append) {} }
        _ = try catchUpOnce(source)
        try source.checkRoots()
        if before != nil { _ = try old.writableStack() }
        if before == nil { try source.visitInstances(index) }
        // 1. the next journal, which all that comes later is appended to
        var current = if let before { try nextCurrent(after: before) } else { try firstCurrent() }
        // 2. the new index's runs get their names among the old one's
        current.runs = []
        let made = try index.current()
        current.fallback = made.fallback
        for entry in made.runs {
            let name = IndexFolder.runName(current.nextRun)
            try wrapping { () throws(FileFault) in
                try File.rename(
                    index.path.appending(IndexFolder.runName(entry.number)), to: old.path.appending(name),
                    kernel: old.kernel)
            }
            current.runs.append(Current.RunEntry(number: current.nextRun, byteCount: entry.byteCount))
            current.nextRun += 1
        }
        // 3. their names are on stable storage, and `current` names them alone
        try old.commit(current)
        return current
    }

    /// What follows on an index that can be read: the same index, of which everything is folded.
    private func nextCurrent(after stack: OpenStack) throws(IndexFault) -> Current {
        var current = stack.current
        if let last = stack.journals.last {
            try old.endJournal(last)
            current.firstJournal = last.head.number + 1
        }
        current.generation += 1
        return current
    }

    /// Another index in the place of one that can't be read: its numbers are above all that are there.
    private func firstCurrent() throws(IndexFault) -> Current {
        let entries = try wrapping { () throws(FileFault) in
            try Folder.entries(of: old.path, kernel: old.kernel).map { String(decoding: $0.name, as: UTF8.self) }
        }
        var current = Current()
        let known = try? old.current()
        let runs = entries.compactMap { IndexFolder.number($0, "run-") }
        current.nextRun = max(known?.nextRun ?? 1, (runs.max() ?? 0) + 1)
        let journals = entries.compactMap { IndexFolder.number($0, "journal-") }
        if let last = (journals + [known?.firstJournal ?? 0]).max(), last > 0 {
            current.firstJournal = last + 1
            _ = try old.startJournal(
                JournalHead(number: current.firstJournal, predecessor: 0, predecessorEnd: 0, firstSequence: 1))
        }
        return current
    }

    private func replace(roots: Roots) throws(IndexFault) {
        let lock = try old.lock(.roots, waitingSeconds: 300)
        defer { withExtendedLifetime(lock) {} }
        try roots.textFile.replace(old.path.appending(Roots.name), kernel: old.kernel)
    }
}
