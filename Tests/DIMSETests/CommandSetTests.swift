// Command sets as bytes: golden, truncated, mutated, round trips; T11.

import DICOM
import Testing

import DIMSE

@Suite("command sets, PS3.7 §6.3.1 and Annex E") struct CommandSetTests {
    /// C-ECHO-RQ with Message ID 1, as every implementation sends it.
    static let echo: [UInt8] =
        [0x00, 0x00, 0x00, 0x00, 0x04, 0x00, 0x00, 0x00, 0x38, 0x00, 0x00, 0x00]
        + [0x00, 0x00, 0x02, 0x00, 0x12, 0x00, 0x00, 0x00] + Array("1.2.840.10008.1.1\0".utf8)
        + [0x00, 0x00, 0x00, 0x01, 0x02, 0x00, 0x00, 0x00, 0x30, 0x00]
        + [0x00, 0x00, 0x10, 0x01, 0x02, 0x00, 0x00, 0x00, 0x01, 0x00]
        + [0x00, 0x00, 0x00, 0x08, 0x02, 0x00, 0x00, 0x00, 0x01, 0x01]

    static func decoded(_ bytes: [UInt8]) throws(DecodingFault) -> CommandSet {
        try CommandSet(decoding: bytes.rawSpan)
    }

    static var samples: [CommandSet] {
        let store = CommandSet.storeRequest(
            messageID: 65535, sopClass: Sample.ctImage, sopInstance: UID(literal: "1.2.3.4"), priority: .high,
            moveOriginator: AETitle("ODD")!, moveOriginatorMessageID: 9)
        let move = CommandSet.moveRequest(messageID: 3, sopClass: Sample.find, destination: AETitle("VIEWER")!)
        var full = CommandSet.retrieveResponse(
            to: move, status: .subOperationsCompleteWithFailures, remaining: 4, completed: 3, failed: 2, warning: 1,
            comment: "two instances failed", offending: [Tag(0x0008, 0x0018), Tag(0x7FE0, 0x0010)])
        full.hasDataSet = true
        full.requestedSOPClassUID = Sample.find
        full.requestedSOPInstanceUID = UID(literal: "1.2")
        full.errorID = 77
        full.eventTypeID = 1
        full.actionTypeID = 2
        full.attributeIdentifiers = [Tag(0x0010, 0x0010)]
        return [
            .echoRequest(messageID: 1), .echoResponse(to: .echoRequest(messageID: 1)), store, move, full,
            .cancelRequest(of: 12), .findRequest(messageID: 2, sopClass: Sample.find),
            .getRequest(messageID: 2, sopClass: Sample.find), .storeResponse(to: store, status: .outOfResources),
        ]
    }

    @Test func `what is cancelled before its turn has the counts of its sub-operations, PS3.4 §C_4_2_1_5`() throws {
        let find = CommandSet.cancelledResponse(to: .findRequest(messageID: 2, sopClass: Sample.find))
        #expect(find.field == .findResponse && find.messageID == 2 && find.status == .cancel)
        #expect(find.completed == nil && find.failed == nil && find.warning == nil)
        let retrievals: [CommandSet] = [
            .getRequest(messageID: 2, sopClass: Sample.find),
            .moveRequest(messageID: 2, sopClass: Sample.find, destination: AETitle("VIEWER")!),
        ]
        for request in retrievals {
            let response = try Self.decoded(CommandSet.cancelledResponse(to: request).encoded())
            #expect(response.field == request.field.response && response.messageID == 2)
            #expect(response.status == .cancel && response.affectedSOPClassUID == Sample.find)
            #expect(response.completed == 0 && response.failed == 0 && response.warning == 0)
            #expect(response.remaining == nil, "nobody counted them")
        }
    }

    @Test func `decodes and encodes the golden bytes`() throws {
        #expect(try Self.decoded(Self.echo) == .echoRequest(messageID: 1))
        #expect(CommandSet.echoRequest(messageID: 1).encoded() == Self.echo)
    }

    @Test(arguments: samples) func `every message survives a round trip`(command: CommandSet) throws {
        let bytes = command.encoded()
        #expect(bytes.count % 2 == 0)
        #expect(try Self.decoded(bytes) == command)
    }

