// C-STORE from a file: what arrives is the file, in PDUs that the peer takes.

import DICOM
import DIMSE
import Platform
import Testing
import UpperLayer

@Suite("C-STORE from a file, PS3.7 §9.1.1") struct FileSendingTests {
    static let store = CommandSet.storeRequest(
        messageID: 1, sopClass: Sample.find, sopInstance: UID(literal: "1.2.3"))

    /// Calls `body` with a file of `bytes` that has no name any more.
    static func withFile(_ bytes: [UInt8], _ body: (borrowing File) throws -> Void) throws {
        let kernel = SystemKernel()
        let path = Path("/tmp/fileroom-dimse-\(UInt64.random(in: 0...UInt64.max))")
        let file = try File.open(path, .creating, kernel: kernel)
        try kernel.unlink(path)
        try file.write(bytes, at: 0)
        try body(file)
    }

    static func content(_ length: Int) -> [UInt8] {
        var value: UInt32 = 1
        return (0..<length).map { _ in
            value = value &* 1_664_525 &+ 1_013_904_223
            return UInt8(value >> 24)
        }
    }

    @Test(arguments: [(16384, 600_000), (131_072, 600_000), (0, 262_132), (100, 5000), (16384, 2), (16384, 0)])
    func `the bytes of the file arrive in order`(maximum: UInt32, length: Int) throws {
        let bytes = Self.content(132 + length + 10)
        try Self.withFile(bytes) { file in
            let (association, transport) = try RequestingTests.established(maximumLength: maximum)
            try association.send(Self.store, file: file, from: 132, length: length, in: Sample.three)
            var received: [UInt8] = []
            var lasts = 0
            for pdu in transport.sentPDUs {
                guard case .dataTransfer(let data) = pdu else { continue }
                for value in data.values where !value.isCommand {
                    received += value.fragment
                    lasts += value.isLast ? 1 : 0
                }
                #expect(maximum == 0 || data.values[0].fragment.count <= Int(maximum) - 6)
            }
            #expect(received == Array(bytes[132..<(132 + length)]))
            #expect(lasts == 1)
            #expect(transport.sendCalls <= 2 + length / 200_000 + 1)
        }
    }

    @Test func `a file too short at its start costs nothing, later it costs the association`() throws {
        try Self.withFile(Self.content(300_000)) { file in
            let (association, transport) = try RequestingTests.established()
            let sent = transport.sent.count
            #expect(throws: AssociationFault.fileTooShort(missingBytes: 10)) {
                try association.send(Self.store, file: file, from: 299_990, length: 20, in: Sample.three)
            }
            #expect(association.state == .established && transport.sent.count == sent)
            #expect(throws: AssociationFault.self) {
                try association.send(Self.store, file: file, from: 0, length: 300_010, in: Sample.three)
            }
            #expect(association.state == .idle && transport.sentPDUs.last == .abort(.user))
        }
    }
}
