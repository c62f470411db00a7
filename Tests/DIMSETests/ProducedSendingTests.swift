// A data set that is produced while it is sent: what arrives is what was produced, in PDUs that the peer takes.

import DICOM
import DIMSE
import Testing
import UpperLayer

@Suite("Data sets sent as they are produced, PS3.7 §9.1.1, PS3.8 §E.1") struct ProducedSendingTests {
    static let store = FileSendingTests.store

    /// Produces `bytes` in steps of `step`, and throws instead of going on behind `end`.
    struct Producer {
        let bytes: [UInt8]
        var step = 1_000
        var end = Int.max
        var at = 0
        /// The most that was asked for at once.
        var wantedBytes = 0

        mutating func produce(_ out: inout [UInt8], _ wanted: Int) throws(ConversionFault) -> Bool {
            wantedBytes = max(wantedBytes, wanted)
            while out.count < wanted {
                if at >= end { throw .unreadable("gone") }
                if at == bytes.count { return false }
                let count = min(step, bytes.count - at)
                out += bytes[at..<(at + count)]
                at += count
            }
            return true
        }
    }

    @Test(arguments: [
        (16384, 600_000), (131_072, 600_000), (0, 262_132), (0, 262_128), (0, 262_130), (100, 5000), (16384, 2),
        (16384, 0), (16384, 3_000_000),
    ])
    func `the bytes arrive in order, the last fragment marked`(maximum: UInt32, length: Int) throws {
        for step in [1, 1_000, 65_544] where step > 1 || length < 10_000 {
            var producer = Producer(bytes: FileSendingTests.content(length), step: step)
            let (association, transport) = try RequestingTests.established(maximumLength: maximum)
            try association.send(Self.store, in: Sample.three) { (out, wanted) throws(ConversionFault) -> Bool in
                try producer.produce(&out, wanted)
            }
            var received: [UInt8] = []
            var lasts = 0
            for pdu in transport.sentPDUs {
                guard case .dataTransfer(let data) = pdu else { continue }
                for value in data.values where !value.isCommand {
                    #expect(lasts == 0, "nothing follows the last fragment")
                    received += value.fragment
                    lasts += value.isLast ? 1 : 0
                }
                #expect(maximum == 0 || data.values[0].fragment.count <= Int(maximum) - 6)
            }
            #expect(received == producer.bytes)
            #expect(lasts == 1)
            #expect(transport.sendCalls <= 2 + length / 200_000 + 1)
            #expect(producer.wantedBytes <= 262_145)
        }
    }

    @Test func `a fault before the first byte costs nothing, a later one the association`() throws {
        let (association, transport) = try RequestingTests.established()
        let sent = transport.sent.count
        var producer = Producer(bytes: FileSendingTests.content(900_000), end: 100_000)
        #expect(throws: AssociationFault.dataSet(.unreadable("gone"))) {
            try association.send(Self.store, in: Sample.three) { (out, wanted) throws(ConversionFault) -> Bool in
                try producer.produce(&out, wanted)
            }
        }
        #expect(association.state == .established && transport.sent.count == sent)
        producer = Producer(bytes: producer.bytes, end: 500_000)
        #expect(throws: AssociationFault.dataSet(.unreadable("gone"))) {
            try association.send(Self.store, in: Sample.three) { (out, wanted) throws(ConversionFault) -> Bool in
                try producer.produce(&out, wanted)
            }
        }
        #expect(association.state == .idle && transport.sentPDUs.last == .abort(.user))
        let last = transport.sentPDUs.contains {
            guard case .dataTransfer(let data) = $0 else { return false }
            return data.values.contains { !$0.isCommand && $0.isLast }
        }
        #expect(!last, "half a data set never passes for a whole one")
    }
}