    @Test(arguments: samples) func `every truncation throws or lacks an element, one flipped bit never traps`(
        command: CommandSet
    ) {
        var bytes = command.encoded()
        for length in 0..<bytes.count { _ = try? Self.decoded(Array(bytes[..<length])) }
        for bit in 0..<(bytes.count * 8) {
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            _ = try? Self.decoded(bytes)
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
        }
    }

    @Test(arguments: 0..<echo.count) func `T11 an echo request cut short throws`(length: Int) {
        #expect(throws: DecodingFault.self) { try Self.decoded(Array(Self.echo[..<length])) }
    }

    @Test func `T11 elements in any order, unknown ones and a wrong group length are read`() throws {
        var bytes = Array(Self.echo[58...]) + Array(Self.echo[12..<58])
        bytes += [0, 0, 0x10, 0x50, 4, 0, 0, 0, 1, 2, 3, 4]
        bytes += [0, 0, 0, 0, 4, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF]
        #expect(try Self.decoded(bytes) == .echoRequest(messageID: 1))
    }

    @Test func `T11 an element that stands twice throws`() {
        #expect(throws: DecodingFault.self) { try Self.decoded(Self.echo + Array(Self.echo[58...])) }
    }

    @Test func `T11 an element of another group throws`() {
        #expect(throws: DecodingFault.self) { try Self.decoded(Self.echo + [8, 0, 5, 0, 0, 0, 0, 0]) }
    }

    @Test func `T11 a UID that is none is listed, not fatal`() throws {
        var bytes = Self.echo
        bytes[20] = 0x01
        let command = try Self.decoded(bytes)
        #expect(command.affectedSOPClassUID == nil)
        #expect(command.malformedElements == [Tag(0x0000, 0x0002)])
    }

    @Test func `only 0101H means no data set`() throws {
        for (type, expected): (UInt8, Bool) in [(0x00, true), (0x01, false), (0x02, true)] {
            var bytes = Self.echo
            bytes[bytes.count - 2] = type
            bytes[bytes.count - 1] = type == 0x01 ? 0x01 : 0x00
            #expect(try Self.decoded(bytes).hasDataSet == expected)
        }
    }

    @Test func `an Error Comment is cut at 64 and printable`() throws {
        var response = CommandSet.response(to: .echoRequest(messageID: 1), status: .processingFailure)
        response.errorComment = String(repeating: "ä\\", count: 50)
        let comment = try Self.decoded(response.encoded()).errorComment
        #expect(comment == String(repeating: "?", count: 64))
    }

    @Test func `a response answers with the request's ID, class and instance`() {
        var request = CommandSet(CommandField(rawValue: 0x0130), messageID: 5)
        request.requestedSOPClassUID = Sample.find
        request.requestedSOPInstanceUID = UID(literal: "1.2")
        let response = CommandSet.response(to: request, status: .unrecognisedOperation)
        #expect(response.field.rawValue == 0x8130 && response.messageID == 5)
        #expect(response.affectedSOPClassUID == Sample.find)
        #expect(response.affectedSOPInstanceUID == UID(literal: "1.2"))
    }
}

@Suite("statuses, PS3.7 Annex C") struct StatusTests {
    static let kinds: [(UInt16, Status.Kind)] = [
        (0x0000, .success), (0x0001, .warning), (0x0107, .warning), (0x0116, .warning), (0xB000, .warning),
        (0xBFFF, .warning), (0xFF00, .pending), (0xFF01, .pending), (0xFE00, .cancel), (0x0105, .failure),
        (0x0122, .failure), (0xA700, .failure), (0xAFFF, .failure), (0xC000, .failure), (0xFFFF, .failure),
    ]

    @Test(arguments: kinds) func `a number has one kind`(number: UInt16, kind: Status.Kind) {
        #expect(Status(rawValue: number).kind == kind)
    }

    @Test func `words come with the number`() {
        #expect("\(Status.sopClassNotSupported)" == "0122H SOP class not supported")
        #expect("\(Status(rawValue: 0xC123))" == "C123H")
        #expect("\(CommandField.findRequest) \(CommandField.storeResponse)" == "C-FIND-RQ C-STORE-RSP")
        #expect("\(CommandField.cancelRequest) \(CommandField(rawValue: 0x1234))" == "C-CANCEL-RQ command 1234H")
    }
}
