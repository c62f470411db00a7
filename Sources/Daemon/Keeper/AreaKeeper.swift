// Keeping one area in order: leftovers go, the journal is folded, runs are merged, quotas are watched.

import Archive
import ArchiveIndex
import Configuration
import DICOM
import Platform

/// Keeps one area. Used by one thread.
final class AreaKeeper: @unchecked Sendable {
    private static let pauseSeconds = 0.5
    /// The same complaint isn't repeated sooner.
    private static let complaintSeconds = 600.0

    private let area: WrittenAreas.Area
    private let log: Logger
    private var index: IndexFolder?
    private var isSwept = false
    private var complaint = ""
    private var nextComplaint = Deadline(afterSeconds: 0)

    init(_ area: WrittenAreas.Area, log: Logger) {
        self.area = area
        self.log = log
    }

    /// Doesn't return: the process ends, whatever is being done.
    func run() {
        guard let pause = try? WakeDescriptor() else { return }
        while true {
            do throws(StoreFault) { try keep() } catch { complain("\(error)") }
            pause.wait(until: Deadline(afterSeconds: Self.pauseSeconds))
        }
    }

    private func keep() throws(StoreFault) {
        if !isSwept {
            let count = try storing { () throws(FileFault) in
                try IncomingFolder(ofInstances: area.paths.instances).sweep()
            }
            isSwept = true
            if count > 0 {
                log.info("removed what was never acknowledged", ("area", name), ("files", "\(count)"))
            }
        }
        guard let index = try openIndex() else { return }
        try indexing { () throws(IndexFault) in try index.foldAndMergeWhereDue() }
    }

    private var name: String { area.entry.aeTitle.text }

    /// The index; nil where nothing was stored or imported yet.
    private func openIndex() throws(StoreFault) -> IndexFolder? {
        if let index { return index }
        return try indexing { () throws(IndexFault) in
            guard try IndexFolder.exists(at: area.paths.index) else { return nil }
            index = try IndexFolder.open(at: area.paths.index, instancesFolder: area.paths.instances)
            return index
        }
    }

    private func complain(_ words: String) {
        guard words != complaint || nextComplaint.hasPassed else { return }
        complaint = words
        nextComplaint = Deadline(afterSeconds: Self.complaintSeconds)
        log.error("\(name) can't be kept in order: \(words)")
    }
}
