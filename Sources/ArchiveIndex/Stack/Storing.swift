// Storing: one instance after the other goes to the journal, unless what is known of its UID by then is more than its writer
// knew. Who stores decides what is to be done with two of one UID; here is looked whether there are two.

import DICOM
import Platform

/// An instance whose file is on stable storage under its name, and that is about to be known.
package struct StoreCandidate: Sendable {
    package let entry: InstanceEntry
    /// Files of its SOP Instance UID that its writer knows of, and stores it all the same.
    package var judged: Set<Place>
    /// Of these, such as are no longer known from the moment on that it is.
    package var replaced: [Place]

    package init(_ entry: InstanceEntry, judged: Set<Place> = [], replaced: [Place] = []) {
        self.entry = entry
        self.judged = judged
        self.replaced = replaced
    }
}

/// What came of a candidate.
package enum StoreVerdict: Equatable, Sendable {
    /// It is known.
    case stored
    /// It isn't: files of its UID are known that its writer hasn't judged, or another candidate goes first. With all contents
    /// of the UID that are known; to be judged, and tried again.
    case met([InstanceContent])
    /// It isn't, and never will be: its attributes are too many for a journal.
    case tooLarge
}

extension IndexFolder {
    /// Makes instances known, in one frame where they fit; each takes the place of all that is known of its file.
    ///
    /// - Parameter isDurable: they are on stable storage when this returns, and so is all that was known before. Otherwise they
    ///   are seen by everyone, and may be lost with the power.
    /// - Returns: a verdict for each, in order.
    /// - Throws: after which each may be known or not; nothing else has changed.
    package func store(_ candidates: [StoreCandidate], isDurable: Bool = true) throws(IndexFault) -> [StoreVerdict] {
        guard !candidates.isEmpty else { return [] }
        let lock = try lock(.append)
        defer { withExtendedLifetime(lock) {} }
        var verdicts: [StoreVerdict] = []
        var rest = candidates[...]
        var count = rest.count
        while !rest.isEmpty {
            let part = rest.prefix(count)
            guard let found = try storeUnderLockAnew(part, isDurable: isDurable) else {
                // One that is too large is nobody else's trouble.
                if part.count == 1 {
                    verdicts.append(.tooLarge)
                    rest = rest.dropFirst()
                }
                count = max(1, part.count / 2)
                continue
            }
            verdicts += found
            rest = rest.dropFirst(part.count)
        }
        return verdicts
    }

    /// Where other hosts append, what was read may be older than what is there; then all is read anew.
    private func storeUnderLockAnew(
        _ candidates: ArraySlice<StoreCandidate>, isDurable: Bool
    ) throws(IndexFault) -> [StoreVerdict]? {
        do throws(IndexFault) { return try storeUnderLock(candidates, isDurable: isDurable) } catch {
            guard readsWithoutMapping else { throw error }
            switch error {
            case .refused, .damaged: break
            case .file(let fault) where fault.cause == .noEntry || fault.cause == .staleHandle: break
            default: throw error
            }
            forget()
            return try storeUnderLock(candidates, isDurable: isDurable)
        }
    }

    /// - Returns: nil where they are too large for one frame: nothing is written then.
    private func storeUnderLock(
        _ candidates: ArraySlice<StoreCandidate>, isDurable: Bool
    ) throws(IndexFault) -> [StoreVerdict]? {
        var stack = try writableStack(isSorted: false)
        for candidate in candidates where try stack.mayHoldUnsorted(candidate) {
            stack = try writableStack()
            break
        }
        let snapshot = stack.snapshot
        var verdicts: [StoreVerdict] = []
        var batch = ImportBatch()
        var met: Set<UID> = []
        for candidate in candidates {
            let uid = candidate.entry.sopInstanceUID
            let known = try snapshot.contents(of: uid)
            let isJudged = known.allSatisfy { $0.places.allSatisfy(candidate.judged.contains) }
            guard isJudged, met.insert(uid).inserted else {
                verdicts.append(.met(known))
                continue
            }
            batch.entries.append(candidate.entry)
            // Where another was faster, the name may be that of another instance by now.
            let places = Set(known.flatMap(\.places))
            batch.forgotten += candidate.replaced.filter(places.contains).map { RootedPath($0) }
            verdicts.append(.stored)
        }
        guard batch.count > 0 else { return verdicts }
        return try append(batch, to: stack, isDurable: isDurable) ? verdicts : nil
    }

    /// Takes files out that are about to be deleted. Of one that is known in another state by now nothing is said. They are out on
    /// stable storage when this returns.
    package func forget(_ places: [Place]) throws(IndexFault) {
        guard !places.isEmpty else { return }
        guard try !append(ImportBatch(vanished: places)) else { return }
        guard places.count > 1 else { throw .refused(what: "an instance is too large for the journal") }
        try forget(Array(places[..<(places.count / 2)]))
        try forget(Array(places[(places.count / 2)...]))
    }

    /// All that is known now is on stable storage when this returns, whoever wrote it: it may have been killed before its own
    /// sync, or be about to sync.
    package func settleKnown() throws(IndexFault) {
        let stack = try stack(isSorted: false)
        let isJournalSettled = settledJournal.withLock { settled in
            guard let last = stack.journals.last else { return true }
            guard let settled else { return false }
            return settled.head == last.head && settled.end.endOffset >= last.endOffset
        }
        if isJournalSettled, settledCurrent.withLock({ $0 }) == stack.currentFile.bytes { return }
        let lock = try lock(.append)
        defer { withExtendedLifetime(lock) {} }
        let now = try writableStack(isSorted: false)
        try settleNames(now)
        try settle(now)
    }

    /// Whether a file of a root is known, as an instance or as none.
    package func isKnown(root: Int, path: [UInt8]) throws(IndexFault) -> Bool {
        var stack = try stack(isSorted: false)
        if try stack.mayHoldUnsorted(RootedPath(root: root, path: path)) { stack = try self.stack() }
        return try stack.snapshot.file(root: root, path: path) != nil
    }

    /// All contents that are known of a SOP Instance UID, whatever series claims it; the one that is served first.
    package func contents(of uid: UID) throws(IndexFault) -> [InstanceContent] {
        var stack = try stack(isSorted: false)
        if try stack.mayHoldUnsorted(uid) { stack = try self.stack() }
        return try stack.snapshot.contents(of: uid)
    }
}

extension OpenStack {
    /// Whether something may have been read, and isn't in the snapshot yet, that decides about a candidate.
    fileprivate func mayHoldUnsorted(_ candidate: StoreCandidate) throws(IndexFault) -> Bool {
        if try mayHoldUnsorted(candidate.entry.sopInstanceUID) { return true }
        for place in [candidate.entry.place] + candidate.replaced {
            if try mayHoldUnsorted(RootedPath(place)) { return true }
        }
        return false
    }
}

extension Snapshot {
    /// All contents of a SOP Instance UID, whatever series claims it; the one that is served first.
    func contents(of uid: UID) throws(IndexFault) -> [InstanceContent] {
        var contents: [InstanceContent] = []
        for instance in try instances(uid) { contents += try instance.contents() }
        return contents.sorted(by: InstanceContent.isServedBefore)
    }
}
