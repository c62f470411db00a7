// OFD locks between open files, of one process and of two; values behind locks.

import Platform
import Support
import Testing

@Suite("OFD locks, hardening §3") struct LockTests {
    @Test func `an exclusive lock excludes other open files, by byte range`() throws {
        let folder = try TemporaryFolder()
        let one = try File.open(folder.appending("lock"), .openingOrCreating)
        let two = try File.open(folder.appending("lock"), .openingOrCreating)
        #expect(try one.tryLock(0..<1, .exclusive))
        #expect(try one.tryLock(0..<1, .exclusive))
        #expect(try !two.tryLock(0..<1, .shared))
        #expect(try two.isLocked(0..<1, against: .shared))
        #expect(try !one.isLocked(0..<1, against: .exclusive))
        #expect(try two.tryLock(1..<2, .exclusive))
        try one.unlock(0..<1)
        #expect(try two.tryLock(0..<1, .exclusive))
    }

    @Test func `shared locks go together and hold an exclusive one off`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write([1], to: "run")
        let one = try File.open(path)
        let two = try File.open(path)
        let remover = try File.open(path, .writing)
        #expect(try one.tryLock(0..<1, .shared))
        #expect(try two.tryLock(0..<1, .shared))
        #expect(try !remover.tryLock(0..<1, .exclusive))
        try one.unlock(0..<1)
        try two.unlock(0..<1)
        #expect(try remover.tryLock(0..<1, .exclusive))
    }

    @Test func `a lock outlives the close of another descriptor of the same file`() throws {
        let folder = try TemporaryFolder()
        let path = folder.appending("lock")
        let one = try File.open(path, .openingOrCreating)
        #expect(try one.tryLock(0..<1, .exclusive))
        do { _ = try File.open(path) }
        let other = try File.open(path, .writing)
        #expect(try !other.tryLock(0..<1, .exclusive))
    }

    @Test func `a lock goes with its killed holder`() throws {
        let folder = try TemporaryFolder()
        let path = folder.appending("lock")
        let other = try File.open(path, .openingOrCreating)
        let child: ChildProcess
        do {
            let file = try File.open(path, .openingOrCreating)
            #expect(try file.tryLock(0..<1, .exclusive))
            // The child holds the open file, and so the lock, after our descriptor is closed.
            child = try ChildProcess.spawn(
                try #require(ClientProcess.path(of: "cat")), arguments: ["cat", "/dev/zero"],
                inheriting: [.nothing(as: 1), Inheritance(file.descriptor, as: 5)])
        }
        #expect(try !other.tryLock(0..<1, .exclusive))
        child.send(.kill)
        #expect(try child.wait() == .killed(.kill))
        #expect(try other.tryLock(0..<1, .exclusive))
    }

    @Test func `waiting ends with the lock, the deadline, or a wake`() throws {
        let folder = try TemporaryFolder()
        let path = folder.appending("lock")
        let holder = try File.open(path, .openingOrCreating)
        let waiter = try File.open(path, .writing)
        let wake = try WakeDescriptor()
        #expect(try holder.tryLock(0..<1, .exclusive))
        #expect(try !waiter.lock(0..<1, .exclusive, until: Deadline(afterSeconds: 0), wake: wake))
        wake.wake()
        #expect(try !waiter.lock(0..<1, .exclusive, until: nil, wake: wake))
        wake.clear()
        let thread = try Thread(giving: Parcel(holder)) { parcel in
            let holder = parcel.take()
            try? holder.unlock(0..<1)
        }
        #expect(try waiter.lock(0..<1, .exclusive, until: Deadline(afterSeconds: 30), wake: wake))
        thread.join()
    }

    @Test func `a guarded value counts right from many threads`() throws {
        let guarded = Guarded(0)
        let threads = Guarded<[Parcel<Thread>]>([])
        for _ in 0..<4 {
            let thread = try Thread { for _ in 0..<1_000 { guarded.withLock { $0 += 1 } } }
            let parcel = Parcel(thread)
            threads.withLock { $0.append(parcel) }
        }
        for parcel in threads.withLock({ $0 }) { parcel.take().join() }
        #expect(guarded.withLock { $0 } == 4_000)
    }

    @Test func `a monitor hands values from thread to thread`() throws {
        let queue = Monitor<[Int]>([])
        let thread = try Thread { for number in 0..<100 { queue.withLock { $0.append(number) } } }
        var got: [Int] = []
        while got.count < 100 {
            let next = queue.withLock(when: { !$0.isEmpty }, until: Deadline(afterSeconds: 30)) { $0.removeFirst() }
            got.append(try #require(next))
        }
        thread.join()
        #expect(got == Array(0..<100))
        #expect(queue.withLock(when: { !$0.isEmpty }, until: Deadline(afterSeconds: 0)) { $0.removeFirst() } == nil)
    }
}
