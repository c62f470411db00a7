// A running C-GET or C-MOVE as its requester hears of it: pending responses, the final one, and the counts in both.

import DICOM
import DIMSE
import Platform
import Testing
import UpperLayer

@testable import ArchiveIndex
@testable import ServiceClasses

/// A requester's side of a connection: says what it is told to say, and keeps what it hears.
private final class ScriptedRequester: Transport {
    var nowSeconds = 0.0
    private var toSay: [UInt8] = []
    private var heard: [UInt8] = []
    private var isGone = false

    func say(_ bytes: [UInt8]) { toSay += bytes }

    func receive(into buffer: inout [UInt8], at offset: Int) throws(TransportFault) -> Int? {
        guard !toSay.isEmpty else { return isGone ? 0 : nil }
        let count = min(toSay.count, buffer.count - offset)
        buffer.replaceSubrange(offset..<(offset + count), with: toSay[..<count])
        toSay.removeFirst(count)
        return count
    }

    func waitToReceive(untilSeconds deadline: Double, isWakeable: Bool) throws(TransportFault) -> TransportReadiness {
        if !toSay.isEmpty || isGone { return .ready }
        nowSeconds = deadline
        return .timedOut
    }

    func send(_ buffers: [[UInt8]], _ pieces: [GatherPiece], timeoutSeconds: Double) throws(TransportFault) {
        if isGone { throw .closed }
        for piece in pieces { heard += buffers[piece.buffer][piece.range] }
    }

    func finishSending() {}
    func close() { isGone = true }

    /// The messages heard so far: commands and their data sets.
    func messages() throws -> [Message] {
        var messages: [Message] = []
        var (command, dataSet): ([UInt8], [UInt8]) = ([], [])
        var offset = 0
        while offset < heard.count {
            let rest = Array(heard[offset...])
            let header = try PDUHeader(decoding: rest.rawSpan)
            let body = Array(rest[6..<(6 + header.bodyBytes)])
            offset += 6 + header.bodyBytes
            // P-DATA-TF.
            guard rest[0] == 0x04 else { continue }
            for value in try DataTransfer(decoding: body.rawSpan).values {
                if value.isCommand { command += value.fragment } else { dataSet += value.fragment }
                guard value.isLast else { continue }
                let set = try CommandSet(decoding: command.rawSpan)
                guard !value.isCommand || !set.hasDataSet else { continue }
                messages.append(
                    Message(contextID: value.contextID, command: set, dataSet: set.hasDataSet ? dataSet : nil))
                (command, dataSet) = ([], [])
            }
        }
        return messages
    }
}

@Suite("Responses of C-GET and C-MOVE, PS3.4 §C.4.2.1.6, §C.4.3.1.5") struct RetrievalTests {
    static let get = UID(literal: "1.2.840.10008.5.1.4.1.2.2.3")

    /// A retrieval of so many instances, asked for with message 9.
    private static func retrieval(
        of total: Int, log: @escaping ServiceLog = { _ in }
    ) throws -> (Retrieval, ScriptedRequester) {
        let requester = ScriptedRequester()
        let request = AssociateRequest(
            called: try #require(AETitle("FILEROOM")), calling: try #require(AETitle("VIEWER")),
            presentationContexts: [
                ProposedPresentationContext(
                    id: contextID(1), abstractSyntax: get,
                    transferSyntaxes: [TransferSyntax.explicitVRLittleEndian.uid])
            ], userInformation: UserInformation(maximumLength: 16_384))
        requester.say(PDU.associateRequest(request).encoded())
        let association = try Association.accept(over: requester, peerName: "viewer") { _ in
            .accept(NegotiationPolicy(judge: { _, syntaxes, _ in .accept(syntaxes[0]) }))
        }
        let message = Message(contextID: contextID(1), command: .getRequest(messageID: 9, sopClass: get))
        let retrieval = Retrieval(
            request: message, requester: association, total: total, roots: [3: "/archive"], log: log)
        return (retrieval, requester)
    }

    static func references(_ numbers: ClosedRange<Int>) -> [InstanceReference] {
        numbers.map { Sample.reference($0, transferSyntax: TransferSyntax.explicitVRLittleEndian.uid) }
    }

    /// Remaining, completed, failed, warning.
    static func counts(_ command: CommandSet) -> [UInt16?] {
        [command.remaining, command.completed, command.failed, command.warning]
    }

    @Test func `a pending response goes out with the first sub-operation and holds all four counts`() throws {
        var (retrieval, requester) = try Self.retrieval(of: 3)
        #expect(try requester.messages().isEmpty)
        try retrieval.record(.unsent(reason: "file: gone"), of: Self.references(1...1)[0])
        let pending = try #require(try requester.messages().first)
        #expect(pending.command.status == .pending && Self.counts(pending.command) == [2, 0, 1, 0])
        #expect(pending.command.messageID == 9 && pending.command.affectedSOPClassUID == Self.get)
        #expect(pending.dataSet == nil, "the list of the failed belongs in the final response alone")
        #expect(pending.command.errorComment == nil)
    }

