// Path templates: what they take, what they refuse, and the paths they make.

import DICOM
import Testing

/// An instance's attributes for a template.
private func attributes(_ build: (inout DataSet) -> Void = { _ in }) -> DataSet {
    var set = DataSet()
    set.set(.patientID, .LO, text: "P/1")
    set.set(.studyInstanceUID, .UI, text: "1.2.3")
    set.set(.seriesNumber, .IS, text: " 7 ")
    set.set(.modality, .CS, text: "CT")
    build(&set)
    return set
}

private let date = ReceiptDate(year: 2026, month: 3, day: 7)

private func path(_ template: String, _ set: DataSet = attributes()) throws -> String {
    try PathTemplate(parsing: template).components(of: set, receivedOn: date)
        .map { String(decoding: $0, as: UTF8.self) }.joined(separator: "/")
}

@Suite("Path templates") struct PathTemplateTests {
    @Test(arguments: [
        ("{PatientID}/{StudyInstanceUID}", "P%2F1/1.2.3"), ("{0010,0020}/x", "P%2F1/x"), ("{0020,000d}", "1.2.3"),
        ("{0020,000D}", "1.2.3"), ("{YYYY}/{MM}/{DD}", "2026/03/07"), ("{YYYY}-{MM}", "2026-03"),
        ("{SeriesNumber:04}-{Modality}", "0007-CT"), ("{SeriesNumber}", "7"), ("{SeriesNumber:01}", "7"),
        ("{Modality:04}", "CT"), ("{Modality:1}", "C"), ("{StudyInstanceUID:3}", "1.2"),
        ("{StudyInstanceUID:2}", "1%2E"),
        ("a{Modality}b.c/é", "aCTb.c/é"), ("{StudyDate}", "_"), ("{StudyDate}{StudyTime}-x", "__-x"),
    ])
    func `make a path of attributes and date`(template: String, expected: String) throws {
        #expect(try path(template) == expected)
    }

    @Test(arguments: [
        ("7", "0007"), ("-7", "-0007"), ("+7", "0007"), ("00007", "00007"), ("123456", "123456"), ("7.5", "7.5"),
        ("x", "x"), ("-", "-"), ("", "_"), ("7\\8", "0007"), ("\\8", "_"),
    ])
    func `pad numbers alone`(value: String, expected: String) throws {
        #expect(try path("{SeriesNumber:04}", attributes { $0.set(.seriesNumber, .IS, text: value) }) == expected)
    }

    @Test func `take the first value, decoded`() throws {
        let japanese = attributes {
            $0.set(.specificCharacterSet, .CS, text: "\\ISO 2022 IR 87")
            $0.set(.patientName, .PN, bytes: Array("Yamada^Tarou=".utf8) + [0x1B] + "$B;3ED".utf8 + [0x1B] + "(B".utf8)
        }
        #expect(try path("{PatientName}", japanese) == "Yamada^Tarou=山田")
        #expect(try path("{PatientName:3}", japanese) == "Yam")
        let latin = attributes {
            $0.set(.specificCharacterSet, .CS, text: "ISO_IR 100")
            $0.set(.patientID, .LO, bytes: [0xE9, 0x5C, 0x41])
        }
        #expect(try path("{PatientID}", latin) == "é")
    }

    @Test func `cut at characters, and leave no blank at the cut`() throws {
        let set = attributes {
            $0.set(.specificCharacterSet, .CS, text: "ISO_IR 192")
            $0.set(.patientID, .LO, text: "e\u{301}x  y")
        }
        #expect(try path("{PatientID:1}", set) == "e\u{301}" && path("{PatientID:3}", set) == "e\u{301}x")
    }

