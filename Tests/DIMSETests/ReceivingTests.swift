// Data sets that go to a sink as they arrive, from scripted peers: exactly their bytes, in order, and an end in any case.

import DICOM
import DIMSE
import Support
import Testing
import UpperLayer

/// Keeps what it takes, for a test.
final class RecordingSink: DataSetSink {
    let command: CommandSet
    private(set) var bytes: [UInt8] = []
    private(set) var pieceCount = 0
    /// More are too many.
    var limitBytes = Int.max

    init(_ command: CommandSet) { self.command = command }

    func take(_ bytes: RawSpan) {
        self.bytes += [UInt8](copying: bytes)
        pieceCount += 1
    }

    var endlessness: String? { bytes.count > limitBytes ? "refused" : nil }
}

/// Gives out sinks for stores, and remembers them.
final class RecordingSinks {
    private(set) var given: [RecordingSink] = []
    /// Given out and not yet let go.
    weak var latest: RecordingSink?
    var keeps = true

    func serve(_ association: Association) {
        association.sink = { [self] command, context in
            guard command.field == .storeRequest else { return nil }
            #expect(context.abstractSyntax == Sample.ctImage)
            let sink = RecordingSink(command)
            latest = sink
            if keeps { given.append(sink) }
            return sink
        }
    }
}

@Suite("Sinks of data sets, PS3.7 §9, hardening T5, T13") struct ReceivingTests {
    static let five = PresentationContextID(index: 2)!

    static func store(_ messageID: UInt16) -> CommandSet {
        .storeRequest(
            messageID: messageID, sopClass: Sample.ctImage, sopInstance: UID("1.2.3.\(messageID)")!)
    }

