// Stored values that keys meet: several, none, in sequences (PS3.4 §C.2.2.1.2, §C.2.2.2.6 to 8, §C.2.2.3).

import DICOM
import Testing

@testable import ArchiveIndex

@Suite("Values that keys meet, PS3.4 §C.2.2.3") struct MatchingValuesTests {
    @Test(arguments: [
        (VR.CS, "PRIMARY", "ORIGINAL\\PRIMARY\\AXIAL"), (.CS, "AX*", "ORIGINAL\\PRIMARY\\AXIAL"),
        (.LO, "B", "A\\ B \\C"), (.SH, "B", "A\\B"), (.UC, "B", "A\\B"), (.AE, "B", "A\\B"), (.IS, "2", "1\\02"),
        (.DS, "2", "1\\2.0"), (.UI, "1.3", "1.2\\1.3"), (.DA, "20240102", "20240101\\20240102"),
        (.TM, "10-11", "0900\\1030"), (.DT, "2024", "2023\\202406"), (.AS, "040Y", "039Y\\040Y"),
    ])
    func `any value of several may match`(vr: VR, key: String, stored: String) throws {
        #expect(try Trial.matches(vr, key, stored))
    }

    @Test(arguments: [VR.LO, .CS, .SH, .UC])
    func `a pattern doesn't run from one value into the next`(vr: VR) throws {
        #expect(try !Trial.matches(vr, "A*C", "AB\\BC"))
        #expect(try !Trial.matches(vr, "A?C", "A\\C"))
        #expect(try !Trial.matches(vr, "A", "B\\CA"))
    }

    @Test(arguments: [VR.LT, .ST, .UT])
    func `a text of one value has no delimiter`(vr: VR) throws {
        #expect(try Trial.matches(vr, "A\\B", "A\\B"))
        #expect(try !Trial.matches(vr, "B", "A\\B"))
        #expect(try Trial.matches(vr, "A*B", "A\\B"))
    }

    @Test(arguments: ["CT\\MR", "MR\\CT", "MR \\ CT", "M*\\CT"])
    func `several values of a key mean any of them, multiple value matching not being negotiated`(key: String) throws {
        #expect(try Trial.matches(.CS, key, "CT"))
        #expect(try Trial.matches(.CS, key, "MR"))
        #expect(try Trial.matches(.CS, key, "CT\\US"))
        #expect(try !Trial.matches(.CS, key, "US"))
        #expect(try !Trial.matches(.CS, key, "US\\PT"))
    }

    static let keys: [(VR, String)] = [
        (.LO, "A"), (.LO, "A*"), (.LO, "?*"), (.CS, "CT"), (.PN, "S*"), (.DA, "20240101"), (.DA, "-20240101"),
        (.TM, "10-"),
        (.DT, "2024"), (.IS, "0"), (.DS, "0"), (.UI, "1.2"), (.LT, "A"), (.SH, "A"),
    ]

    @Test(arguments: keys)
    func `an empty or missing value matches no key but the universal`(vr: VR, key: String) throws {
        for stored in [nil, "", "  ", "\0", " \0"] {
            #expect(try !Trial.matches(vr, key, stored), "\(stored.map { Array($0.utf8) } as Any)")
        }
    }

    @Test(arguments: keys)
    func `a site may let unknown values match every key`(vr: VR, key: String) throws {
        var options = MatchingOptions()
        options.unknownMatches = true
        for stored in [nil, "", "  "] { #expect(try Trial.matches(vr, key, stored, options: options)) }
        #expect(try !Trial.matches(vr, key, vr == .UI ? "7.8" : "30", options: options) || vr == .LO && key == "?*")
    }

    @Test func `a stored value that is none of its VR matches nothing, and harms nothing`() throws {
        for (vr, key) in Self.keys where [.DA, .TM, .DT, .IS, .DS, .UI].contains(vr) {
            #expect(try !Trial.matches(vr, key, "\u{7F}\u{1}?*-\\-\\"), "\(vr)")
        }
    }
}

@Suite("Sequence matching, PS3.4 §C.2.2.2.6") struct SequenceMatchingTests {
    static let stored: [DataSet] = [
        DataSet(values: [
            .requestedProcedureID: "RP1", .scheduledProcedureStepID: "SPS1",
            .scheduledProcedureStepDescription: "Schädel",
        ]),
        DataSet(values: [.requestedProcedureID: "RP2", .scheduledProcedureStepID: "SPS2"]),
    ]

