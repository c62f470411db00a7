// Marks of availability in the journals: appended without a sync, carried on where journals are folded.

import DICOM
import Platform

extension IndexFolder {
    /// Who can't have the lock so soon does without a mark.
    private static let markWaitingSeconds = 1.0

    /// Marks instances as unavailable or as available again; every snapshot from now on knows, in any process. It isn't synced:
    /// a power cut may lose it.
    ///
    /// - Throws: where this process may not write here, or others write for longer than it waits.
    package func note(_ marks: [AvailabilityMark]) throws(IndexFault) {
        // Who marks what is marked already needs no lock.
        guard try hasNews(marks, try stack(isSorted: false)) else { return }
        let lock = try lock(.append, waitingSeconds: Self.markWaitingSeconds)
        defer { withExtendedLifetime(lock) {} }
        try append(Self.news(in: marks, over: try writableStack(isSorted: false).unavailable))
    }

    private func hasNews(_ marks: [AvailabilityMark], _ stack: OpenStack) throws(IndexFault) -> Bool {
        !Self.news(in: marks, over: stack.unavailable).isEmpty
    }

    private static func news(
        in marks: [AvailabilityMark], over known: UnavailableInstances
    ) -> [AvailabilityMark] {
        var known = known
        // First what is there again: that makes room.
        return (marks.filter { !$0.isUnavailable } + marks.filter(\.isUnavailable)).filter { known.apply($0) }
    }

    /// Writes all marks that stand to the live journal, before the journals that they stand in count no more.
    func carryMarks() throws(IndexFault) {
        guard try !stack(isSorted: false).unavailable.isEmpty else { return }
        let lock = try lock(.append)
        defer { withExtendedLifetime(lock) {} }
        try append(try writableStack(isSorted: false).unavailable.marks)
    }

    /// Under the append lock.
    private func append(_ marks: [AvailabilityMark]) throws(IndexFault) {
        var rest = marks[...]
        while !rest.isEmpty {
            let part = rest.prefix(AvailabilityCoding.marksMaximum)
            let journal = try liveJournal(try writableStack(isSorted: false))
            _ = try rereading { () throws(IndexFault) in
                try journal.append(
                    .availability, AvailabilityCoding.encode(part), in: path, kernel: kernel, isDurable: false)
            }
            rest = rest.dropFirst(part.count)
        }
    }
}