    static func content(_ count: Int, _ seed: UInt8 = 0) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: $0 / 3) &+ seed }
    }

    static func message(_ messageID: UInt16, _ dataSet: [UInt8], maximum: UInt32 = 16384) -> [UInt8] {
        Sample.message(store(messageID), dataSet: dataSet, in: five, maximum: maximum)
    }

    static func established(
        _ steps: [ScriptedTransport.Step], limits: AssociationLimits = .standard
    ) throws -> (Association, ScriptedTransport, RecordingSinks) {
        var request = Sample.request()
        request.presentationContexts.append(
            ProposedPresentationContext(id: five, abstractSyntax: Sample.ctImage, transferSyntaxes: [Sample.implicit]))
        let transport = ScriptedTransport([.bytes(PDU.associateRequest(request).encoded())] + steps)
        let association = try AcceptingTests.accepted(transport, limits: limits)
        let sinks = RecordingSinks()
        sinks.serve(association)
        return (association, transport, sinks)
    }

    /// The sink of the message that was received last.
    static func sink(_ association: Association) -> RecordingSink? { association.receivedSink as? RecordingSink }

    @Test func `a sink gets exactly the bytes, from any cut into PDUs and reads`() throws {
        for length in [0, 1, 2, 100, 3_000] {
            let dataSet = Self.content(length)
            for maximum: UInt32 in [8, 64, 16384, 0] where length < 3_000 || maximum != 8 {
                let bytes = Self.message(7, dataSet, maximum: maximum)
                for size in [1, 7, 1_000, 100_000] {
                    let reads = stride(from: 0, to: bytes.count, by: size).flatMap {
                        [ScriptedTransport.Step.bytes(Array(bytes[$0..<min($0 + size, bytes.count)])), .pause]
                    }
                    let (association, _, _) = try Self.established(reads + [.close])
                    let message = try #require(try association.receive())
                    #expect(message.command.messageID == 7 && message.dataSet == nil && message.contextID == Self.five)
                    #expect(
                        Self.sink(association)?.bytes == dataSet,
                        "\(length) bytes, PDUs of \(maximum), reads of \(size)")
                }
            }
        }
    }

    @Test func `a data set over the limit of what is held goes to a sink all the same`() throws {
        var limits = AssociationLimits.standard
        limits.dataSetBytes = 100
        let dataSet = Self.content(300_000)
        let (association, transport, _) = try Self.established(
            [.bytes(Self.message(1, dataSet)), .close], limits: limits)
        #expect(try association.receive()?.command.messageID == 1)
        #expect(Self.sink(association)?.bytes == dataSet)
        #expect(transport.longestBuffer < 300_000, "it was never held")
    }

    @Test func `a data set that its sink has had enough of ends the association`() throws {
        let dataSet = Self.content(100_000)
        for (limit, isEnough) in [(100_000, false), (99_999, true), (40_000, true), (0, true)] {
            let (association, transport, sinks) = try Self.established([.bytes(Self.message(1, dataSet)), .close])
            let serve = association.sink
            association.sink = { command, context in
                let sink = serve?(command, context)
                (sink as? RecordingSink)?.limitBytes = limit
                return sink
            }
            guard isEnough else {
                #expect(try association.receive()?.command.messageID == 1)
                continue
            }
            #expect(throws: AssociationFault.violated(.endlessDataSet("refused"), answer: .user)) {
                try association.receive()
            }
            #expect(transport.isClosed && (sinks.latest?.bytes.count ?? 0) <= limit + 16_384)
            #expect(transport.sentPDUs.last == .abort(.user))
        }
    }

    @Test func `messages come in order, with and without sinks`() throws {
        let stored = Self.content(500)
        let (association, _, _) = try Self.established([
            .bytes(Sample.message(.echoRequest(messageID: 1))), .bytes(Self.message(2, stored)),
            .bytes(Sample.message(Sample.findRequest, dataSet: [1, 2], in: Sample.three)),
            .bytes(Self.message(8, [])), .bytes(Sample.message(.echoRequest(messageID: 9))), .close,
        ])
        #expect(try association.receive()?.command.messageID == 1)
        #expect(association.receivedSink == nil)
        #expect(try association.receive()?.command.messageID == 2)
        #expect(Self.sink(association)?.bytes == stored)
        let held = try #require(try association.receive())
        #expect(held.command.messageID == 7 && held.dataSet == [1, 2], "no sink: held as before")
        #expect(association.receivedSink == nil)
        #expect(try association.receive()?.command.messageID == 8)
        #expect(Self.sink(association)?.bytes == [])
        #expect(try association.receive()?.command.messageID == 9)
        #expect(association.receivedSink == nil)
    }

    /// One P-DATA-TF.
    static func pdu(_ values: [PresentationDataValue]) -> [UInt8] { PDU.dataTransfer(DataTransfer(values)).encoded() }

    static func value(_ fragment: [UInt8], isCommand: Bool, isLast: Bool = true) -> PresentationDataValue {
        PresentationDataValue(contextID: five, isCommand: isCommand, isLast: isLast, fragment: fragment)
    }

    static func command(_ messageID: UInt16) -> [UInt8] {
        var command = store(messageID)
        command.hasDataSet = true
        return command.encoded()
    }

    @Test func `two stores in one PDU are two messages with a sink each`() throws {
        let (association, _, sinks) = try Self.established([
            .bytes(
                Self.pdu([
                    Self.value(Self.command(1), isCommand: true), Self.value([1, 2], isCommand: false, isLast: false),
                    Self.value([3], isCommand: false), Self.value(Self.command(2), isCommand: true),
                    Self.value([4, 5], isCommand: false, isLast: false),
                ])), .bytes(Self.pdu([Self.value([6], isCommand: false)])), .close,
        ])
        #expect(try association.receive()?.command.messageID == 1)
        #expect(Self.sink(association)?.bytes == [1, 2, 3])
        #expect(try association.receive()?.command.messageID == 2)
        #expect(Self.sink(association)?.bytes == [4, 5, 6])
        #expect(sinks.given.map(\.command.messageID) == [1, 2])
    }

    @Test func `a sink that is refused for one store is asked for at the next`() throws {
        let (association, _, sinks) = try Self.established([
            .bytes(Self.message(1, [1, 2])), .bytes(Self.message(2, [3, 4])), .close,
        ])
        let serve = association.sink
        association.sink = { command, context in command.messageID == 1 ? nil : serve?(command, context) ?? nil }
        #expect(try association.receive()?.dataSet == [1, 2])
        #expect(try association.receive()?.command.messageID == 2)
        #expect(Self.sink(association)?.bytes == [3, 4] && sinks.given.count == 1)
    }

    // MARK: Ends

    /// A store of which so much arrived, then what follows.
    static func cut(_ count: Int, _ steps: ScriptedTransport.Step...) throws -> (
        Association, ScriptedTransport, RecordingSinks
    ) {
        let bytes = message(1, content(2_000), maximum: 512)
        let (association, transport, sinks) = try established([.bytes(Array(bytes.prefix(count)))] + steps)
        sinks.keeps = false
        return (association, transport, sinks)
    }

    @Test func `an abort, a close or silence in the middle of it ends the association, and its sink with it`() throws {
        let ends: [(step: ScriptedTransport.Step, fault: AssociationFault)] = [
            (.bytes(PDU.abort(.user).encoded()), .aborted(.user)), (.close, .closed(.message)),
            (.silence(seconds: 1e9), .timedOut(.message, seconds: 30)),
        ]
        // Behind the command, and behind the third fragment of the data set.
        let command = Sample.message(Self.store(1), in: Self.five, maximum: 512).count
        for (step, fault) in ends {
            for count in [command, command + 3 * 518] {
                var (association, transport, sinks): (Association?, ScriptedTransport, RecordingSinks) = try Self.cut(
                    count, step)
                #expect(AcceptingTests.fault { _ = try association?.receive() } == fault, "\(count) bytes")
                #expect(transport.isClosed && association?.state == .idle)
                #expect(association?.receivedSink == nil, "nobody takes it for a whole one")
                association = nil
                #expect(sinks.latest == nil, "and it is let go")
            }
        }
    }

    @Test func `a close in the middle of a PDU, wherever`() throws {
        let whole = Self.message(1, Self.content(2_000), maximum: 512)
        let commandBytes = Sample.message(Self.store(1), in: Self.five, maximum: 512).count
        for count in stride(from: 1, to: whole.count, by: 37) {
            let (association, transport, _) = try Self.cut(count, .close)
            let fault = AcceptingTests.fault { _ = try association.receive() }
            let stage: AssociationFault.Stage = count < commandBytes ? .nextMessage : .message
            #expect(fault == .closed(stage), "\(count) bytes: \(fault.map { "\($0)" } ?? "received")")
            #expect(transport.isClosed && association.receivedSink == nil)
        }
    }

    @Test func `what doesn't belong into a data set that is passed on gets its A-ABORT`() throws {
        let command = Self.pdu([Self.value(Self.command(1), isCommand: true)])
        let violations: [(name: String, bytes: [UInt8], abort: Abort)] = [
            ("another command", Self.pdu([Self.value(Self.command(2), isCommand: true)]), .unexpectedParameter),
            (
                "another context",
                PDU.dataTransfer(
                    DataTransfer([
                        PresentationDataValue(
                            contextID: Sample.three, isCommand: false, isLast: true, fragment: [1, 2])
                    ])
                ).encoded(), .unexpectedParameter
            ),
            ("a PDU of another kind", PDU.releaseResponse.encoded(), .unexpectedPDU),
            ("too long a PDU", [4, 0, 0, 2, 0, 1], .invalidParameterValue),
        ]
        for (name, bytes, abort) in violations {
            let (association, transport, _) = try Self.established([.bytes(command), .bytes(bytes), .close])
            let fault = AcceptingTests.fault { _ = try association.receive() }
            guard case .violated(_, answer: abort)? = fault else {
                Issue.record("\(name): \(fault.map { "\($0)" } ?? "received")")
                continue
            }
            #expect(transport.sentPDUs.last == .abort(abort) && association.receivedSink == nil, "\(name)")
        }
    }

    @Test func `T13 a sender of too few bytes a second is given up in the middle`() throws {
        let bytes = Self.message(1, Self.content(4_000))
        let (association, transport, _) = try Self.established(
            bytes.flatMap { [.bytes([$0]), .silence(seconds: 1)] })
        let fault = AcceptingTests.fault { _ = try association.receive() }
        #expect(fault == .tooSlow(bytesPerSecond: 1))
        #expect(transport.nowSeconds <= 1_000 + 60 + 10 + 2)
    }

    @Test func `what arrives while we wait for a response goes to its sink, and waits for its turn`() throws {
        let (association, _, _) = try Self.established([
            .bytes(Self.message(3, [1, 2, 3, 4])),
            .bytes(Sample.message(.echoResponse(to: .echoRequest(messageID: 1)))), .close,
        ])
        #expect(try association.receiveResponse(to: 1).command.field == .echoResponse)
        #expect(association.receivedSink == nil)
        #expect(try association.receive()?.command.messageID == 3)
        #expect(Self.sink(association)?.bytes == [1, 2, 3, 4])
    }

    @Test func `who releases is told of before the answer, and what was held up by then is stored`() throws {
        let (association, transport, _) = try Self.established([
            .bytes(Self.message(3, [1, 2])), .bytes(PDU.releaseRequest.encoded()), .close,
        ])
        var sentBefore: [PDU.Kind]?
        association.willRelease = { sentBefore = transport.sentPDUs.map(\.kind) }
        #expect(try association.receive()?.command.messageID == 3)
        #expect(sentBefore == nil)
        #expect(try association.receive() == nil)
        #expect(sentBefore == [.associateAccept])
        #expect(transport.sentPDUs.last?.kind == .releaseResponse)
    }
}
