// Merging runs: a new run says what several said, then `current` names it in their place.

import DICOM
import Platform

extension IndexFolder {
    /// Each run shall be so many times smaller than the one below it. A larger ratio makes fewer runs, and writes each entry
    /// more often.
    private static let ratio = 4
    private static let runMaximum = 5
    /// While an import goes on, so many runs of one size make one of the next.
    private static let tierRuns = 16

    /// Makes the index one run, with what the journals hold.
    package func compact() throws(IndexFault) {
        try fold()
        try merge { runs in runs.count > 1 ? 0 : nil }
        try removeSuperseded()
    }

    /// Merges the newest runs where they are too many, or too large beside the ones below.
    package func mergeWhereDue() throws(IndexFault) {
        try merge(Self.firstToMerge)
        try removeSuperseded()
    }

    /// Merges the newest runs where there are many of about one size: an import in the middle, which goes on to publish.
    func mergeTier() throws(IndexFault) {
        var isMerged = false
        // What was merged may be the last that its own size lacked.
        while try merge(Self.firstOfTier) { isMerged = true }
        if isMerged { try removeSuperseded() }
    }

    private static func firstOfTier(_ runs: [Current.RunEntry]) -> Int? {
        guard let newest = runs.last else { return nil }
        let first = runs.lastIndex { $0.byteCount >= newest.byteCount * tierRuns / 2 }.map { $0 + 1 } ?? 0
        return runs.count - first >= tierRuns ? first : nil
    }

    /// Folds and merges where that is due, and costs next to nothing where it isn't: for a process that goes on appending.
    package func foldAndMergeWhereDue() throws(IndexFault) {
        if try needsFolding() {
            try fold()
        } else {
            let runs = try current().runs
            guard Self.firstToMerge(runs) != nil else { return }
        }
        try mergeWhereDue()
    }

    /// From which run on they are to be merged; nil where they stand as they should. An import's tiers stand in no order far
    /// below the newest run: the lowest one that is too small beside those above it counts.
    static func firstToMerge(_ runs: [Current.RunEntry]) -> Int? {
        var above = 0
        var first: Int?
        for index in runs.indices.reversed() {
            if above * ratio > runs[index].byteCount { first = index }
            above += runs[index].byteCount
        }
        return first ?? (runs.count > runMaximum ? runs.count - 2 : nil)
    }

    /// Merges the runs from that which `choose` names on; false where it names none.
    @discardableResult
    private func merge(_ choose: ([Current.RunEntry]) -> Int?) throws(IndexFault) -> Bool {
        let lock = try lock(.publish)
        defer { withExtendedLifetime(lock) {} }
        let stack = try writableStack()
        guard let first = choose(stack.current.runs) else { return false }
        let sources = Array(stack.snapshot.sources[first..<stack.current.runs.count])
        let written = try writeRun(stack.current.nextRun) { (writer: inout RunWriter) throws(IndexFault) in
            try Self.merge(sources, into: &writer)
        }
        // Journals may have been added meanwhile, never runs: the publish lock is ours.
        var current = try self.current()
        current.generation += 1
        current.nextRun = written.number + 1
        current.runs.replaceSubrange(first..., with: [written])
        try commit(current)
        return true
    }

    /// Adds the entries of all runs in order.
    static func merge(_ runs: [Run], into writer: inout RunWriter) throws(IndexFault) {
        var readers = runs.map { EntryReader($0) }
        var heads: [OrderedEntry?] = []
        for index in readers.indices {
            heads.append(try readers[index].next())
            try readers[index].forEachForeignFile { (file) throws(IndexFault) in try writer.add(file) }
        }
        while true {
            var least: Int?
            for index in heads.indices {
                guard let head = heads[index] else { continue }
                if let best = least, let other = heads[best], !(head < other) { continue }
                least = index
            }
            guard let least, let entry = heads[least] else { return }
            try writer.add(entry)
            heads[least] = try readers[least].next()
        }
    }

    /// Removes runs and journals that `current` doesn't name and nobody reads, and what crashes left.
    package func removeSuperseded() throws(IndexFault) {
        let lock = try lock(.publish)
        defer { withExtendedLifetime(lock) {} }
        // What this process has open itself is brought up to date first: its own read locks would be in the way.
        _ = try stack()
        // Whoever replaced `current` may have been killed before its name was on stable storage.
        try settleCurrent()
        let current = try current()
        let named = Set(current.runs.map { Self.runName($0.number) })
        let entries = try wrapping { () throws(FileFault) in try Folder.entries(of: path, kernel: kernel) }
        for entry in entries {
            let name = String(decoding: entry.name, as: UTF8.self)
            if Self.number(name, "run-") != nil {
                if named.contains(name) { continue }
            } else if let journal = Self.number(name, "journal-") {
                if journal >= current.firstJournal { continue }
            } else {
                continue
            }
            try removeUnread(path.appending(name))
        }
    }

    static func number(_ name: String, _ prefix: String) -> UInt64? {
        guard name.hasPrefix(prefix) else { return nil }
        let rest = name.dropFirst(prefix.count)
        return UInt64(canonical: rest.hasSuffix(".new") ? rest.dropLast(4) : rest)
    }

    /// Removes a file where no reader holds its lock. What can't be removed now is removed by a later call.
    private func removeUnread(_ path: Path) throws(IndexFault) {
        do throws(FileFault) {
            let file = try File.open(path, .writing, kernel: kernel)
            if try file.tryLock(0..<1, .exclusive) { try File.remove(path, kernel: kernel) }
        } catch {
            if error.cause != .noEntry { throw .file(error) }
        }
    }
}