    @Test func `all keys must match within one item`() throws {
        func key(_ procedure: String, _ step: String) -> DataSet {
            DataSet(values: [.requestedProcedureID: procedure, .scheduledProcedureStepID: step])
        }
        #expect(try Trial.matches(item: key("RP1", "SPS1"), Self.stored))
        #expect(try Trial.matches(item: key("RP2", "SPS2"), Self.stored))
        #expect(try Trial.matches(item: key("RP*", "?PS2"), Self.stored))
        #expect(try Trial.matches(item: key("RP1", ""), Self.stored))
        #expect(try !Trial.matches(item: key("RP1", "SPS2"), Self.stored))
        #expect(try !Trial.matches(item: key("RP3", ""), Self.stored))
    }

    @Test func `a key on what no item has, or without any item, doesn't match`() throws {
        let key = DataSet(values: [.accessionNumber: "A"])
        #expect(try !Trial.matches(item: key, Self.stored))
        #expect(try !Trial.matches(item: key, []))
        #expect(try !Trial.matches(item: key, [DataSet()]))
        #expect(try !Trial.matches(item: key, [DataSet(values: [.accessionNumber: ""])]))
    }

    @Test func `sequences within items are matched the same way`() throws {
        let code = DataSet(values: [.codeValue: "T-D1100", .codeMeaning: "Head"])
        let other = DataSet(values: [.codeValue: "T-D3000", .codeMeaning: "Chest"])
        let stored = Self.stored[0].with(.scheduledProtocolCodeSequence, items: [other, code])
        func key(_ value: String, _ meaning: String) -> DataSet {
            DataSet(values: [.requestedProcedureID: "RP1"]).with(
                .scheduledProtocolCodeSequence, items: [DataSet(values: [.codeValue: value, .codeMeaning: meaning])])
        }
        #expect(try Trial.matches(item: key("T-D1100", "Head"), [stored]))
        #expect(try Trial.matches(item: key("T-D1100", ""), [stored]))
        #expect(try Trial.matches(item: key("", ""), [stored]))
        #expect(try !Trial.matches(item: key("T-D1100", "Chest"), [stored]))
        #expect(try !Trial.matches(item: key("T-D1100", ""), Self.stored))
    }

    @Test func `an item's own character set holds for the item`() throws {
        var latin = DataSet()
        latin.set(.specificCharacterSet, .CS, text: "ISO_IR 100")
        latin.set(.scheduledProcedureStepDescription, .LO, bytes: [0x53, 0x63, 0x68, 0xE4, 0x64, 0x65, 0x6C])
        let key = DataSet(values: [.scheduledProcedureStepDescription: "Sch?del"])
        #expect(try Trial.matches(item: key, [latin]))
        #expect(try Trial.matches(item: key, Self.stored))
        var latinKey = DataSet()
        latinKey.set(.specificCharacterSet, .CS, text: "ISO_IR 100")
        latinKey.set(.scheduledProcedureStepDescription, .LO, bytes: [0x53, 0x63, 0x68, 0xE4, 0x64, 0x65, 0x6C])
        #expect(try Trial.matches(item: latinKey, Self.stored))
    }

    @Test func `a key has one item at most`() {
        #expect(throws: QueryFault.self) {
            try Matcher(
                DataElement(.requestAttributesSequence, .SQ, .items(Self.stored)), characterSet: .utf8,
                options: MatchingOptions())
        }
    }

    @Test func `a key that nests too deep is refused`() {
        var key = DataSet(values: [.codeValue: "X"])
        for _ in 0..<70 { key = DataSet().with(.scheduledProtocolCodeSequence, items: [key]) }
        #expect(throws: QueryFault.self) { try Trial.matches(item: key, []) }
    }
}
