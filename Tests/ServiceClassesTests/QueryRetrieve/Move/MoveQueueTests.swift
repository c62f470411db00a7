// The instances of a C-MOVE between several threads: each is dealt out once, and again only where it was given back.

import ArchiveIndex
import DICOM
import Platform
import Testing

@testable import ServiceClasses

@Suite("The instances of a C-MOVE, shared by threads") struct MoveQueueTests {
    static func references(_ numbers: ClosedRange<Int>) -> [InstanceReference] {
        numbers.map { Sample.reference($0, transferSyntax: TransferSyntax.explicitVRLittleEndian.uid) }
    }

    @Test func `deals out in order, and first what was given back`() {
        let queue = MoveQueue()
        let batch = queue.load(Self.references(1...2))
        let first = queue.take(of: batch)
        #expect(first?.reference.sopInstanceUID.text == "1.2.3.1" && first?.attempts == 0)
        if var unit = first {
            unit.attempts = 1
            queue.giveBack(unit)
        }
        let again = queue.take(of: batch)
        #expect(again?.reference.sopInstanceUID.text == "1.2.3.1" && again?.attempts == 1)
        #expect(queue.take(of: batch)?.reference.sopInstanceUID.text == "1.2.3.2")
        #expect(queue.take(of: batch) == nil)
    }

    @Test func `ends when nothing is under way and nothing will be`() {
        let queue = MoveQueue()
        let batch = queue.load(Self.references(1...3), isLast: true)
        let (first, second) = (queue.take(of: batch), queue.take(of: batch))
        #expect(first != nil && second != nil && !queue.settle())
        if let second { queue.giveBack(second) }
        #expect(queue.takeRest().map(\.sopInstanceUID.text) == ["1.2.3.2", "1.2.3.3"])
        #expect(!queue.hasEnded && queue.settle(2) && queue.hasEnded)
    }

    @Test func `after a stop it ends with what is under way, and the rest is nobody's`() {
        let queue = MoveQueue()
        let batch = queue.load(Self.references(1...3))
        #expect(queue.take(of: batch) != nil && queue.take(of: batch) != nil)
        #expect(queue.stop() == 2 && queue.takeRest().isEmpty)
        #expect(!queue.settle() && !queue.awaitEnd(withinSeconds: 0.01))
        #expect(queue.settle() && queue.awaitEnd(withinSeconds: 0))
    }

    @Test func `who asks for a batch that is over gets nothing of the next`() {
        let queue = MoveQueue()
        let first = queue.load([])
        #expect(!queue.awaitMore())
        let second = queue.load(Self.references(1...1))
        #expect(queue.take(of: first) == nil && queue.take(of: second) != nil)
    }

    @Test func `nothing is dealt out after a stop, which says how much is under way`() {
        let queue = MoveQueue()
        let batch = queue.load(Self.references(1...3))
        #expect(queue.take(of: batch) != nil)
        #expect(queue.stop() == 1 && queue.isStopped)
        #expect(queue.take(of: batch) == nil && !queue.awaitMore())
        #expect(queue.settle() && queue.stop() == 0)
    }

    @Test func `waits for what others have under way: it may come back`() throws {
        let queue = MoveQueue()
        let batch = queue.load(Self.references(1...1))
        let unit = try #require(queue.take(of: batch))
        let other = try Platform.Thread { queue.giveBack(unit) }
        #expect(queue.awaitMore())
        other.join()
        #expect(queue.take(of: batch) != nil)
        let last = try Platform.Thread { _ = queue.settle() }
        #expect(!queue.awaitMore())
        last.join()
    }

    @Test func `several threads share a batch without losing or doubling any`() throws {
        let queue = MoveQueue()
        let batch = queue.load(Self.references(1...2_000))
        let taken = Guarded<[String]>([])
        var threads: [Parcel<Platform.Thread>] = []
        for _ in 0..<4 {
            threads.append(
                Parcel(
                    try Platform.Thread {
                        while var unit = queue.take(of: batch) {
                            if unit.attempts == 0, unit.reference.sopInstanceUID.text.hasSuffix("7") {
                                unit.attempts = 1
                                queue.giveBack(unit)
                                continue
                            }
                            let uid = unit.reference.sopInstanceUID.text
                            taken.withLock { $0.append(uid) }
                            _ = queue.settle()
                        }
                    }))
        }
        for thread in threads { thread.take().join() }
        #expect(!queue.awaitMore())
        let all = taken.withLock { $0 }
        #expect(all.count == 2_000 && Set(all).count == 2_000)
    }
}