    @Test func `many small instances aren't outnumbered by responses, and the last has none but the final`() throws {
        var (retrieval, requester) = try Self.retrieval(of: 2_000)
        for reference in Self.references(1...2_000) { try retrieval.record(.answered(.success), of: reference) }
        // Twice a second, and this takes no minute.
        #expect((1...120).contains(try requester.messages().count))
        #expect(try requester.messages().allSatisfy { $0.command.status == .pending && $0.command.remaining != 0 })
        var (one, only) = try Self.retrieval(of: 1)
        try one.record(.answered(.success), of: Self.references(1...1)[0])
        #expect(try only.messages().isEmpty)
    }

    @Test func `the final response has no Remaining, and no data set where nothing failed`() throws {
        var (retrieval, requester) = try Self.retrieval(of: 2)
        for reference in Self.references(1...2) { try retrieval.record(.answered(.success), of: reference) }
        try retrieval.finish()
        let final = try #require(try requester.messages().last)
        #expect(final.command.status == .success && Self.counts(final.command) == [nil, 2, 0, 0])
        #expect(final.dataSet == nil && final.command.errorComment == nil)
    }

    @Test func `nothing to send is a success with zeros`() throws {
        let (retrieval, requester) = try Self.retrieval(of: 0)
        try retrieval.finish()
        let final = try #require(try requester.messages().last)
        #expect(
            final.command.status == .success && Self.counts(final.command) == [nil, 0, 0, 0] && final.dataSet == nil)
    }

    @Test func `the final response names what failed, and why the first did`() throws {
        var (retrieval, requester) = try Self.retrieval(of: 4)
        let outcomes: [SubOperation.Outcome] = [
            .answered(.success), .unsent(reason: "file: gone"), .answered(.coercionOfDataElements),
            .answered(.outOfResources),
        ]
        for (reference, outcome) in zip(Self.references(1...4), outcomes) {
            try retrieval.record(outcome, of: reference)
        }
        try retrieval.finish()
        let final = try #require(try requester.messages().last)
        #expect(final.command.status == .subOperationsCompleteWithFailures)
        #expect(Self.counts(final.command) == [nil, 1, 2, 1] && final.command.errorComment == "file: gone")
        let bytes = try #require(final.dataSet)
        let list = try DataSet(decoding: bytes.rawSpan, as: .explicitLittle)
        #expect(list.elements.map(\.tag) == [.failedSOPInstanceUIDList])
        #expect(list.text(.failedSOPInstanceUIDList) == "1.2.3.2\\1.2.3.4")
    }

    @Test func `the log names each instance that failed, with its file, up to a limit`() throws {
        var events: [ServiceEvent] = []
        var (retrieval, _) = try Self.retrieval(of: 300) { events.append($0) }
        let place = Place(
            root: 3, path: Array("one/two".utf8), sizeBytes: 1, modificationNs: 0, inode: 1, isTrusted: true,
            dataSetOffset: 0, digest: [])
        let syntax = TransferSyntax.explicitVRLittleEndian.uid
        let outcomes: [(Int, SubOperation.Outcome)] = [(1, .answered(.success)), (2, .answered(.outOfResources))]
        for (number, outcome) in outcomes {
            let reference = Sample.reference(number, transferSyntax: syntax, places: [place])
            try retrieval.record(outcome, of: reference)
        }
        #expect(events.map(\.message) == ["instance not sent"])
        #expect(events[0].weight == .warning)
        #expect(events[0].fields.map(\.name) == ["instance", "file", "reason"])
        #expect(events[0].fields.map(\.value).prefix(2) == ["1.2.3.2", "/archive/one/two"])
        #expect(events[0].fields[2].value.contains("A700H"))
        for reference in Self.references(3...300) { try retrieval.record(.unsent(reason: "gone"), of: reference) }
        #expect(events.count == RetrievalTally.loggedFailuresMaximum && retrieval.counts.failed == 299)
    }

    @Test func `a C-CANCEL ends it with what remains, and only its own`() throws {
        var (retrieval, requester) = try Self.retrieval(of: 5)
        for reference in Self.references(1...2) { try retrieval.record(.answered(.success), of: reference) }
        let cut = try #require(Fragmentation(peerMaximumLength: 16_384))
        for (messageID, isOurs) in [(8, false), (9, true)] as [(UInt16, Bool)] {
            var bytes: [UInt8] = []
            cut.append(CommandSet.cancelRequest(of: messageID).encoded(), in: contextID(1), isCommand: true, to: &bytes)
            requester.say(bytes)
            #expect(try retrieval.isCancelled() == isOurs)
        }
        #expect(try retrieval.isCancelled(), "and stays so")
        try retrieval.finish()
        let final = try #require(try requester.messages().last)
        #expect(final.command.status == .cancel && Self.counts(final.command) == [3, 2, 0, 0])
    }

    @Test func `a requester that is gone ends it`() throws {
        var (retrieval, requester) = try Self.retrieval(of: 5)
        requester.close()
        #expect(throws: AssociationFault.self) {
            try retrieval.record(.answered(.success), of: Self.references(1...1)[0])
        }
        var (other, gone) = try Self.retrieval(of: 5)
        gone.close()
        #expect(throws: AssociationFault.self) { try other.isCancelled() }
        let (third, news) = (try Self.retrieval(of: 5), try WakeDescriptor())
        var waiting = third.0
        third.1.close()
        #expect(throws: AssociationFault.self) { try waiting.awaitCancel(orWoken: news) }
    }

    @Test func `while nothing comes to its end, responses go on`() throws {
        var (retrieval, requester) = try Self.retrieval(of: 5)
        let news = try WakeDescriptor()
        news.wake()
        for _ in 0..<5 {
            try retrieval.awaitCancel(orWoken: news)
            try retrieval.report()
        }
        let pending = try requester.messages()
        // One at once, the next when half a second has passed.
        #expect((1...3).contains(pending.count))
        #expect(pending.allSatisfy { $0.command.status == .pending && Self.counts($0.command) == [5, 0, 0, 0] })
    }

    @Test func `what ends after the final response doesn't count`() throws {
        let (retrieval, requester) = try Self.retrieval(of: 2)
        let references = Self.references(1...2)
        retrieval.tally.record(.answered(.success), of: references[0])
        try retrieval.finish()
        retrieval.tally.record(.unsent(reason: "late"), of: references[1])
        retrieval.tally.recordAll(references, because: "late")
        #expect(retrieval.counts.failed == 0 && retrieval.counts.completed == 1)
        #expect(try requester.messages().count == 1)
    }

    @Test func `PS3.4 §C.4.2.1.6: counts end where their field ends, the work does not`() throws {
        var (retrieval, requester) = try Self.retrieval(of: 100_000)
        let reference = Self.references(1...1)[0]
        try retrieval.record(.answered(.success), of: reference)
        let first = try #require(try requester.messages().first)
        #expect(Self.counts(first.command) == [65_535, 1, 0, 0])
        for _ in 0..<70_000 { retrieval.tally.record(.answered(.success), of: reference) }
        for _ in 0..<29_999 { retrieval.tally.record(.answered(.outOfResources), of: reference) }
        try retrieval.finish()
        let final = try #require(try requester.messages().last)
        #expect(Self.counts(final.command) == [nil, 65_535, 29_999, 0])
        #expect(final.command.status == .subOperationsCompleteWithFailures)
        let bytes = try #require(final.dataSet)
        // UIDs of seven characters, and a backslash between them: (65,534 + 1) / 8.
        let list = try DataSet(decoding: bytes.rawSpan, as: .explicitLittle)
        #expect(list.text(.failedSOPInstanceUIDList)?.split(separator: "\\").count == 8_191)
    }

    // MARK: A destination that fails

    @Test func `what a lost destination didn't get has failed, all of it`() throws {
        var (retrieval, requester) = try Self.retrieval(of: 4)
        let references = Self.references(1...4)
        try retrieval.record(.answered(.success), of: references[0])
        retrieval.recordAll(Array(references.dropFirst()), because: "VIEWER: gone")
        try retrieval.finish()
        let final = try #require(try requester.messages().last)
        #expect(final.command.status == .subOperationsCompleteWithFailures)
        #expect(Self.counts(final.command) == [nil, 1, 3, 0] && final.command.errorComment == "VIEWER: gone")
    }

    @Test func `an instance that two series claim is two sub-operations, each with an end`() throws {
        var (retrieval, requester) = try Self.retrieval(of: 2)
        let first = Self.references(1...1)[0]
        let second = InstanceReference(
            studyInstanceUID: first.studyInstanceUID, seriesInstanceUID: Sample.uid("1.2.4"),
            sopInstanceUID: first.sopInstanceUID, sopClassUID: first.sopClassUID,
            transferSyntaxUID: first.transferSyntaxUID, places: [])
        try retrieval.record(.answered(.outOfResources), of: first)
        retrieval.recordAll([second], because: "VIEWER: gone")
        #expect(retrieval.counts.remaining == 0)
        try retrieval.finish()
        #expect(try requester.messages().last?.command.status == .unableToPerformSubOperations)
    }
}
