import DICOM
import Support
import Testing

@testable import ArchiveIndex

@Suite("Attribute sets of a journal, FORMAT.md") struct AttributeCodingTests {
    private static func read(_ bytes: [UInt8], after last: AttributeSet = .empty) throws(IndexFault) -> AttributeSet {
        var reader = ByteReader(bytes, file: "journal")
        let set = try AttributeCoding.read(after: last, from: &reader)
        guard reader.isAtEnd else { throw reader.fault("more than a set") }
        return set
    }

    @Test func `golden: a set, the same again, none`() throws {
        var set = AttributeSet.empty
        set.append(.patientName, .PN, Array("A".utf8))
        set.append(.rows, .US, [])
        var bytes: [UInt8] = []
        AttributeCoding.append(set, after: .empty, to: &bytes)
        #expect(bytes == [3, 0x90, 0x80, 0x40, 0x4E, 0x50, 1, 0x41, 0x90, 0x80, 0xA0, 0x01, 0x53, 0x55, 0])
        #expect(try Self.read(bytes) == set)
        bytes = []
        AttributeCoding.append(set, after: set, to: &bytes)
        #expect(bytes == [0])
        #expect(try Self.read(bytes, after: set) == set)
        bytes = []
        AttributeCoding.append(.empty, after: set, to: &bytes)
        #expect(bytes == [1])
        #expect(try Self.read(bytes, after: set) == .empty)
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `sets of any kind come back byte for byte`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var last = AttributeSet.empty
        for set in PageTrial.sets(50, &generator) {
            var bytes: [UInt8] = []
            AttributeCoding.append(set, after: last, to: &bytes)
            #expect(try Self.read(bytes, after: last).bytes == set.bytes)
            for length in bytes.indices {
                #expect(throws: IndexFault.self) { try Self.read(Array(bytes[..<length]), after: last) }
            }
            last = set
        }
    }

    @Test func `attributes out of order, of no VR, or of no tag are refused`() {
        let name: [UInt8] = [0x90, 0x80, 0x40, 0x4E, 0x50, 0]
        let rows: [UInt8] = [0x90, 0x80, 0xA0, 0x01, 0x53, 0x55, 0]
        let noVR: [UInt8] = [0x90, 0x80, 0x40, 0x58, 0x58, 0]
        let noTag: [UInt8] = [0x80, 0x80, 0x80, 0x80, 0x10, 0x4E, 0x50, 0]
        for bad in [[3] + rows + name, [3] + name + name, [2] + noVR, [2] + noTag, [0xFF, 0x7F] + name] as [[UInt8]] {
            #expect(throws: IndexFault.self) { try Self.read(bad) }
        }
    }

    @Test func `hostile bytes are read or refused`() {
        var generator = SeededGenerator(seed: 4)
        var counts = (read: 0, refused: 0)
        for _ in 0..<3_000 {
            var bytes: [UInt8] = []
            AttributeCoding.append(PageTrial.sets(1, &generator)[0], after: .empty, to: &bytes)
            for _ in 0..<2 {
                bytes[Int.random(in: bytes.indices, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            }
            if let set = try? Self.read(bytes) {
                counts.read += 1
                #expect(set.bytes.count <= AttributeSet.headBytes * bytes.count)
            } else {
                counts.refused += 1
            }
        }
        #expect(counts.read > 0 && counts.refused > 0)
    }
}
