// What a sender is told of each reason: the status classes of PS3.4 Table B.2-1, the tags that are to blame, comments that fit.

import Archive
import ArchiveIndex
import DICOM
import DIMSE
import Platform
import Testing

@testable import ServiceClasses

@Suite("Statuses of C-STORE, PS3.4 §B.2.3, PS3.7 §9.1.1.1.9") struct StoreStatusTests {
    static let path: Path = "/secret/area/instances/patient"

    static func file(_ operation: FileFault.Operation, _ cause: Errno) -> FileFault {
        FileFault(operation, path, cause)
    }

    struct Row: Sendable {
        let fault: StoreFault
        let status: UInt16
        var offending: [DICOM.Tag] = []
    }

    static let outOfResources: [StoreFault] = [
        .file(file(.write, .noSpace)), .file(file(.open, Errno(code: 24))), .file(file(.makeFolder, .inputOutput)),
        .file(file(.synchronize, Errno(code: 30))), .index(.file(file(.synchronize, .inputOutput))),
        .index(.busy(what: "/secret")), .index(.refused(what: "/secret")), .overQuota(.freeBytes(left: 1, minimum: 2)),
        .overQuota(.freeInodes(left: 1, minimum: 2)), .overQuota(.areaBytes(used: 3, maximum: 2)),
        .overQuota(.studies(count: 3, maximum: 2)), .overQuota(.studyBytes(used: 3, maximum: 2)),
        .tooLarge(limitBytes: 16 << 30), .notAFolder(path),
    ]

    static let processingFailures: [StoreFault] = [
        .index(.damaged(file: "run-1", byte: 3, what: "/secret")), .index(.foreignVersion(file: "current", found: "9")),
    ]

    static let unableToProcess: [StoreFault] = [
        .unreadable(.notDICOM), .unreadable(.directory), .unreadable(.withoutTransferSyntax), .unreadable(.takenOut),
        .unreadable(.damaged(.truncated(offset: 1 << 40, neededBytes: 1 << 40, availableBytes: 3))),
        .unreadable(.damaged(.overLimit("items of a sequence", limit: 1 << 40, offset: 1 << 40))),
        .truncated(missingBytes: 1 << 40), .attributesTooLarge,
    ]

    static let rows: [Row] =
        outOfResources.map { Row(fault: $0, status: 0xA700) }
        + processingFailures.map { Row(fault: $0, status: 0x0110) }
        + unableToProcess.map { Row(fault: $0, status: 0xC000) }
        + RequiredUID.allCases.flatMap { uid in
            [
                Row(fault: .unreadable(.missing(uid)), status: 0xC000, offending: [uid.tag]),
                Row(fault: .unreadable(.invalid(uid)), status: 0xC000, offending: [uid.tag]),
            ]
        }
        + [RequiredUID.instance, .sopClass].map { uid in
            Row(
                fault: .contradicts(uid, announced: Sample.instance, found: Sample.mrImage), status: 0xA900,
                offending: [uid.tag])
        }
        + [Row(fault: .duplicate, status: 0x0111)]

    @Test(arguments: 0..<rows.count) func `each fault has its status, and names what is to blame`(row: Int) throws {
        let row = Self.rows[row]
        let refusal = StoreRefusal(row.fault)
        #expect(refusal.status == Status(rawValue: row.status), "\(row.fault)")
        #expect(refusal.offending == row.offending, "\(row.fault)")
        #expect(!refusal.comment.isEmpty && !refusal.comment.contains("secret"), "\(refusal.comment)")
        #expect(refusal.comment.utf8.allSatisfy { (0x20..<0x7F).contains($0) }, "\(refusal.comment)")
        // As it goes out.
        var request = CommandSet.storeRequest(
            messageID: 1, sopClass: Sample.ctImage, sopInstance: Sample.instance)
        request.hasDataSet = true
        let response = CommandSet.storeResponse(
            to: request, status: refusal.status, comment: refusal.comment, offending: refusal.offending)
        let sent = try CommandSet(decoding: response.encoded().rawSpan)
        #expect(sent.status == refusal.status)
        let comment = try #require(sent.errorComment)
        #expect(comment.utf8.count <= 64 && !comment.isEmpty && refusal.comment.hasPrefix(comment))
    }

    @Test func `what we say ourselves fits, nothing is cut`() {
        for fault in Self.rows.map(\.fault) {
            // What a parser says of a damaged data set may be longer; its beginning is what counts.
            if case .unreadable(.damaged) = fault { continue }
            #expect(StoreRefusal(fault).comment.utf8.count <= 64, "\(StoreRefusal(fault).comment)")
        }
    }
}
