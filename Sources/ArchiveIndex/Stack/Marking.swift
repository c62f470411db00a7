// Marks of availability in the journals: appended without a sync, carried on where journals are folded.

import DICOM
import Platform

extension IndexFolder {
    /// Who can't have the lock so soon does without a mark.
    private static let markWaitingSeconds = 1.0

    /// Marks instances as unavailable or as available again; every snapshot from now on knows, in any process. It isn't synced:
    /// a power cut may lose it.
    ///
    /// - Parameter user: who does it.
    /// - Throws: where this process may not write here, or others write for longer than it waits.
    package func note(
        _ marks: [AvailabilityMark], as user: UInt32 = Privileges.userID
    ) throws(IndexFault) {
        // Who marks what is marked already needs no lock.
        guard try hasNews(marks, try stack(isSorted: false)) else { return }
        let lock = try lock(.append, waitingSeconds: Self.markWaitingSeconds)
        defer { withExtendedLifetime(lock) {} }
        try append(Self.news(in: marks, over: try writableStack(isSorted: false).unavailable), as: user)
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
        try append(try writableStack(isSorted: false).unavailable.marks, as: nil)
    }

    /// Under the append lock.
    ///
    /// - Parameter user: nil for one who begins journals anyway.
    private func append(_ marks: [AvailabilityMark], as user: UInt32?) throws(IndexFault) {
        var rest = marks[...]
        while !rest.isEmpty {
            let part = rest.prefix(AvailabilityCoding.marksMaximum)
            let stack = try writableStack(isSorted: false)
            if let user { try checkBeginning(stack, as: user) }
            let journal = try liveJournal(stack)
            _ = try rereading { () throws(IndexFault) in
                try journal.append(
                    .availability, AvailabilityCoding.encode(part), in: path, kernel: kernel, isDurable: false)
            }
            rest = rest.dropFirst(part.count)
        }
    }

    /// A journal that marks alone begin belongs to whom the index belongs to: those who store must be able to write to it.
    ///
    /// - Throws: where one would be begun by another user.
    private func checkBeginning(_ stack: OpenStack, as user: UInt32) throws(IndexFault) {
        if let last = stack.journals.last, !last.hasTornTail, last.sealedBy == nil { return }
        let owner = try wrapping { () throws(FileFault) in
            try File.status(of: path.appending(Current.name), kernel: kernel).userID
        }
        guard owner == user else {
            throw .refused(what: "\(path) belongs to user \(owner), who alone begins a journal for marks")
        }
    }
}
