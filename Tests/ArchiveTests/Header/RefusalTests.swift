// Refusals: what an index remembers of them must mean the same for ever.

import DICOM
import Testing

import Archive

@Suite("Refusals, design: Import") struct RefusalTests {
    static let all: [Refusal] =
        [
            .notDICOM, .directory, .damaged(.truncated(offset: 1, neededBytes: 2, availableBytes: 0)),
            .deflate(.damaged), .withoutTransferSyntax,
        ] + RequiredUID.allCases.map { .missing($0) } + RequiredUID.allCases.map { .invalid($0) } + [.takenOut]

    @Test func `the codes are those that indexes hold`() {
        #expect(Self.all.map(\.code) == Array(1...4) + Array(6...15))
        #expect(Refusal.damaged(.invalid("tag", value: 1, offset: 2)).code == 3)
    }

    @Test func `a code says what it said when it was written`() {
        let words = [
            "not DICOM", "a DICOMDIR", "damaged", "damaged deflated data set",
            "no Transfer Syntax UID (0002,0010), and elements that are like none", "no SOP Class UID (0008,0016)",
            "no Study Instance UID (0020,000D)", "no Series Instance UID (0020,000E)",
            "no SOP Instance UID (0008,0018)", "SOP Class UID (0008,0016) is no UID",
            "Study Instance UID (0020,000D) is no UID", "Series Instance UID (0020,000E) is no UID",
            "SOP Instance UID (0008,0018) is no UID", "taken out of the index on purpose",
        ]
        #expect(Self.all.map { Refusal.words(code: $0.code) } == words)
    }

    @Test func `a code of a later version is a refusal without a reason`() {
        for code in UInt8(16)...255 {
            #expect(Refusal.words(code: code) == "refused")
            #expect(!Refusal.isForeign(code: code))
        }
    }

    @Test func `foreign is what is no instance at all, and its code says so too`() {
        #expect(Self.all.map(\.isForeign) == [true, true] + repeatElement(false, count: 12))
        #expect(Self.all.map { Refusal.isForeign(code: $0.code) } == Self.all.map(\.isForeign))
    }

    @Test func `a refusal names what it found`() {
        #expect("\(Refusal.missing(.study))" == "no Study Instance UID (0020,000D)")
        #expect("\(Self.all[2])" == "damaged: truncated at byte 1: 2 bytes needed, 0 there")
    }
}
