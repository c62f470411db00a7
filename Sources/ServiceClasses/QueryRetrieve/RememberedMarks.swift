// Marks of availability that a process keeps to itself, because it can't write to the index.

import ArchiveIndex
import Platform

/// Marks that go before those of the index. At most so many; beyond, the index's count alone. Nobody tells this process that a
/// file is there again, so that after a while it is supposed to be.
struct RememberedMarks {
    static let maximum = 16_384
    static let rememberedSeconds = 600.0

    private var since: MonotonicInstant?
    private var marks: [AvailabilityMark.Instance: AvailabilityMark] = [:]
    /// What they made of the index's, as long as those are the same.
    private var merged: (generation: UInt64, index: UnavailableInstances, all: UnavailableInstances)?

    mutating func remember(_ new: [AvailabilityMark], at now: MonotonicInstant = .now()) {
        if marks.isEmpty { since = now }
        for mark in new where marks[mark.instance] != nil || marks.count < Self.maximum {
            marks[mark.instance] = mark
        }
        merged = nil
    }

    /// The index has them now.
    mutating func forget(_ noted: [AvailabilityMark]) {
        guard !marks.isEmpty else { return }
        for mark in noted { marks[mark.instance] = nil }
        merged = nil
    }

    /// Puts them over those of a snapshot.
    mutating func add(to snapshot: inout Snapshot, at now: MonotonicInstant = .now()) {
        guard !marks.isEmpty else { return }
        if let since, now.seconds(since: since) > Self.rememberedSeconds {
            marks = [:]
            merged = nil
            return
        }
        if let merged, merged.generation == snapshot.generation, merged.index.isSame(as: snapshot.unavailable) {
            snapshot.unavailable = merged.all
            return
        }
        var all = snapshot.unavailable
        for mark in marks.values { all.apply(mark) }
        merged = (snapshot.generation, snapshot.unavailable, all)
        snapshot.unavailable = all
    }
}
