// Fragmentation and assembly: each undoes the other, for any cut.

import DICOM
import Testing
import UpperLayer

@Suite("fragmentation, PS3.8 Annexes D.1 and E") struct FragmentationTests {
    @Test(arguments: 1...7 as ClosedRange<UInt32>) func `a maximum without room for two bytes is refused`(
        maximum: UInt32
    ) {
        #expect(Fragmentation(peerMaximumLength: maximum) == nil)
    }

    @Test(
        arguments: [
            (0, 131_066), (8, 2), (9, 2), (10, 4), (4096, 4090), (16384, 16378), (16383, 16376), (131_072, 131_066),
            (4_294_967_295, 131_066),
        ] as [(UInt32, Int)])
    func `fragments are even and fit`(maximum: UInt32, fragment: Int) {
        #expect(Fragmentation(peerMaximumLength: maximum)?.fragmentBytes == fragment)
    }

    @Test func `ranges cover every length without a gap, and an empty one has one`() {
        let cut = Fragmentation(peerMaximumLength: 16)!
        for length in 0..<100 {
            let ranges = Array(cut.ranges(of: length))
            #expect(ranges.count == cut.count(for: length) && !ranges.isEmpty)
            #expect(ranges.first?.lowerBound == 0 && ranges.last?.upperBound == length)
            for (left, right) in zip(ranges, ranges.dropFirst()) { #expect(left.upperBound == right.lowerBound) }
            #expect(ranges.dropLast().allSatisfy { $0.count == 10 })
        }
    }
}

@Suite("P-DATA assembly, PS3.8 Annex E") struct PDataAssemblerTests {
    /// Takes all pieces; each command announces a data set when `announces`.
    static func pieces(
        _ assembler: inout PDataAssembler, _ values: [PresentationDataValue], announces: Bool = false, limit: Int = 1000
    ) throws -> [PDataAssembler.Piece] {
        try Fragments.pieces(&assembler, Fragments.body(values)) { assembler, _ in
            if announces { assembler.expectDataSet(limitBytes: limit) }
        }
    }

    @Test(arguments: [8, 9, 16, 64, 4096, 0] as [UInt32])
    func `what was cut comes together again`(maximum: UInt32) throws {
        for length in [0, 1, 2, 3, 57, 300] {
            let content = (0..<length).map { UInt8(truncatingIfNeeded: $0) }
            var assembler = Fragments.assembler()
            var found: [PDataAssembler.Piece] = []
            for body in try Fragments.bodies([1, 2, 3, 4], content, cutTo: maximum) {
                found += try Fragments.pieces(&assembler, body) { assembler, _ in
                    assembler.expectDataSet(limitBytes: 1000)
                }
            }
            #expect(found == [.command(Samples.one, [1, 2, 3, 4]), .dataSet(Samples.one, content)])
            #expect(assembler.isBetweenMessages)
        }
    }

    @Test func `any number of PDVs in one PDU, empty ones too`() throws {
        var assembler = Fragments.assembler()
        let pieces = try Self.pieces(
            &assembler,
            [
                Fragments.value([], last: false), Fragments.value([1], last: false), Fragments.value([], last: true),
                Fragments.value([2], command: false, last: false), Fragments.value([3], command: false),
                Fragments.value([4], in: Samples.three), Fragments.value([], command: false, in: Samples.three),
            ], announces: true)
        #expect(
            pieces == [
                .command(Samples.one, [1]), .dataSet(Samples.one, [2, 3]), .command(Samples.three, [4]),
                .dataSet(Samples.three, []),
            ])
    }

    static let faults: [(values: [PresentationDataValue], announces: Bool, fault: PDataFault, abort: Abort)] = [
        ([], false, .empty, .invalidParameterValue),
        (
            [Fragments.value([1], in: PresentationContextID(rawValue: 5)!)], false,
            .unknownContext(PresentationContextID(rawValue: 5)!), .invalidParameterValue
        ),
        ([Fragments.value([1], command: false)], false, .unannouncedDataSet, .unexpectedParameter),
        (
            [Fragments.value([1]), Fragments.value([1], command: false)], false, .unannouncedDataSet,
            .unexpectedParameter
        ),
        (
            [Fragments.value([1], last: false), Fragments.value([1], command: false)], false, .unannouncedDataSet,
            .unexpectedParameter
        ),
        ([Fragments.value([1]), Fragments.value([1])], true, .missingDataSet, .unexpectedParameter),
        (
            [Fragments.value([1], last: false), Fragments.value([1], in: Samples.three)], false,
            .contextChanged(from: Samples.one, to: Samples.three), .unexpectedParameter
        ),
        (
            [Fragments.value([1]), Fragments.value([1], command: false, in: Samples.three)], true,
            .contextChanged(from: Samples.one, to: Samples.three), .unexpectedParameter
        ),
        ([Fragments.value([1, 2, 3, 4, 5])], false, .commandTooLong(limitBytes: 4), .invalidParameterValue),
    ]

    @Test(arguments: 0..<faults.count) func `what is out of place gets its abort`(row: Int) {
        let (values, announces, fault, abort) = Self.faults[row]
        var assembler = Fragments.assembler(commandLimit: 4)
        #expect(throws: fault) { try Self.pieces(&assembler, values, announces: announces) }
        #expect(fault.abort == abort)
    }

    @Test func `an over-long data set is read over, and the next message comes through`() throws {
        var assembler = Fragments.assembler()
        let pieces = try Self.pieces(
            &assembler,
            [
                Fragments.value([1]), Fragments.value([1, 2, 3], command: false, last: false),
                Fragments.value([4, 5], command: false, last: false), Fragments.value([6], command: false),
                Fragments.value([7]),
                Fragments.value([8], command: false),
            ], announces: true, limit: 4)
        #expect(
            pieces == [
                .command(Samples.one, [1]), .dataSetOverLimit(Samples.one), .command(Samples.one, [7]),
                .dataSet(Samples.one, [8]),
            ])
    }

    @Test func `T5 PDV lengths that lie are refused`() {
        for length: UInt32 in [0, 1, 4, 5, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF] {
            let lengthBytes = (0..<4).map { UInt8(truncatingIfNeeded: length >> UInt32(24 - 8 * $0)) }
            let body = lengthBytes + [1, 3, 9]
            var assembler = Fragments.assembler()
            var offset = 0
            #expect(throws: PDataFault.self, "length \(length)") {
                try assembler.taken(body, from: &offset)
            }
        }
        let evenContext: [UInt8] = [0, 0, 0, 3, 2, 3, 9]
        var assembler = Fragments.assembler()
        var offset = 0
        #expect(throws: PDataFault.self) { try assembler.taken(evenContext, from: &offset) }
    }
}