    @Test func `write numbers in decimal`() throws {
        let set = attributes {
            $0.set(Tag(0x0028, 0x0010), .US, bytes: [0x00, 0x02, 0x01, 0x00])
            $0.set(Tag(0x0018, 0x6020), .SL, bytes: [0xFF, 0xFF, 0xFF, 0xFF])
            $0.set(Tag(0x0018, 0x9073), .FD, bytes: [0, 0, 0, 0, 0, 0, 0xF8, 0x3F])
            $0.set(Tag(0x0020, 0x9165), .AT, bytes: [0x20, 0x00, 0x57, 0x90])
        }
        #expect(
            try path("{Rows:05}/{0018,6020:03}/{AcquisitionDuration}/{0020,9165}", set) == "00512/-001/1.5/00209057")
        let short = attributes { $0.set(Tag(0x0028, 0x0010), .US, bytes: []) }
        #expect(try path("{Rows}", short) == "_")
    }

    @Test func `read UN as the dictionary's VR, and private elements as text`() throws {
        let set = attributes {
            $0[.patientID] = DataElement(.patientID, .UN, .bytes(Array("P2 ".utf8)))
            $0[Tag(0x0019, 0x1001)] = DataElement(Tag(0x0019, 0x1001), .UN, .bytes(Array("x\0".utf8)))
            $0[.modality] = DataElement(.modality, .SQ, .items([]))
            $0[.studyID] = DataElement(.studyID, .OB, .bytes([0x41, 0x42]))
        }
        #expect(try path("{PatientID}/{0019,1001}/{Modality}/{StudyID}", set) == "P2/x/_/_")
    }

    @Test func `name the attributes they need`() throws {
        let template = try PathTemplate(parsing: "{StudyInstanceUID}/{PatientID}{YYYY}/{StudyInstanceUID:3}")
        #expect(template.tags == [.studyInstanceUID, .specificCharacterSet, .patientID])
        #expect(try PathTemplate(parsing: "{YYYY}").tags == [])
    }

    @Test(
        arguments: [
            ("", .empty), ("/a", .emptyComponent), ("a/", .emptyComponent), ("a//b", .emptyComponent),
            (".a", .unsafeLiteral(".", component: ".a")), ("..", .unsafeLiteral(".", component: "..")),
            ("x/../y", .unsafeLiteral(".", component: "..")), ("a.", .unsafeLiteral(".", component: "a.")),
            (" a", .unsafeLiteral(" ", component: " a")), ("a%b", .unsafeLiteral("%", component: "a%b")),
            ("a\\b", .unsafeLiteral("\\", component: "a\\b")),
            ("a\u{202E}", .unsafeLiteral("\u{202E}", component: "a\u{202E}")),
            ("{PatientID", .unpairedBrace(component: "{PatientID")),
            ("PatientID}", .unpairedBrace(component: "PatientID}")),
            ("{a{PatientID}}", .unpairedBrace(component: "{a{PatientID}}")),
            ("{Patient/ID}", .unpairedBrace(component: "{Patient")),
            ("{PatinetID}", .unknownField("PatinetID")), ("{}", .unknownField("")),
            ("{patientid}", .unknownField("patientid")),
            ("{0010,0021x}", .unknownField("0010,0021x")), ("{0010,00FF}", .unknownField("0010,00FF")),
            ("{+010,0020}", .unknownField("+010,0020")),
            ("{MessageID}", .notOfDataSet("MessageID")), ("{TransferSyntaxUID}", .notOfDataSet("TransferSyntaxUID")),
            ("{0008,0000}", .notOfDataSet("0008,0000")), ("{FFFE,E000}", .notOfDataSet("FFFE,E000")),
            ("{PixelData}", .notNameable("PixelData", vr: .OW)),
            ("{ReferencedStudySequence}", .notNameable("ReferencedStudySequence", vr: .SQ)),
            ("{PatientID:}", .invalidWidth("", field: "PatientID")),
            ("{PatientID:0}", .invalidWidth("0", field: "PatientID")),
            ("{PatientID:00}", .invalidWidth("00", field: "PatientID")),
            ("{PatientID:65}", .invalidWidth("65", field: "PatientID")),
            ("{PatientID:x}", .invalidWidth("x", field: "PatientID")),
            ("{PatientID:-1}", .invalidWidth("-1", field: "PatientID")),
            ("{PatientID:1:2}", .invalidWidth("1:2", field: "PatientID")),
        ] as [(String, PathTemplateFault)])
    func `refuse what is none, and say what`(template: String, fault: PathTemplateFault) {
        #expect(throws: fault) { try PathTemplate(parsing: template) }
        #expect(!fault.found.isEmpty && !fault.expected.isEmpty)
    }

    @Test func `have limits`() throws {
        let sixteen = Array(repeating: "a", count: 16).joined(separator: "/")
        #expect(try PathTemplate(parsing: sixteen).components(of: attributes(), receivedOn: date).count == 16)
        #expect(throws: PathTemplateFault.tooManyComponents(17)) { try PathTemplate(parsing: sixteen + "/a") }
        let parts = String(repeating: "{DD}", count: 32)
        #expect(try path(parts) == String(repeating: "07", count: 32))
        #expect(throws: PathTemplateFault.tooManyParts(component: parts + "a", count: 33)) {
            try PathTemplate(parsing: parts + "a")
        }
        let long = String(repeating: "a", count: 1_024)
        #expect(try path(long).utf8.count == SafeComponent.maximumBytes)
        #expect(throws: PathTemplateFault.tooLong(characters: 1_025)) { try PathTemplate(parsing: long + "a") }
    }

    @Test func `keep a missing value apart from one that is an underscore`() throws {
        #expect(try path("{PatientID}", attributes { $0.set(.patientID, .LO, text: "_") }) == "%5F")
        #expect(try path("{PatientID}_{StudyDate}", attributes { $0.set(.patientID, .LO, text: "_") }) == "%5F__")
    }
}
