// What one process has open of an index: the runs that `current` names, the journals, and their delta.

import DICOM
import Platform

/// Open runs and journals. A value: bringing it up to date makes a new one.
struct OpenStack: Sendable {
    var currentFile: CurrentFile
    let current: Current
    /// A newer minor version wrote `current`.
    private let isCurrentNewer: Bool
    private let runs: [UInt64: Run]
    private(set) var journals: [Journal] = []
    private(set) var delta = Delta()
    /// What the journals' marks say.
    private(set) var unavailable = UnavailableInstances()
    /// Of the journals, the frames of marks.
    private(set) var markBytes = 0
    /// Why the last frame of marks that can't be read can't be.
    private(set) var markFault: IndexFault?

    init(_ file: CurrentFile, in folder: IndexFolder, reusing old: OpenStack?) throws(IndexFault) {
        currentFile = file
        let text = try TextFile(decoding: file.bytes, kind: Current.kind, file: Current.name)
        current = try Current(text)
        isCurrentNewer = !text.isFullyKnown
        // Numbers mean nothing in another index.
        let old = old?.current.identity == current.identity ? old : nil
        var runs: [UInt64: Run] = [:]
        for entry in current.runs {
            if let open = old?.runs[entry.number], open.bytes.byteCount == entry.byteCount {
                runs[entry.number] = open
            } else {
                runs[entry.number] = try folder.openRun(entry)
            }
        }
        self.runs = runs
        if let old, old.current.firstJournal == current.firstJournal {
            journals = old.journals
            delta = old.delta
            unavailable = old.unavailable
            markBytes = old.markBytes
            markFault = old.markFault
        }
    }

    var snapshot: Snapshot {
        Snapshot(
            sources: current.runs.compactMap { runs[$0.number] } + delta.runs, generation: current.generation,
            journalSequence: delta.sequence, fallback: current.fallback, unavailable: unavailable)
    }

    /// Takes what was read last into the snapshot.
    mutating func sortIn() throws(IndexFault) { try delta.makePiece() }

    /// Bytes that were read and aren't in the snapshot yet.
    var unsortedBytes: Int { delta.unsorted.byteCount }

    /// Whether something of that UID may have been read that isn't in the snapshot yet.
    func mayHoldUnsorted(_ uid: UID) throws(IndexFault) -> Bool { try delta.unsorted.mayHold(uid) }

    /// The same of a file.
    func mayHoldUnsorted(_ path: RootedPath) throws(IndexFault) -> Bool { try delta.unsorted.mayHold(path) }

    /// Reads what was appended since; reads all journals again where one was cut short by its successor, or made anew because
    /// its name couldn't be synced.
    mutating func follow(in folder: IndexFolder) throws(IndexFault) {
        if let last = journals.last, try last.isUnlinked() { startOver() }
        while true {
            let next = current.firstJournal + UInt64(journals.count)
            // The next one first: what it says of its predecessor was written before it was there.
            if let successor = try folder.journal(next) {
                if let last = journals.indices.last {
                    guard successor.head.predecessor == journals[last].head.number else {
                        throw .damaged(file: successor.file, byte: 24, what: "it follows another journal")
                    }
                    let limit = Int(successor.head.predecessorEnd)
                    if journals[last].endOffset > limit {
                        startOver()
                        continue
                    }
                    do throws(IndexFault) {
                        try read(last, to: limit)
                        guard successor.head.firstSequence == journals[last].nextSequence else {
                            throw .damaged(file: successor.file, byte: 40, what: "its first sequence")
                        }
                    } catch {
                        // It may have been put in its own place anew since it was looked at.
                        guard case .damaged = error, try journals[last].isUnlinked() else { throw error }
                        startOver()
                        continue
                    }
                }
                journals.append(successor)
                continue
            }
            if let last = journals.indices.last { try read(last, to: nil) }
            // Sealed while it was read: the next one may be there by now.
            if journals.last?.sealedBy == next, try folder.journal(next) != nil {
                continue
            }
            // The first journal ever comes with the first append; a later one was there before `current` named it.
            if journals.isEmpty, next > 1 {
                throw .file(FileFault(.open, folder.path.appending(Journal.name(next)), .noEntry))
            }
            return
        }
    }

    private mutating func startOver() {
        journals = []
        delta = Delta()
        unavailable = UnavailableInstances()
        markBytes = 0
        markFault = nil
    }

    private mutating func read(_ index: Int, to limit: Int?) throws(IndexFault) {
        var journal = journals[index]
        for (frame, offset) in try journal.readOn(to: limit) {
            let base = offset + JournalFrame.headBytes
            switch frame.kind {
            case .entries:
                try delta.add(frame.payload, sequence: frame.sequence, file: journal.file, base: base)
            case .availability:
                markBytes += frame.byteCount
                do throws(IndexFault) {
                    let marks = try AvailabilityCoding.decode(frame.payload, file: journal.file, base: base)
                    for mark in marks { unavailable.apply(mark) }
                } catch {
                    // A hint that can't be read is none; `verify` says so.
                    markFault = error
                }
            case .sealed, .published, nil: break
            }
        }
        journals[index] = journal
    }

    /// Takes a frame of entries that this process has just written behind all that was read, without reading it back. Where it
    /// was read meanwhile, nothing is left to do.
    mutating func take(_ payload: [UInt8], writtenTo journal: Journal, upTo end: Journal.Position) throws(IndexFault) {
        guard let last = journals.indices.last, journals[last].head == journal.head,
            journals[last].position == journal.position
        else { return }
        try delta.add(
            payload, sequence: journal.nextSequence, file: journal.file,
            base: journal.endOffset + JournalFrame.headBytes)
        journals[last].pass(to: end)
    }

    /// Some of it is a newer minor version's: what that says besides would be lost in what we write.
    var isNewer: Bool {
        isCurrentNewer || runs.values.contains { $0.bytes.trailer.isNewer } || journals.contains { $0.head.isNewer }
    }

    /// Bytes of the journals that count.
    var journalBytes: Int { journals.reduce(0) { $0 + $1.endOffset } }
}
