// OFD locks: they belong to the open file and go with its last descriptor, also when the process is killed.
// Threads that share one File need a lock between them as well.

extension File {
    /// Locks the bytes `range` if nobody is in the way; an own lock on them is replaced.
    ///
    /// - Returns: false when another open file holds a lock that excludes this one.
    package func tryLock(_ range: Range<Int>, _ kind: LockKind) throws(FileFault) -> Bool {
        do throws(Errno) { return try kernel.lock(descriptor, range, kind) } catch {
            throw FileFault(.lock, path, error)
        }
    }

    /// Gives up the lock on these bytes, whichever kind it is of; none is fine.
    package func unlock(_ range: Range<Int>) throws(FileFault) {
        do throws(Errno) { _ = try kernel.lock(descriptor, range, nil) } catch { throw FileFault(.lock, path, error) }
    }

    /// Whether another open file holds a lock on `range` that would exclude `kind`.
    package func isLocked(_ range: Range<Int>, against kind: LockKind) throws(FileFault) -> Bool {
        do throws(Errno) { return try kernel.isLocked(descriptor, range, against: kind) } catch {
            throw FileFault(.lock, path, error)
        }
    }

    /// Waits for the lock, by trying again and again: OFD locks know no time-out, and a thread in F_OFD_SETLKW can't be
    /// called. Between tries it sleeps, longer and longer, and never for just as long as others do.
    ///
    /// - Parameter pauseSeconds: of the first pause and of the longest, half more or less. Where these are the same, who came
    ///   last has no better odds than who waits for long.
    /// - Returns: false when the deadline passed first, or `wake` was woken.
    package func lock(
        _ range: Range<Int>, _ kind: LockKind, pauseSeconds: ClosedRange<Double> = 0.000_2...0.02,
        until deadline: Deadline?, wake: WakeDescriptor
    ) throws(FileFault) -> Bool {
        var pause = pauseSeconds.lowerBound
        while true {
            if try tryLock(range, kind) { return true }
            if wake.isAwake { return false }
            let now = MonotonicInstant.now()
            if let deadline, deadline.hasPassed(at: now) { return false }
            let next = Deadline(afterSeconds: pause * .random(in: 0.5...1.5), from: now)
            wake.wait(until: deadline.map { min($0, next) } ?? next)
            pause = min(pause * 1.5, pauseSeconds.upperBound)
        }
    }
}
