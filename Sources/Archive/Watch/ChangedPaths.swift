// Which files and folders of a root changed: collected until nothing more comes for a moment, because changes come in crowds.

import Platform

/// Changed paths of one root, relative to it. A value that takes the time as an argument.
struct ChangedPaths {
    /// How long nothing may have come before what came is looked at.
    static let quietSeconds = 1.0
    /// Where something comes all the time, it is looked at after so long.
    static let longestSeconds = 5.0

    /// What is to be looked at, at once.
    struct Batch: Equatable {
        /// Ascending, none within another.
        var parts: [[UInt8]] = []
        /// For how long each file must have stayed as it is before it is read, where that is known.
        var settleSeconds: [[UInt8]: Double] = [:]
    }

    /// Paths that wait for quiet, and for how long each must have stayed as it is.
    private var waiting: [[UInt8]: Double] = [:]
    /// Paths that may still be written to.
    private var open: [[UInt8]: (deadline: Deadline, settleSeconds: Double)] = [:]
    private var first: MonotonicInstant?
    private var last: MonotonicInstant?
    /// No later than any deadline of `open`.
    private var nextOpen: Deadline?

    /// Notes that something changed at `path`, or below it.
    ///
    /// - Parameter settleSeconds: how long a file must have stayed as it is before it is read; 0 where it is whole.
    mutating func note(_ path: [UInt8], settleSeconds: Double, at now: MonotonicInstant) {
        waiting[path] = min(waiting[path] ?? settleSeconds, settleSeconds)
        if settleSeconds == 0 { open[path] = nil }
        first = first ?? now
        last = now
    }

    /// Notes that a file may still be written to: it is looked at when `note` says that it is whole, or after `seconds` if it
    /// stayed as it is for so long.
    mutating func postpone(_ path: [UInt8], bySeconds seconds: Double, at now: MonotonicInstant) {
        let deadline = Deadline(afterSeconds: seconds, from: now)
        // One that was whole is gone, and another is made in its place.
        if waiting[path] != nil { waiting[path] = seconds }
        open[path] = (deadline, seconds)
        nextOpen = min(nextOpen ?? deadline, deadline)
    }

    /// Whether the file may still be written to, as far as was told.
    func isOpen(_ path: [UInt8]) -> Bool { open[path] != nil }

    /// When there is something to be looked at; nil when nothing waits.
    var due: Deadline? {
        guard let first, let last else { return nextOpen }
        let quiet = min(
            Deadline(afterSeconds: Self.quietSeconds, from: last),
            Deadline(afterSeconds: Self.longestSeconds, from: first))
        return min(nextOpen ?? quiet, quiet)
    }

    /// Takes what is due; nil when nothing is.
    mutating func take(at now: MonotonicInstant) -> Batch? {
        if let nextOpen, nextOpen.hasPassed(at: now) {
            for (path, one) in open where one.deadline.hasPassed(at: now) {
                waiting[path] = min(waiting[path] ?? one.settleSeconds, one.settleSeconds)
                open[path] = nil
                // It has waited: no quiet is needed any more.
                first = first ?? MonotonicInstant(nanoseconds: 0)
                last = last ?? MonotonicInstant(nanoseconds: 0)
            }
            self.nextOpen = open.values.map(\.deadline).min()
        }
        guard first != nil, let due, due.hasPassed(at: now) else { return nil }
        var batch = Batch()
        batch.parts = waiting.keys.filter { !isCovered($0) }.sorted { $0.lexicographicallyPrecedes($1) }
        batch.settleSeconds = waiting
        for (path, one) in open where batch.settleSeconds[path] == nil { batch.settleSeconds[path] = one.settleSeconds }
        waiting = [:]
        first = nil
        last = nil
        return batch
    }

    /// Whether a folder above it waits as well, or all of the root.
    private func isCovered(_ path: [UInt8]) -> Bool {
        guard !path.isEmpty else { return false }
        if waiting[[]] != nil { return true }
        return path.indices.contains { path[$0] == 0x2F && waiting[Array(path[..<$0])] != nil }
    }
}
