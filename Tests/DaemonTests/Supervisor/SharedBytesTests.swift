// The configuration's bytes as a worker gets them.

import Platform
import Support
import Testing

@testable import Daemon

@Suite("Bytes in shared memory") struct SharedBytesTests {
    @Test(arguments: [0, 1, 7, 8, 9, 15, 16, 17, 4_096, 20_001]) func `come out as they went in`(count: Int) throws {
        var generator = SeededGenerator(seed: UInt64(count))
        let bytes = generator.bytes(count)
        #expect(SharedBytes.bytes(in: try SharedBytes.table(holding: bytes)) == bytes)
    }

    @Test(arguments: [25, UInt64.max, 1 << 63]) func `a count that isn't true gives no more than there is`(
        count: UInt64
    ) throws {
        let table = try SharedBytes.table(holding: [UInt8](repeating: 7, count: 24))
        table[0] = count
        #expect(SharedBytes.bytes(in: table).count <= 4_096)
    }
}
