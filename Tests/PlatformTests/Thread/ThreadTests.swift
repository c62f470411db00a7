// Threads take what can't be copied, and are joined.

import Platform
import Testing

@Suite("Thread") struct ThreadTests {
    @Test func `a resource goes over, and ends there`() throws {
        let (first, second) = try Socket.pair()
        let kept = second.take()
        let thread = try Thread(named: "a name longer than fifteen bytes", stackBytes: 100_000, giving: first.take()) {
            socket in try? socket.send([1], blockedSeconds: 30)
        }
        thread.join()
        var buffer = [UInt8](repeating: 0, count: 4)
        #expect(try kept.receive(into: &buffer, at: 0) == 1)
        #expect(try kept.receive(into: &buffer, at: 0) == 0)
    }

    @Test func `a parcel is opened once`() {
        let parcel = Parcel(5)
        #expect(parcel.takeIfThere() == 5)
        #expect(parcel.takeIfThere() == nil)
    }
}
