// Data sets that are passed on as they arrive: every byte once and in order, from any cut.

import DICOM
import Support
import Testing
import UpperLayer

@Suite("Data sets passed on, PS3.8 Annex E") struct PassingOnTests {
    /// What came out of an assembler, with the bytes of the fragments.
    enum Event: Equatable {
        case command(PresentationContextID, [UInt8])
        case bytes(PresentationContextID, [UInt8], isLast: Bool)
        case dataSet(PresentationContextID, [UInt8])
    }

    /// Takes a P-DATA-TF's body; commands whose first byte is 1 announce a data set that is passed on, 2 one that is held.
    static func take(_ assembler: inout PDataAssembler, _ body: [UInt8]) throws -> [Event] {
        let pieces = try Fragments.pieces(&assembler, body) { assembler, bytes in
            if bytes.first == 1 { assembler.passOnDataSet() }
            if bytes.first == 2 { assembler.expectDataSet(limitBytes: 1_000) }
        }
        return pieces.compactMap { piece in
            switch piece {
            case .command(let id, let bytes): return .command(id, bytes)
            case .fragment(let id, let range, let isLast): return .bytes(id, Array(body[range]), isLast: isLast)
            case .dataSet(let id, let bytes): return .dataSet(id, bytes)
            case .dataSetOverLimit:
                Issue.record("nothing is over a limit")
                return nil
            }
        }
    }

    static func take(_ assembler: inout PDataAssembler, values: [PresentationDataValue]) throws -> [Event] {
        try take(&assembler, Fragments.body(values))
    }

    @Test(arguments: [8, 9, 16, 64, 4096, 0] as [UInt32])
    func `what was cut by any peer comes in order, with one end`(maximum: UInt32) throws {
        for length in [0, 1, 2, 3, 57, 300] {
            let content = (0..<length).map { UInt8(truncatingIfNeeded: $0) }
            var assembler = Fragments.assembler()
            var events: [Event] = []
            for (number, body) in try Fragments.bodies([1, 2, 3, 4], content, cutTo: maximum).enumerated() {
                #expect(assembler.isBetweenMessages == (number == 0))
                events += try Self.take(&assembler, body)
            }
            #expect(events.first == .command(Samples.one, [1, 2, 3, 4]) && assembler.isBetweenMessages)
            #expect(Self.whole(events.dropFirst()) == content)
        }
    }

    /// The bytes of one data set; nil where its end isn't the last and only one.
    static func whole(_ events: some Collection<Event>) -> [UInt8]? {
        var bytes: [UInt8] = []
        for (number, event) in events.enumerated() {
            guard case .bytes(Samples.one, let piece, let isLast) = event, isLast == (number == events.count - 1) else {
                return nil
            }
            bytes += piece
        }
        return events.isEmpty ? nil : bytes
    }

    @Test func `values of any length, in PDUs of any number of them, by chance`() throws {
        var generator = SeededGenerator.fresh()
        for _ in 0..<50 {
            let content = generator.bytes(Int.random(in: 0...400, using: &generator))
            var values = [Fragments.value([1])]
            var rest = content[...]
            repeat {
                let piece = rest.prefix(Int.random(in: 0...60, using: &generator))
                rest = rest.dropFirst(piece.count)
                values.append(Fragments.value(Array(piece), command: false, last: rest.isEmpty))
            } while !rest.isEmpty
            var assembler = Fragments.assembler()
            var events: [Event] = []
            var left = values[...]
            while !left.isEmpty {
                let some = left.prefix(Int.random(in: 1...5, using: &generator))
                left = left.dropFirst(some.count)
                events += try Self.take(&assembler, values: Array(some))
            }
            #expect(Self.whole(events.dropFirst()) == content, "\(generator)")
        }
    }

    @Test func `a command after a data set in one PDU, passed on and held by turns`() throws {
        var assembler = Fragments.assembler()
        let events = try Self.take(
            &assembler,
            values: [
                Fragments.value([1]), Fragments.value([7, 8], command: false, last: false),
                Fragments.value([], command: false),
                Fragments.value([2], in: Samples.three),
                Fragments.value([5], command: false, last: false, in: Samples.three),
                Fragments.value([6], command: false, in: Samples.three), Fragments.value([1, 1]),
                Fragments.value([9], command: false),
                Fragments.value([3]),
            ])
        #expect(
            events == [
                .command(Samples.one, [1]), .bytes(Samples.one, [7, 8], isLast: false),
                .bytes(Samples.one, [], isLast: true), .command(Samples.three, [2]),
                .dataSet(Samples.three, [5, 6]), .command(Samples.one, [1, 1]),
                .bytes(Samples.one, [9], isLast: true), .command(Samples.one, [3]),
            ])
        #expect(assembler.isBetweenMessages)
    }

    @Test func `no limit of bytes holds for what isn't kept`() throws {
        var assembler = Fragments.assembler(commandLimit: 4)
        var events = try Self.take(&assembler, values: [Fragments.value([1])])
        let piece = [UInt8](repeating: 5, count: 100_000)
        for _ in 0..<20 {
            events = try Self.take(&assembler, values: [Fragments.value(piece, command: false, last: false)])
            #expect(events == [.bytes(Samples.one, piece, isLast: false)])
        }
        #expect(!assembler.isBetweenMessages)
    }

    static let faults: [(values: [PresentationDataValue], fault: PDataFault)] = [
        ([Fragments.value([1])], .missingDataSet),
        (
            [Fragments.value([1], command: false, in: Samples.three)],
            .contextChanged(from: Samples.one, to: Samples.three)
        ),
        (
            [Fragments.value([1], command: false, in: PresentationContextID(rawValue: 5)!)],
            .unknownContext(PresentationContextID(rawValue: 5)!)
        ),
        (
            [Fragments.value([1], command: false), Fragments.value([2], command: false)],
            .unannouncedDataSet
        ),
        ([], .empty),
    ]

    @Test(arguments: 0..<faults.count, [false, true]) func `what is out of place gets its fault`(
        row: Int, isUnderWay: Bool
    ) throws {
        let (values, fault) = Self.faults[row]
        var assembler = Fragments.assembler()
        var before = [Fragments.value([1])]
        if isUnderWay { before.append(Fragments.value([4, 4], command: false, last: false)) }
        _ = try Self.take(&assembler, values: before)
        #expect(throws: fault) { try Self.take(&assembler, values: values) }
    }
}
